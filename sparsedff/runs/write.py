"""What a run leaves behind: a folder of its own, never another's, and data/output pointing to the newest."""

from __future__ import annotations

import json
import logging
import math
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from sparsedff.common.atomic import new_numbered_folder
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.errors import RunError
from sparsedff.hands.clearance import clearance
from sparsedff.hands.pose import HandPose
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.result import TransferResult

log = logging.getLogger(__name__)

_LONGEST_LABEL = 200  # bytes; names of files end at 255

REPORTED_PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "scikit-image",
    "opencv-python-headless",
    "trimesh",
    "mujoco",
    "pytorch_kinematics",
    "transformers",
)


@contextmanager
def run_folder(output_path: Path, label: str) -> Iterator[tuple[Path, Path]]:
    """Yield (a hidden folder to fill, the folder it becomes when the block ends well).

    The name is the time and the label, cut where a file system would not take it; a run that is saved in the same
    second, by this process or by another, gets a number. A run that fails or is killed leaves nothing in its place.

    Raises:
        RunError: the disk is full, or the folder cannot be written to.
    """
    kept = label.encode()[:_LONGEST_LABEL].decode(errors="ignore")
    try:
        with new_numbered_folder(output_path / f"{datetime.now():%Y%m%d-%H%M%S}-{kept}") as folders:
            yield folders
    except OSError as error:
        reason = error.strerror or " ".join(str(error.args[0] if error.args else error).split())
        raise RunError(
            f"{output_path}: the run cannot be saved there ({reason}); make room or choose another output_path"
        ) from error


def point_to_newest(link: Path, folder: Path) -> None:
    """Make `link` a symbolic link to the run's folder; a real folder or file of that name is left alone.

    The run is saved by then: where the link cannot be made, a line of the log says so, and that is all.
    """
    if link.exists() and not link.is_symlink():
        return
    temporary = link.with_name(f".{link.name}.{os.getpid()}")
    try:
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(os.path.relpath(folder.resolve(), link.parent.resolve()))
        temporary.replace(link)
    except OSError as error:
        log.warning("%s: cannot be pointed to the newest run (%s); the run is in %s", link, error.strerror, folder)


def write_arrays(
    folder: Path, clouds: tuple[FeatureCloud, FeatureCloud], energy: Energy, result: TransferResult
) -> None:
    """The files that users of the paper's release know (docs/files.md), and what the studio plays back.

    Ours besides: views_{0,1}.npy (N,) holds the view that each point comes from, history.npz every start's poses.
    """
    hand = energy.goal.hand
    for index, cloud in enumerate(clouds):
        np.save(folder / f"points_{index}.npy", cloud.points)
        np.save(folder / f"features_{index}.npy", cloud.features)
        np.save(folder / f"colors_{index}.npy", cloud.colors)
        np.save(folder / f"views_{index}.npy", cloud.view_index)
    surfaces = np.stack([hand.surface_of(pose) for pose in result.trajectory]).astype(np.float32)
    final = energy.goal.field.values(energy.goal.targets.new_tensor(surfaces[-1]))
    np.save(folder / "des_ori.npy", energy.goal.targets.cpu().numpy())
    np.save(folder / "des_final.npy", final.cpu().numpy())
    np.save(folder / "execution_traj.npy", np.stack([pose.row() for pose in result.trajectory]))
    np.save(folder / "pcd_traj.npy", surfaces)
    np.save(folder / "best_X.npy", result.pose.row())
    result.history.save(folder / "history.npz")
    trimesh.Trimesh(*hand.mesh(result.pose), process=False).export(folder / "X_mesh.stl")
    trimesh.Trimesh(*hand.mesh(result.demonstration), process=False).export(folder / "vquery_mesh.stl")


def report(
    config: Mapping[str, Any],
    seconds: Mapping[str, float],
    clouds: tuple[FeatureCloud, FeatureCloud],
    energy: Energy,
    result: TransferResult,
) -> dict[str, Any]:
    """The content of result.json; `config` is in the layout of its file."""
    goal = energy.goal
    names = goal.hand.layout.names
    way = clearance(goal.hand, result.trajectory, goal.object_points.cpu().numpy())
    return {
        "config": dict(config),
        "versions": versions(),
        "device": str(goal.hand.device),
        "seed": config["seed"],
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
        "points_reference": len(clouds[0]),
        "points_test": len(clouds[1]),
        "channels": goal.field.channels,
        "rank": goal.field.coefficients.shape[1],
        "starts": len(result.starts),
        "hand_points": len(goal.targets),
        "iterations": config["alignment"]["opt_iterations"],
        "energy": result.energy,
        "energy_terms": result.terms,
        "best_start": result.best_start,
        "starts_energy": [
            {"first": _finite(start.first_energy), "last": _finite(start.last_energy), "dropped_at": start.dropped_at}
            for start in result.starts
        ],
        "clearance": {**asdict(way), "fault": way.fault},
        "best_pose": pose_entry(result.pose, names),
        "demonstrated_pose": pose_entry(result.demonstration, names),
    }


def pose_entry(pose: HandPose, joint_names: tuple[str, ...]) -> dict[str, Any]:
    """A pose in words: metres, radians, rows of the rotation matrix."""
    return {
        "translation_m": pose.translation.tolist(),
        "rotation_matrix": pose.rotation.tolist(),
        "joints_rad": dict(zip(joint_names, pose.joints.tolist(), strict=True)),
    }


def _finite(energy: float) -> float | None:
    """Null for a start that has left the finite numbers."""
    return energy if math.isfinite(energy) else None


def versions() -> dict[str, str]:
    """Python's, the toolkit's and the main packages' versions."""
    found = {"python": platform.python_version()}
    for package in ("sparsedff", *REPORTED_PACKAGES):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed as a package"
    return found


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Indented JSON; NaN and infinity are refused, JSON has no word for them."""
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
