"""Stills for calibration, as scripts/capture.py writes them, and what they show of the board.

    DIR/SERIAL/NAME.png (or .jpg)          one per camera and moment; stills of one NAME were taken at the same moment
    DIR/SERIAL/intrinsic.npy (3, 3)        the factory's lens for images of this size [px],
    DIR/SERIAL/distortion.npy (8,)         OpenCV's rational model; both only needed by --intrinsics factory

scripts/capture.py numbers its stills 0000.png, 0001.png, ... A camera may lack stills that others have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from sparsedff.calibration.board import Board
from sparsedff.calibration.detect import Detection, detect
from sparsedff.calibration.observations import Observations, gather
from sparsedff.capture.files.camera_folder import read_distortion, read_intrinsics
from sparsedff.capture.files.serials import natural_order
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float

SUFFIXES = (".png", ".jpg", ".jpeg")
_CENTRE_SHARE = 0.2  # a factory lens whose centre is further off belongs to another image size


@dataclass(frozen=True)
class CameraStills:
    """One camera's stills.

    Attributes:
        serial: the camera, its folder's name.
        folder: where they lie.
        image_size: (width, height) [px], the same for all.
        paths: file by name, in natural order.
    """

    serial: str
    folder: Path
    image_size: tuple[int, int]
    paths: dict[str, Path]

    def factory_lens(self) -> tuple[Float, Float]:
        """intrinsic.npy (3, 3) [px] and distortion.npy (8 or fewer) beside the stills.

        Raises:
            CalibrationError: missing, damaged, or of another image size.
        """
        path = self.folder / "intrinsic.npy"
        if not path.exists():
            raise CalibrationError(
                f"{path}: no such file; copy the factory's intrinsic.npy and distortion.npy there, or solve for the "
                "lens with --intrinsics solve"
            )
        intrinsics, distortion = read_intrinsics(path), read_distortion(self.folder / "distortion.npy")
        for axis, size in enumerate(self.image_size):
            if abs(intrinsics[axis, 2] / size - 0.5) > _CENTRE_SHARE:
                raise CalibrationError(
                    f"{path}: its centre {intrinsics[:2, 2].round().tolist()} is not that of images of "
                    f"{self.image_size[0]} x {self.image_size[1]}; take the factory's lens at the stills' size"
                )
        return intrinsics, distortion


def read_stills(folder: Path | str, only: Sequence[str] = ()) -> list[CameraStills]:
    """Which stills there are, by camera, in natural order of the serials; images are not decoded.

    Args:
        folder: DIR.
        only: names of the stills that are wanted; empty takes all.

    Raises:
        CalibrationError: no folder, no camera, no still, a wanted name that no camera has, a file that is no image, or
            a camera whose images differ in size.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CalibrationError(f"{folder}: no such folder; take stills with `python scripts/capture.py --save_dir DIR`")
    cameras = []
    for serial in natural_order([path.name for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]):
        files = {path.stem: path for path in sorted((folder / serial).iterdir()) if path.suffix.lower() in SUFFIXES}
        names = [name for name in natural_order(list(files)) if not only or name in only]
        if names:
            paths = {name: files[name] for name in names}
            cameras.append(CameraStills(serial, folder / serial, _common_size(paths), paths))
    there = {name for camera in cameras for name in camera.paths}
    missing = [name for name in only if name not in there]
    if missing:
        raise CalibrationError(f"{folder}: no camera has a still {missing[0]!r}; give the name of one without its .png")
    if not cameras:
        raise CalibrationError(f"{folder}: holds no stills; they are DIR/SERIAL/NAME.png, one folder per camera")
    return cameras


def _common_size(paths: dict[str, Path]) -> tuple[int, int]:
    first: tuple[int, int] | None = None
    for path in paths.values():
        try:
            with Image.open(path) as image:  # the header only
                size = image.size
        except (UnidentifiedImageError, OSError, ValueError):
            raise CalibrationError(f"{path}: cannot be read as an image; take it again or remove it") from None
        if first is not None and size != first:
            raise CalibrationError(f"{path}: is {size[0]} x {size[1]}, others of its camera {first[0]} x {first[1]}")
        first = size
    assert first is not None
    return first


def look(board: Board, cameras: Sequence[CameraStills], after_still: Callable[[], object]) -> Observations:
    """Find the board in all stills.

    Args:
        board: what to look for.
        cameras: the first is cam0.
        after_still: called when an image is done, for progress bars.

    Raises:
        CalibrationError: a file that is no image, or the board is seen in no still at all; names the first file.
    """
    found: dict[tuple[str, str], Detection] = {}
    for camera in cameras:
        for name, path in camera.paths.items():
            image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
            if image is None:
                raise CalibrationError(f"{path}: cannot be read as an image; take it again or remove it")
            found[camera.serial, name] = detect(board, np.asarray(image, dtype=np.uint8))
            after_still()
    if not any(len(seen) for seen in found.values()):
        first = next(iter(cameras[0].paths.values()))
        raise CalibrationError(
            f"{first}: no corner of the board found, nor in any other still; check light, focus and distance, and that "
            f"the print is the configuration's {board.columns} x {board.rows} {board.dictionary} (calibration.board)"
        )
    names = natural_order(list({name for _, name in found}))
    return gather([camera.serial for camera in cameras], names, found)
