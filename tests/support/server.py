"""A local HTTP server that misbehaves as told."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Behaviour:
    """What the server does; requests are noted as (path, Range header).

    Attributes:
        content: of every file.
        break_after: of each answer's body, connections are closed after these many bytes, in turn; then no more.
        stall_after: the first answer stops sending here and keeps the connection open.
        announce: a Content-Length that is not the truth.
        ranges: whether it honours them.
        statuses: answered in turn before anything else.
        drip_s: pause between pieces.
        page: answered as HTML while the query does not say uuid=.
        chunked: no Content-Length.
    """

    content: bytes
    break_after: list[int] = field(default_factory=list)
    stall_after: int | None = None
    announce: int | None = None
    ranges: bool = True
    wrong_range: bool = False
    statuses: list[int] = field(default_factory=list)
    drip_s: float = 0.0
    page: str | None = None
    chunked: bool = False
    requests: list[tuple[str, str | None]] = field(default_factory=list)


@contextlib.contextmanager
def serve(behaviour: Behaviour) -> Iterator[str]:
    """The server's address, http://127.0.0.1:PORT, while the block runs."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError):  # a client that has seen enough
                self.answer()

        def answer(self) -> None:
            b = behaviour
            asked = self.headers.get("Range")
            b.requests.append((self.path, asked))
            if b.statuses:
                self.send_error(b.statuses.pop(0))
                return
            if b.page is not None and "uuid=" not in urlsplit(self.path).query:
                body = b.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and b.ranges else 0
            body = b.content[start:]
            self.send_response(206 if start else 200)
            if start:
                first = start + (1 if b.wrong_range else 0)
                self.send_header("Content-Range", f"bytes {first}-{len(b.content) - 1}/{len(b.content)}")
            if not b.chunked:
                self.send_header("Content-Length", str(b.announce - start if b.announce else len(body)))
            self.send_header("Content-Type", "application/octet-stream")
            self.end_headers()
            if b.break_after:
                body = body[: b.break_after.pop(0)]
            if b.stall_after is not None:
                self.wfile.write(body[: b.stall_after])
                self.wfile.flush()
                b.stall_after = None
                stop.wait(10)
                return
            step = max(1, len(body) // 5) if b.drip_s else max(1, len(body))
            for at in range(0, len(body), step):
                self.wfile.write(body[at : at + step])
                self.wfile.flush()
                time.sleep(b.drip_s)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        stop.set()
        server.shutdown()
        thread.join()
        server.server_close()
