"""Google Drive's page in place of a large file: "can't scan this file for viruses, download anyway?"."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit


class _Form(HTMLParser):
    """The first form's address and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action, self._inside = values.get("action", ""), True
        elif tag == "input" and self._inside and values.get("type") == "hidden" and values.get("name"):
            self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


def confirmed_url(page: str, url: str) -> str | None:
    """The address to which the page's question leads when it is answered with yes; None if it asks no such question.

    Only an address on the same host or one of Google's is followed.

    Args:
        page: HTML.
        url: where the page came from.
    """
    form = _Form()
    form.feed(page)
    if not form.action or "id" not in form.fields:
        return None
    address = urljoin(url, form.action)
    host, own = urlsplit(address).hostname or "", urlsplit(url).hostname
    if host != own and not host.endswith((".google.com", ".googleusercontent.com")):
        return None
    return f"{address}?{urlencode(form.fields)}"
