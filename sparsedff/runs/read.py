"""A run's folder read back: what `write.py` wrote, or what the paper's release left in its data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import RunError
from sparsedff.files.json_file import read_object
from sparsedff.files.npy import read_npy
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import MODES, SHADOW_HAND
from sparsedff.hands.shadow.joints import SHADOW_JOINTS
from sparsedff.transfer.history import History

_OF_NUMBERS = {("config", "alignment", "weights"), ("energy_terms",)}
_SECTIONS = (("config",), ("config", "field"), ("config", "alignment"), *_OF_NUMBERS)
_REMEDY = "make a run with `python scripts/unified_optimize.py`, or name the folder of one"


@dataclass(frozen=True, eq=False)
class SavedCloud:
    """The feature cloud of one scene.

    Attributes:
        points: (N, 3) float32 [m], world frame.
        features: (N, C) float32.
        colors: (N, 3) uint8 RGB.
        views: (N,) index of the view each point comes from; None where the run does not say.
    """

    points: NDArray[np.float32]
    features: NDArray[np.float32]
    colors: NDArray[np.uint8]
    views: NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True)
class SavedRun:
    """A run that is done.

    Attributes:
        folder: where it lies.
        clouds: of the reference and of the test scene.
        demonstration: the hand in the reference scene; None where the folder has no result.json.
        pose: the transferred hand.
        trajectory: poses on the way to it, the last one included.
        report: content of result.json, empty where there is none.
        history: every start's way; None in runs of older versions and of the paper's release.
    """

    folder: Path
    clouds: tuple[SavedCloud, SavedCloud]
    demonstration: HandPose | None
    pose: HandPose
    trajectory: tuple[HandPose, ...]
    report: dict[str, Any]
    history: History | None

    @property
    def names(self) -> tuple[str, str]:
        """Names of both captures."""
        config = self.report.get("config", {})
        first, second = (Path(str(config.get(key) or default)).name for key, default in _DEFAULT_NAMES)
        return first, second

    @property
    def effector(self) -> str:
        """Name of the run's end effector, or the path of its file."""
        config = self.report.get("config", {})
        return str(config.get("end_effector") or MODES.get(str(config.get("mode")), SHADOW_HAND))

    @property
    def power(self) -> float:
        """Exponent of the run's field."""
        return float(self.report.get("config", {}).get("field", {}).get("power", 2.0))


_DEFAULT_NAMES = (("data1", "reference"), ("data2", "test"))


def load_run(folder: Path) -> SavedRun:
    """Read a run.

    Raises:
        RunError: there is no run, or a file of it is damaged or does not fit the others; names folder or file.
    """
    folder = Path(folder)
    if not (folder / "points_0.npy").is_file():
        raise RunError(f"{folder}: no run here (points_0.npy is missing); {_REMEDY}")
    first, second = (_cloud(folder, index) for index in (0, 1))
    if first.features.shape[1] != second.features.shape[1]:
        raise RunError(
            f"{folder}: the scenes' features have {first.features.shape[1]} and {second.features.shape[1]} "
            f"channels; {_REMEDY}"
        )
    report = _report(folder / "result.json")
    width = 8 + _joints(report)
    rows = _array(folder / "execution_traj.npy", (None, width))
    trajectory = tuple(HandPose.from_row(row) for row in rows)
    pose = HandPose.from_row(_array(folder / "best_X.npy", (width,)))
    demonstration = _pose(report["demonstrated_pose"], width - 8, folder) if "demonstrated_pose" in report else None
    history = History.load(folder / "history.npz")
    _check_best_start(report, history, folder)
    return SavedRun(folder, (first, second), demonstration, pose, trajectory, report, history)


def way_fault(folder: Path) -> str:
    """What the hand of a run touches on its way, in words; empty if nothing, or if the run does not say."""
    found = _report(folder / "result.json").get("clearance", {})
    return str(found.get("fault", "")) if isinstance(found, dict) else ""


def _cloud(folder: Path, index: int) -> SavedCloud:
    points = _array(folder / f"points_{index}.npy", (None, 3)).astype(np.float32)
    features = _array(folder / f"features_{index}.npy", (len(points), None)).astype(np.float32)
    colors = _array(folder / f"colors_{index}.npy", (len(points), 3))
    if colors.dtype.kind == "f":  # the paper's release stores 0..1
        colors = (np.clip(colors, 0, 1) * 255).round()
    path = folder / f"views_{index}.npy"
    views = _array(path, (len(points),)).astype(np.int64) if path.is_file() else None
    return SavedCloud(points, features, colors.astype(np.uint8), views)


def _array(path: Path, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """A .npy of numbers of this shape; None stands for any length above 0."""
    missing = f"is missing, so that this is no whole run; {_REMEDY}"
    return read_npy(path, RunError, _REMEDY, missing=missing, shapes=[shape], finite=True)


def _report(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    report = read_object(path, RunError, _REMEDY)
    for keys in _SECTIONS:
        section: Any = report
        for key in keys:
            section = section.get(key, {})
            if not isinstance(section, dict):
                raise RunError(f"{path}: {'.'.join(keys)}: must be an object of JSON; {_REMEDY}")
        numbers = section.values() if keys in _OF_NUMBERS else [section.get("power", 2.0)]
        if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in numbers):
            raise RunError(f"{path}: {'.'.join(keys)}: must hold numbers; {_REMEDY}")
    return report


def _check_best_start(report: dict[str, Any], history: History | None, folder: Path) -> None:
    best, count = report.get("best_start", 0), history.poses.shape[1] if history is not None else None
    if type(best) is not int or best < 0 or (count is not None and best >= count):
        raise RunError(f"{folder / 'result.json'}: best_start: there is no start {str(best)[:40]}; {_REMEDY}")


def _joints(report: dict[str, Any]) -> int:
    """How many joints the run's hand has; the paper's release says nothing and has the Shadow Hand."""
    try:
        return len(report["best_pose"]["joints_rad"])
    except (KeyError, TypeError):
        return len(SHADOW_JOINTS)


def _pose(entry: Any, joint_count: int, folder: Path) -> HandPose:
    try:
        joints = np.array(list(entry["joints_rad"].values()), dtype=float)
        if len(joints) != joint_count:
            raise ValueError(f"{len(joints)} joints, the transferred pose has {joint_count}")
        return HandPose(np.array(entry["translation_m"]), np.array(entry["rotation_matrix"]), joints)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(f"{folder / 'result.json'}: demonstrated_pose cannot be read ({error!r}); {_REMEDY}") from None
