"""What a run reads, found, read and checked before any work is done."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.capture.files.lookup import find_capture
from sparsedff.capture.model import Capture
from sparsedff.config.config import Config
from sparsedff.distill.segmentation.physics import Segmenter, Workspace
from sparsedff.errors import ConfigError, HandError
from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.prepare.models import choose_segmenter
from sparsedff.synthetic.sample import MONKEYS, ensure_sample

SAMPLE_FOLDER = Path("data/sample")


@dataclass(frozen=True)
class Inputs:
    """Everything a run needs besides settings.

    Attributes:
        captures: reference and test.
        demonstration: the hand on the reference.
        segmenters: one a capture.
        workspace: where objects are looked for.
    """

    captures: tuple[Capture, Capture]
    demonstration: HandPose
    segmenters: tuple[Segmenter, Segmenter]
    workspace: Workspace


def read_inputs(config: Config) -> Inputs:
    """Find and read both captures and the demonstration; make the packaged sample if it is asked for and not there.

    Raises:
        SparseDFFError: what is missing, malformed, not writable or not built yet.
    """
    if config.mode != "hand":
        raise ConfigError(f"mode: {config.mode} is not built yet; use mode=hand")
    check_writable(Path(config.output_path))
    first, second = (make_segmenter(name, config) for name in config.img_preprocess)
    if config.data2 is None:
        raise ConfigError("data2: null (capture now) is for transfers only; give the name or path of a capture here")
    reference, test = (open_capture(name, config) for name in (config.data1, config.data2))
    return Inputs((reference, test), read_demonstration(config), (first, second), workspace_of(config))


def read_demonstration(config: Config) -> HandPose:
    """The hand that was shown on data1.

    Raises:
        HandError: there is no such pose, or it is malformed.
    """
    pose = find_pose(config.hand_ref_pose_name, config.pose_paths)
    return load_reference_pose(pose, config.hand_ref_pose_convention)


def open_capture(name: str, config: Config) -> Capture:
    """The capture of a name or path; the packaged sample is made if it is asked for and not there.

    Raises:
        CaptureError, CalibrationError: there is none, or it is malformed.
    """
    if name in MONKEYS and SAMPLE_FOLDER in map(Path, config.capture_paths):
        ensure_sample(SAMPLE_FOLDER)
    folder = find_capture(name, [Path(folder) for folder in config.capture_paths])
    return load_capture(folder, Path(config.extrinsics_path))


def workspace_of(config: Config) -> Workspace:
    """The configured box in which objects are looked for."""
    return Workspace(config.workspace.x, config.workspace.y, config.workspace.z)


def make_segmenter(name: str, config: Config) -> Segmenter:
    """The segmenter of this name, on the configured device.

    Raises:
        ConfigError, WeightsError: there is none, or its weights are not there.
    """
    return choose_segmenter(name, config, choose_device(config.device))[0]


def find_pose(name_or_path: str, folders: tuple[str, ...]) -> Path:
    """The file of a reference pose: a path that exists, or ref_pose_NAME.npy in one of the folders.

    Raises:
        HandError: there is none; lists the names there are.
    """
    if Path(name_or_path).is_file():
        return Path(name_or_path)
    for folder in map(Path, folders):
        if (folder / f"ref_pose_{name_or_path}.npy").is_file():
            return folder / f"ref_pose_{name_or_path}.npy"
    known = sorted({p.stem.removeprefix("ref_pose_") for f in folders for p in Path(f).glob("ref_pose_*.npy")})
    raise HandError(
        f"hand_ref_pose_name: no file {name_or_path} and no ref_pose_{name_or_path}.npy in {', '.join(folders)}; "
        f"there are {', '.join(known) or 'none'}"
    )


def choose_device(name: str | None) -> torch.device:
    """The named device, or CUDA where there is one, else the CPU.

    Raises:
        ConfigError: there is no such device here.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"device: {name!r} cannot be used here ({reason}); use device=null or device=cpu") from None
    return device


def check_writable(folder: Path) -> None:
    """Refuse a folder into which a run could not be saved, before the run is computed.

    Raises:
        ConfigError: it, or the nearest parent that exists, is a file or may not be written to.
    """
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise ConfigError(
            f"output_path: {folder} cannot be made or written to ({nearest} is in the way); choose another"
        )
