"""Images of a scene's folder: rgb or gray, depth, mask and mask_visib, found by the image's number.

Writers take a folder that appears as a whole (`common/atomic.py`, new_folder): they flush no image by itself.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.bop.entries import REMEDY
from sparsedff.errors import BopError
from sparsedff.files.image import read_color_image, read_depth_image

COLORS = ("rgb", "gray")
DEPTH, MASK, MASK_VISIBLE = "depth", "mask", "mask_visib"
_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


def image_ids(scene: Path) -> list[int]:
    """Numbers of a scene's colour images, ascending."""
    names = (path.stem for kind in COLORS for path in (scene / kind).glob("*") if path.suffix.lower() in _SUFFIXES)
    return sorted({int(name) for name in names if name.isascii() and name.isdecimal()})


def read_color(scene: Path, im_id: int) -> NDArray[np.uint8]:
    """The colour image (H, W, 3) uint8 RGB; a gray one has three equal channels.

    Raises:
        BopError: there is none, or it is damaged.
    """
    return read_color_image(_found(scene, COLORS, f"{im_id:06d}"), BopError)


def read_depth(scene: Path, im_id: int, unit_m: float) -> NDArray[np.float32]:
    """The depth image (H, W) [m], 0 = no reading; `unit_m` is the length of one unit [m].

    Raises:
        BopError: there is none, or it is damaged.
    """
    return read_depth_image(_found(scene, (DEPTH,), f"{im_id:06d}"), BopError, unit_m)


def read_mask(scene: Path, kind: str, im_id: int, instance: int) -> NDArray[np.bool_]:
    """The silhouette (H, W) of an object: `kind` is mask or mask_visib, `instance` its place in scene_gt.json.

    Raises:
        BopError: there is none, or it is damaged.
    """
    image = read_color_image(_found(scene, (kind,), f"{im_id:06d}_{instance:06d}"), BopError)
    return np.asarray(image.any(axis=2), dtype=np.bool_)


def write_color(color_rgb: NDArray[np.uint8], scene: Path, im_id: int) -> None:
    """Write a colour image (H, W, 3) RGB as PNG.

    Raises:
        OSError: it cannot be written.
    """
    _write(np.ascontiguousarray(color_rgb[..., ::-1]), scene / COLORS[0] / f"{im_id:06d}.png")


def write_depth(depth_m: NDArray[np.floating], scene: Path, im_id: int, unit_m: float) -> None:
    """Write a depth image (H, W) [m] as PNG of 16 bits.

    Raises:
        BopError: a depth does not fit.
        OSError: it cannot be written.
    """
    units = np.round(depth_m.astype(np.float64) / unit_m)
    if units.max(initial=0) > np.iinfo(np.uint16).max:
        raise BopError(f"{scene}: image {im_id}: depth of {depth_m.max():.1f} m does not fit; use a larger depth_scale")
    _write(units.astype(np.uint16), scene / DEPTH / f"{im_id:06d}.png")


def write_mask(mask: NDArray[np.bool_], scene: Path, kind: str, im_id: int, instance: int) -> None:
    """Write a silhouette (H, W); arguments as of `read_mask`.

    Raises:
        OSError: it cannot be written.
    """
    _write(255 * mask.astype(np.uint8), scene / kind / f"{im_id:06d}_{instance:06d}.png")


def _found(scene: Path, kinds: tuple[str, ...], stem: str) -> Path:
    for kind in kinds:
        for suffix in _SUFFIXES:
            path = scene / kind / f"{stem}{suffix}"
            if path.exists():
                return path
    raise BopError(f"{scene / kinds[0] / stem}.png: no such image; {REMEDY}")


def _write(image: NDArray, path: Path) -> None:
    encoded, content = cv2.imencode(".png", image)
    if not encoded:
        raise OSError(f"{path.name} could not be encoded")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.tobytes())
