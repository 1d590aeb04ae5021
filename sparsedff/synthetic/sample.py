"""The packaged sample: two synthetic plush monkeys, each seen by four cameras, with their ground truth.

    python -m sparsedff.synthetic.sample [--folder data/sample] [--seed 0] [--width 960]

The command makes monkey_original, monkey_test and ground_truth.json. The pipeline makes them on first use
(`ensure_sample`). The same seed gives the same captures. Only the sensors' noise depends on the seed, so that the
demonstrated grasp fits the captures of every seed.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Rig
from sparsedff.common.atomic import write_file
from sparsedff.common.console import print_lines
from sparsedff.common.packaged import FOLDER
from sparsedff.common.progress import bar
from sparsedff.errors import CaptureError
from sparsedff.files.json_file import read_object
from sparsedff.synthetic.families.monkey import REFERENCE, MonkeyParameters, build_monkey
from sparsedff.synthetic.families.monkey_paint import MonkeyColors
from sparsedff.synthetic.rendering.rays import resize_rig
from sparsedff.synthetic.rendering.scene import PlacedObject, Scene, place
from sparsedff.synthetic.rendering.sensor import SensorNoise
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.truth import TRUTH_FILE, monkey_entry

RECIPE = 1  # to be raised whenever anything below or in the renderer changes what the sample looks like
WIDTH_PX = 960
RIG_FOLDER = FOLDER / "configs" / "rig"

# The demonstration's monkey. data/sample/ref_pose_monkey.npy grasps exactly this shape at exactly this place.
ORIGINAL = REFERENCE
ORIGINAL_PLACE = (0.0, 0.0, 0.0)  # x [m], y [m], yaw [rad]

# Its sibling of the same design: 5 to 15 % other proportions, limbs and head moved, yarn dyed in another bath.
TEST = MonkeyParameters(
    scale=1.03,
    head_size=1.05,
    body_width=0.94,
    body_height=1.08,
    muzzle_length=1.10,
    ear_size=0.92,
    arm_length=1.10,
    leg_length=0.92,
    limb_thickness=1.06,
    tail_length=1.12,
    head_yaw_rad=0.10,
    head_pitch_rad=0.06,
    arm_raise_rad=(0.55, 0.10),
    leg_spread_rad=(0.10, -0.12),
    tail_curl_rad=0.35,
    colors=MonkeyColors(fur=(0.22, 0.12, 0.08), fleck=(0.54, 0.38, 0.25), cream=(0.80, 0.73, 0.60)),
)
TEST_PLACE = (-0.03, 0.06, np.deg2rad(35.0))

MONKEYS = {"monkey_original": (ORIGINAL, ORIGINAL_PLACE), "monkey_test": (TEST, TEST_PLACE)}


def placed_monkey(name: str) -> PlacedObject:
    """`monkey_original` or `monkey_test`, standing where its capture shows it."""
    parameters, where = MONKEYS[name]
    return place(build_monkey(parameters), *where)


def make_sample(folder: Path | str, seed: int = 0, rig: Rig | None = None, width_px: int = WIDTH_PX) -> Path:
    """Render both monkeys and write monkey_original, monkey_test and ground_truth.json into `folder`.

    What an earlier call wrote there is replaced; everything is rendered before anything is touched.

    Args:
        folder: made if needed.
        seed: of the sensors' noise.
        rig: the cameras; None takes the authors', RIG_FOLDER.
        width_px: of the images; heights follow.

    Raises:
        CaptureError: a capture of that name is there that no ground_truth.json claims, or the folder is read-only.
    """
    folder = Path(folder)
    with _only_one(folder):
        _make(folder, seed, rig, width_px)
    return folder


def _make(folder: Path, seed: int, rig: Rig | None, width_px: int) -> None:
    taken = [name for name in MONKEYS if (folder / name).exists()]
    if taken and not (folder / TRUTH_FILE).exists():
        raise CaptureError(
            f"{folder / taken[0]}: exists, but {TRUTH_FILE} beside it does not, so it may not be synthetic; "
            "move it away to have the sample made"
        )
    rig = resize_rig(rig if rig is not None else load_rig(RIG_FOLDER), width_px)
    truth: dict[str, Any] = {**_stamp(seed, width_px), "objects": {}}
    for leftover in folder.glob(".build-*"):  # of a killed process; a living one would hold the lock
        shutil.rmtree(leftover)
    build = Path(tempfile.mkdtemp(prefix=".build-", dir=folder))
    try:
        simulated = SimulatedRig(rig)
        with bar(len(MONKEYS) * len(rig.cameras), "sample", "view") as progress:
            for index, (name, (parameters, _)) in enumerate(MONKEYS.items()):
                placed = placed_monkey(name)
                truth["objects"][name] = monkey_entry(parameters, placed)
                capture = simulated.take(name, Scene(placed), SensorNoise(), (seed, index), progress.update)
                save_capture(capture, build / name, rig=rig)
        _replace(folder, build, json.dumps(truth, indent=1) + "\n")
    finally:
        shutil.rmtree(build, ignore_errors=True)


def ensure_sample(folder: Path | str, seed: int = 0, width_px: int = WIDTH_PX) -> Path:
    """Make the sample unless `folder` holds it already, made by this recipe from this seed; returns the folder.

    Raises:
        CaptureError: as `make_sample`.
    """
    folder = Path(folder)
    if _is_there(folder, seed, width_px):
        return folder
    with _only_one(folder):
        if not _is_there(folder, seed, width_px):  # another process may have made it meanwhile
            _make(folder, seed, None, width_px)
    return folder


def _is_there(folder: Path, seed: int, width_px: int) -> bool:
    try:
        found = read_object(folder / TRUTH_FILE, CaptureError, "")
    except CaptureError:
        found = {}
    wanted = _stamp(seed, width_px)
    return all(found.get(key) == wanted[key] for key in wanted) and all((folder / name).is_dir() for name in MONKEYS)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One process at a time makes samples in a folder; others wait. Turns write errors into CaptureError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
    except OSError as error:
        raise CaptureError(f"{folder}: the sample cannot be written ({error.strerror or error})") from None


def _stamp(seed: int, width_px: int) -> dict[str, Any]:
    """What tells one sample from another, as it stands in ground_truth.json."""
    parameters = {name: [monkey.to_json(), list(where)] for name, (monkey, where) in MONKEYS.items()}
    return {"recipe": RECIPE, "seed": seed, "width_px": width_px, "wanted": json.loads(json.dumps(parameters))}


def _replace(folder: Path, build: Path, truth: str) -> None:
    """Replace the captures by the new ones.

    The truth file is written first, since it says whose the captures are: a process that is killed in between leaves a
    sample that is seen to be incomplete and is made again.
    """
    write_file(folder / TRUTH_FILE, truth)
    for name in MONKEYS:
        if (folder / name).exists():
            shutil.rmtree(folder / name)
        (build / name).rename(folder / name)


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Render the packaged sample: two synthetic plush monkeys.")
    parser.add_argument("--folder", default="data/sample", help="where to write it (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the sensors' noise (%(default)s)")
    parser.add_argument("--width", type=int, default=WIDTH_PX, help="image width in pixels (%(default)s)")
    arguments = parser.parse_args()
    return print_lines(_make_and_tell(arguments))


def _make_and_tell(arguments: argparse.Namespace) -> Iterator[str]:
    yield f"sample written to {make_sample(arguments.folder, arguments.seed, width_px=arguments.width)}"


if __name__ == "__main__":
    sys.exit(main())
