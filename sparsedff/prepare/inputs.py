"""What a run reads, found, read and checked before any work is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.capture.files.lookup import find_capture
from sparsedff.capture.model import Capture
from sparsedff.common.packaged import FOLDER, packaged
from sparsedff.common.progress import say
from sparsedff.config.config import Config
from sparsedff.errors import ConfigError, HandError
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.hands.registry import end_effector
from sparsedff.prepare.device import choose_device
from sparsedff.prepare.writable import check_writable
from sparsedff.synthetic.sample import MONKEYS, ensure_sample

SAMPLE_FOLDER = Path("data/sample")


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a transfer starts from.

    Attributes:
        captures: reference and test.
        demonstration: the hand on the reference, as it was shown.
    """

    captures: tuple[Capture, Capture]
    demonstration: HandPose


def read_inputs(config: Config) -> Inputs:
    """Find and read both captures and the demonstration; make the packaged sample if it is asked for and not there.

    Raises:
        SparseDFFError: what is missing, malformed, not writable or not built yet.
    """
    for name in {config.effector, config.demonstrated_with or config.effector}:
        end_effector(name)
    check_writable(Path(config.output_path))
    if config.data2 is None:
        raise ConfigError("data2: null (capture now) is for transfers only; give the name or path of a capture here")
    reference, test = (open_capture(name, config) for name in (config.data1, config.data2))
    return Inputs((reference, test), read_demonstration(config))


def make_hand(config: Config, name: str | None = None) -> ModelHand:
    """The configured end effector, ready to be posed; or another of this name.

    Raises:
        ConfigError: there is no such end effector, or no such device.
        HandError: its model is missing or does not fit its description.
    """
    spec = end_effector(name or config.effector)
    return ModelHand(spec, config.hand_model, config.seed, choose_device(config.device))


def read_demonstration(config: Config) -> HandPose:
    """The hand that was shown on data1, as it was shown: see `demonstrated_with`.

    Raises:
        HandError: there is no such pose, or it is malformed.
    """
    spec = end_effector(config.demonstrated_with or config.effector)
    path = find_pose(config.hand_ref_pose_name, config.pose_paths, spec.name)
    return load_reference_pose(path, spec.layout, config.hand_ref_pose_convention)


def open_capture(name: str, config: Config) -> Capture:
    """The capture of a name or path; the packaged sample is made if it is asked for and not there.

    Raises:
        CaptureError, CalibrationError: there is none, or it is malformed.
    """
    if name in MONKEYS and SAMPLE_FOLDER in map(Path, config.capture_paths):
        new = not (SAMPLE_FOLDER / name).exists()
        ensure_sample(SAMPLE_FOLDER)
        say((f"sample: made in {SAMPLE_FOLDER}",) * new)
    folder = find_capture(name, [Path(folder) for folder in config.capture_paths])
    return load_capture(folder, packaged(config.extrinsics_path))


def find_pose(name_or_path: str, folders: tuple[str, ...], effector: str = "") -> Path:
    """The file of a reference pose: a path that exists, or ref_pose_NAME.npy in one of the folders.

    A pose of one end effector may be called ref_pose_NAME_EFFECTOR.npy; it comes before the other.

    Raises:
        HandError: there is none; lists the names there are.
    """
    if Path(name_or_path).is_file():
        return Path(name_or_path)
    for name in (f"{name_or_path}_{effector}", name_or_path):
        for folder in folders:
            found = packaged(Path(folder) / f"ref_pose_{name}.npy")
            if found.is_file():
                return found
    places = (place for folder in folders for place in (Path(folder), FOLDER / folder))
    known = sorted({path.stem.removeprefix("ref_pose_") for place in places for path in place.glob("ref_pose_*.npy")})
    raise HandError(
        f"hand_ref_pose_name: no file {name_or_path} and no ref_pose_{name_or_path}.npy in {', '.join(folders)}; "
        f"there are {', '.join(known) or 'none'}"
    )
