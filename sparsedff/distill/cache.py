"""Results of distillation on disk: what was made before from the same capture in the same way is not made again.

Two things are kept: the masks of the segmenter, and the raw feature cloud of the object that was chosen in them.

An entry is one .npz without pickles. Its name is the hash of its recipe: the images' content and calibration,
segmenter or backbone, weights, preprocessing, the code and the packages that compute. The recipe and a hash of the
arrays lie in it as well; an entry in which anything does not agree is rebuilt. Entries appear whole, so processes may
share a folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, is_dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Capture, View
from sparsedff.common.atomic import write_file
from sparsedff.errors import DistillError
from sparsedff.files.npz import read_npz
from sparsedff.files.opened import reason_of
from sparsedff.files.sha256 import sha256_of_array

log = logging.getLogger(__name__)

MAX_ENTRIES = 128
"""The oldest beyond these are removed. Half of them are masks, which are small; 64 clouds with DINOv2's 768 channels
are about a gigabyte."""

_PACKAGES = ("numpy", "opencv-python-headless", "scikit-image", "scipy", "torch", "transformers")
_ENTRY_NAME = re.compile(r"[0-9a-f]{40}")

Value = TypeVar("Value")


@dataclass(frozen=True)
class Form(Generic[Value]):
    """How a kind of result is written as arrays.

    Attributes:
        kind: its name, part of the recipe.
        pack: the arrays by name.
        unpack: the result from its arrays and the capture it was made from.
    """

    kind: str
    pack: Callable[[Value], dict[str, NDArray]]
    unpack: Callable[[Mapping[str, NDArray], Capture], Value]


def cached(
    folder: Path | None, capture: Capture, recipe: Mapping[str, Any], form: Form[Value], make: Callable[[], Value]
) -> Value:
    """The entry of this capture and recipe, or what `make` makes, which then becomes one.

    Args:
        folder: of the cache, made if need be; None = always make.
        capture: what is distilled.
        recipe: everything else that decides the result, as JSON can hold it; see `identity_of`.
        form: of the result.
        make: makes it.
    """
    if folder is None:
        return make()
    prints = [fingerprint(view) for view in capture.views]
    text = json.dumps({"kind": form.kind, "how": recipe, "capture": prints, "code": _code()}, sort_keys=True)
    path = folder / f"{_name_of(text.encode())}.npz"
    found = _read(path, text, capture, form)
    if found is not None:
        return found
    made = make()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, _packed(form.pack(made), text))
        _forget_oldest(folder)
    except OSError as error:
        log.warning("cache_path %s: cannot be written (%s); the run goes on without it", folder, error.strerror)
    return made


def _name_of(recipe: bytes) -> str:
    return hashlib.sha256(recipe).hexdigest()[:40]


def identity_of(thing: Any) -> dict[str, Any]:
    """What decides the results of a backbone or a segmenter: its `identity()`, or its class and fields."""
    if hasattr(thing, "identity"):
        return dict(thing.identity())
    if not is_dataclass(thing) or isinstance(thing, type):
        raise TypeError(f"{thing!r} must be a dataclass or say by identity() what decides its results")
    return {"class": type(thing).__name__, **asdict(thing)}


def fingerprint(view: View) -> dict[str, str]:
    """What a view holds, as hashes: the same images and calibration give the same."""
    arrays: dict[str, NDArray] = {
        "color": view.color_rgb,
        "depth": view.depth_m,
        "calibration": np.concatenate([view.intrinsics.ravel(), view.distortion, view.world_from_camera.ravel()]),
    }
    return {"serial": view.serial} | {name: sha256_of_array(array) for name, array in arrays.items()}


@lru_cache(maxsize=1)
def _code() -> dict[str, str]:
    """The code that distils and the packages it calls: an entry made by other code is not this one's result."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted([*(package / "distill").rglob("*.py"), package / "geometry.py"]):
        digest.update(file.relative_to(package).as_posix().encode() + file.read_bytes())
    result = {"sparsedff": digest.hexdigest()}
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            result[name] = version(name)
    return result


def _packed(arrays: Mapping[str, NDArray], recipe: str) -> bytes:
    content = json.dumps({name: sha256_of_array(array) for name, array in sorted(arrays.items())})
    texts = {"recipe": np.frombuffer(recipe.encode(), np.uint8), "content": np.frombuffer(content.encode(), np.uint8)}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, **texts)  # type: ignore[arg-type]
    return buffer.getvalue()


def _read(path: Path, recipe: str, capture: Capture, form: Form[Value]) -> Value | None:
    """The entry, or None if there is none or it does not check out."""
    if not path.exists():
        return None
    try:
        arrays = read_npz(path, DistillError, "it is made anew")
        content = json.loads(arrays.pop("content").tobytes())
        if arrays.pop("recipe").tobytes().decode() != recipe:
            raise ValueError("it was made from something else")
        if content != {name: sha256_of_array(array) for name, array in arrays.items()}:
            raise ValueError("its content has changed")
        found = form.unpack(arrays, capture)
    except Exception as error:  # whatever it is: an entry is worth nothing but the time to make it anew
        log.warning("cache: %s does not check out (%s); it is made anew", path, _brief(error, path))
        return None
    with suppress(OSError):
        path.touch()  # used now: the last to be forgotten
    return found


def _brief(error: Exception, path: Path) -> str:
    """The reason without what the line around it says anyway."""
    return reason_of(error).removeprefix(f"{path}: ").removesuffix("; it is made anew")


def _forget_oldest(folder: Path) -> None:
    """Remove the oldest entries beyond MAX_ENTRIES; files that `cached` did not write are the user's and stay."""
    named = [path for path in folder.glob("*.npz") if _ENTRY_NAME.fullmatch(path.stem)]
    if len(named) <= MAX_ENTRIES:
        return
    entries = []
    for path in filter(_is_entry, named):
        with suppress(OSError):  # another process may remove it in the meantime
            entries.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(entries)[:-MAX_ENTRIES]:
        path.unlink(missing_ok=True)


def _is_entry(path: Path) -> bool:
    """Whether a file is ours beyond doubt: its name is the hash of the recipe inside."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        return _name_of(read_npz(path, DistillError, "", only=("recipe",))["recipe"].tobytes()) == path.stem
    except (DistillError, KeyError):
        return False
