"""Entries of BOP's JSON files; a wrong one is an error of one line that names file and entry. Millimetres end here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sparsedff.errors import BopError
from sparsedff.geometry import Float, inverse, transform

REMEDY = "copy the file again; docs/bop.md has the layout"
M_PER_MM = 0.001

_ROTATION_TOLERANCE = 1e-2  # annotations of older data sets are rounded


def entry_of(parent: Any, key: str, where: str) -> Any:
    """parent[key].

    Args:
        parent: an object of JSON.
        key: in it.
        where: file and place of the parent, for the error.

    Raises:
        BopError: the parent is no object, or has no such key.
    """
    if not isinstance(parent, Mapping):
        raise BopError(f"{where}: must be an object that has {key}, got {type(parent).__name__}; {REMEDY}")
    if key not in parent:
        raise BopError(f"{where}: has no {key}; {REMEDY}")
    return parent[key]


def numbers(parent: Any, key: str, shape: tuple[int, ...], where: str) -> Float:
    """parent[key], numbers in any nesting, in this shape; arguments as of `entry_of`.

    Raises:
        BopError: missing, not numbers, not finite, or another count.
    """
    values = entry_of(parent, key, where)
    try:
        array = np.asarray(values)
    except (ValueError, OverflowError):  # rows of different lengths
        array = np.asarray(None)
    if array.dtype.kind not in "fiu" or array.size != np.prod(shape) or not np.isfinite(array).all():
        raise BopError(f"{where}.{key}: must be {int(np.prod(shape))} finite numbers, got {values!r:.80}; {REMEDY}")
    return array.astype(np.float64).reshape(shape)


def number(parent: Any, key: str, where: str) -> float:
    """parent[key], one number; arguments and errors as of `numbers`."""
    return float(numbers(parent, key, (1,), where)[0])


def whole(parent: Any, key: str, where: str) -> int:
    """parent[key], a whole number not below 0; arguments as of `entry_of`.

    Raises:
        BopError: missing, or something else.
    """
    value = entry_of(parent, key, where)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BopError(f"{where}.{key}: must be a whole number not below 0, got {value!r:.60}; {REMEDY}")
    return value


def rigid(parent: Any, rotation: str, translation: str, where: str) -> Float:
    """The transform (4, 4) [m] of a rotation (9 numbers, row by row) and a translation [mm] under two keys.

    Raises:
        BopError: missing, not numbers, or no rotation.
    """
    turn, shift = numbers(parent, rotation, (3, 3), where), numbers(parent, translation, (3,), where)
    return transform(checked_rotation(turn, f"{where}.{rotation}"), M_PER_MM * shift)


def checked_rotation(matrix: Float, where: str) -> Float:
    """The matrix (3, 3), which must be a rotation within 0.01.

    Raises:
        BopError: it is none.
    """
    if np.abs(matrix.T @ matrix - np.eye(3)).max() > _ROTATION_TOLERANCE or np.linalg.det(matrix) < 0:
        raise BopError(f"{where}: is no rotation (R^T R is not the identity, or it mirrors); {REMEDY}")
    return matrix


def identifier(text: str, where: str) -> int:
    """The number that a key of an object stands for.

    Raises:
        BopError: it is no whole number.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BopError(f"{where}: keys are numbers of images or objects, got {text!r:.40}; {REMEDY}")
    return int(text)


def rigid_entries(target_from_source: Float, rotation: str, translation: str) -> dict[str, list[float]]:
    """What `rigid` reads back."""
    shift_mm = target_from_source[:3, 3] / M_PER_MM
    return {rotation: target_from_source[:3, :3].reshape(-1).tolist(), translation: shift_mm.tolist()}


def world_from(camera_from_world: Float | None) -> Float:
    """world_from_camera (4, 4) of an image; without a pose of its own the camera's frame is the world."""
    return np.eye(4) if camera_from_world is None else inverse(camera_from_world)
