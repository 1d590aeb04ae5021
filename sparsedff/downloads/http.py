"""One request for a file or the rest of it, and what the server's answer means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sparsedff.downloads.webpage import confirmed_url
from sparsedff.errors import DownloadError


class Interrupted(Exception):
    """Worth another attempt."""


@dataclass(frozen=True)
class Response:
    """A body that is about to come.

    Attributes:
        start: the first byte it holds, 0 or the one asked for.
        total: size of the whole file [bytes], None where the server does not say.
        body: of requests; `iter_content` reads it.
    """

    start: int
    total: int | None
    body: requests.Response


@contextmanager
def ask(url: str, start: int, timeout_s: float, by_hand: Path | None = None) -> Iterator[Response]:
    """The file at `url` from byte `start` on, or whole where the server cannot continue.

    Args:
        url: http(s).
        start: first byte wanted.
        timeout_s: for a connection, and without any byte.
        by_hand: where a person can put the file if the host answers with a web page; None takes pages as they come.

    Raises:
        Interrupted: the server is busy or cannot continue; asking from byte 0 may help.
        DownloadError: the server refuses, or answers with a web page that no program can pass.
        requests.RequestException: no connection, no answer in time.
    """
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with requests.Session() as session:
        answer = session.get(url, stream=True, timeout=timeout_s, headers=headers)
        if by_hand is not None and _is_page(answer):
            with closing(answer):
                page = answer.raw.read(1 << 20, decode_content=True).decode("utf-8", "replace")
            further = confirmed_url(page, url)
            if further:
                answer = session.get(further, stream=True, timeout=timeout_s, headers=headers)
            if not further or _is_page(answer):
                raise DownloadError(
                    f"{url}: the host answers with a web page (too many downloads, or a question to a person); open it "
                    f"in a browser, save the file as {by_hand} and run this again"
                )
        with closing(answer):
            if url.startswith("https://") and not answer.url.startswith("https://"):
                raise DownloadError(f"{url}: leads on to {answer.url[:120]}, which is not encrypted; not followed")
            first = _first_byte(answer, url, start)
            length = answer.headers.get("Content-Length", "")
            yield Response(first, first + int(length) if length.isdigit() else None, answer)


def _is_page(answer: requests.Response) -> bool:
    return "text/html" in answer.headers.get("Content-Type", "")


def _first_byte(answer: requests.Response, url: str, start: int) -> int:
    if answer.status_code == 206:
        if not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise Interrupted("the server continued at another place than asked")
        return start
    if answer.status_code in (416, 429) or answer.status_code >= 500:
        raise Interrupted(f"the server answers {answer.status_code}")
    if answer.status_code != 200:
        raise DownloadError(f"{url}: the server answers {answer.status_code} {answer.reason}")
    return 0


def reason(error: Exception) -> str:
    """The innermost cause in a few words: the HTTP library wraps it in four layers of addresses."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    cause: Any = error
    while isinstance(deeper := getattr(cause, "reason", None) or next(iter(cause.args), None), BaseException):
        cause = deeper
    return " ".join(str(cause).split()).rpartition(": ")[2][:100] or type(cause).__name__
