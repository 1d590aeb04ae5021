"""What a page may say: the few kinds of messages that the studio answers, small and with finite numbers.

viser sets any attribute of an element that a message names, an element's list of callbacks too. Here only values pass.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

MOST_BYTES = 64 << 10
_MOST_TEXT = 1000
_MOST_ITEMS = 64
_FARTHEST = 1e6  # m, deg, steps: nothing on the page is larger

KINDS = {
    "GuiUpdateMessage",
    "ViewerCameraMessage",
    "ScenePointerMessage",
    "SceneNodeClickMessage",
    "TransformControlsUpdateMessage",
    "TransformControlsDragStartMessage",
    "TransformControlsDragEndMessage",
}


def is_allowed(raw: bytes | str) -> bool:
    """Whether a message from a page may be handed on to viser."""
    if isinstance(raw, str) or len(raw) > MOST_BYTES:
        return False
    try:
        message = msgspec.msgpack.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return False
    if not isinstance(message, dict) or not isinstance(message.get("type"), str) or message["type"] not in KINDS:
        return False
    if _items(message, 0) > _MOST_ITEMS:
        return False
    if message["type"] == "GuiUpdateMessage":
        updates = message.get("updates")
        return isinstance(updates, dict) and updates.keys() == {"value"} and isinstance(message.get("uuid"), str)
    return "wxyz" not in message or _is_rotation(message["wxyz"])


def _items(value: Any, depth: int) -> float:
    """How many values there are, infinitely many if one of them will not do."""
    if isinstance(value, (dict, list)):
        if depth > 4 or len(value) > _MOST_ITEMS:
            return math.inf
        inside = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        return 1 + sum(_items(each, depth + 1) for each in inside)
    if isinstance(value, str):
        return 1 if len(value) <= _MOST_TEXT else math.inf
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, (int, float)):
        return 1 if math.isfinite(value) and abs(value) <= _FARTHEST else math.inf
    return math.inf  # bytes, dates


def _is_rotation(wxyz: Any) -> bool:
    if not isinstance(wxyz, list) or len(wxyz) != 4 or not all(type(each) in (int, float) for each in wxyz):
        return False
    return 0.5 < math.hypot(*wxyz) < 2
