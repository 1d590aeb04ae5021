"""Who may speak to the studio: only a page that was opened with its secret address, from the studio's own server.

Any page in the same browser can send requests to this machine, with an Origin of its own; a name that its owner points
to this machine (DNS rebinding) makes the Origin look right, but not the Host; and what is neither page nor browser has
to know the token, which is a part of the address.
"""

from __future__ import annotations

import gzip
import hmac
import html
import http
import ipaddress
import secrets
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response

_KEPT_PRIVATE = {
    "Referrer-Policy": "no-referrer",  # the address holds the token
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Guard:
    """Decides on requests before anything else looks at them.

    Attributes:
        host: that the server listens on.
        token: first part of the path of every address; a new one for every studio.
    """

    host: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def refuses(self, request: Request) -> str | None:
        """Why a request is refused; None lets it pass."""
        try:
            host, origin = request.headers.get("Host"), request.headers.get("Origin")
        except MultipleValuesError:
            return "a header stands there twice"
        if host is None or not self._is_own(host):
            return "it is meant for another host"
        if origin is not None and (origin.count("//") != 1 or urlsplit(origin).netloc.lower() != host.lower()):
            return "it comes from a page of another origin"
        given = request.path.partition("?")[0].strip("/").split("/")[0]
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return "it lacks the token; open the address that `sparsedff studio` has printed"
        return None

    def without_token(self, request: Request) -> Request:
        """The request as the server behind the guard knows it."""
        path, mark, query = request.path.partition("?")
        rest = path.removeprefix(f"/{self.token}")
        return Request(f"{rest or '/'}{mark}{query}", request.headers)

    def _is_own(self, host: str) -> bool:
        """Whether a Host header names this machine by number or by a name it has; a port may be forwarded."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        machine = socket.gethostname().lower()
        if name in {"localhost", self.host.lower(), machine, f"{machine}.local"}:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True  # a number cannot be pointed elsewhere by the owner of a name


def refusal(reason: str) -> Response:
    """The answer to a request that is refused."""
    body = f"Refused: {reason}.\n".encode()
    headers = Headers({"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))})
    return Response(http.HTTPStatus.FORBIDDEN.value, "Forbidden", headers, body)


def titled(response: Response, title: str) -> Response:
    """An answer whose page, if it is one, has a title of its own; viser's page has viser's name."""
    if not response.headers.get("Content-Type", "").startswith("text/html") or not response.body:
        return response
    packed = response.headers.get("Content-Encoding") == "gzip"
    page = gzip.decompress(response.body) if packed else response.body
    page = page.replace(b"<title>Viser</title>", f"<title>{html.escape(title)}</title>".encode(), 1)
    body = gzip.compress(page) if packed else page
    headers = Headers(response.headers)
    del headers["Content-Length"]
    headers["Content-Length"] = str(len(body))
    return Response(response.status_code, response.reason_phrase, headers, body)


def keep_private(response: Response) -> Response:
    """An answer with what keeps the address, and the page, from other pages."""
    for name, value in _KEPT_PRIVATE.items():
        response.headers[name] = value
    return response
