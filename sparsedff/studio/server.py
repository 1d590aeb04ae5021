"""viser's server behind the guard: requests and messages are looked at before viser sees them."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import viser
import websockets.asyncio.server as websocket_server

from sparsedff.errors import StudioError
from sparsedff.studio.guard import Guard, keep_private, refusal, titled
from sparsedff.studio.incoming import MOST_BYTES, is_allowed

log = logging.getLogger(__name__)

_ONE_AT_A_TIME = threading.Lock()


def open_server(guard: Guard, port: int, label: str) -> viser.ViserServer:
    """A server that answers only what the guard lets pass.

    Args:
        guard: names the host to listen on.
        port: to listen on; the next free one is taken if it is in use.
        label: title of the page.

    Raises:
        StudioError: this version of viser starts its server in a way that the guard does not know.
    """
    with _ONE_AT_A_TIME, _guarded(guard, label) as was_used:
        with contextlib.redirect_stdout(io.StringIO()):  # our own line says where it is
            server = viser.ViserServer(host=guard.host, port=port, label=label, verbose=False)
        if not was_used():
            server.stop()
            raise StudioError("studio: this version of viser cannot be guarded; install the one in constraints.txt")
    # viser could hand the page on through a server of its makers: nothing leaves this machine.
    server.request_share_url = lambda verbose=True: None
    return server


@contextlib.contextmanager
def _guarded(guard: Guard, title: str) -> Iterator[Callable[[], bool]]:
    """Inside the block servers of websockets are started with the guard; viser has no argument for that."""
    original, used = websocket_server.serve, threading.Event()

    def serve(handler: Callable[[Any], Any], host: str, port: int, **options: Any) -> Any:
        used.set()
        behind = options["process_request"]

        def process(connection: Any, request: Any) -> Any:
            reason = guard.refuses(request)
            if reason is not None:
                return refusal(reason)
            response = behind(connection, guard.without_token(request))
            return None if response is None else keep_private(titled(response, title))

        async def handle(connection: Any) -> None:
            receive, told = connection.recv, False

            async def checked(*arguments: Any, **settings: Any) -> Any:
                nonlocal told
                while True:
                    raw = await receive(*arguments, **settings)
                    if is_allowed(raw):
                        return raw
                    if not told:  # once a connection: a log is no place to flood
                        log.warning("studio: messages that no page of ours sends are passed over")
                        told = True

            connection.recv = checked
            await handler(connection)

        guarded = {**options, "process_request": process, "max_size": MOST_BYTES}
        return original(handle, host, port, **guarded)

    websocket_server.serve = serve  # type: ignore[assignment,misc]
    try:
        yield used.is_set
    finally:
        websocket_server.serve = original  # type: ignore[misc]
