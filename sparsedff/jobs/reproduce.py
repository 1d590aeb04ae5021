"""A run made again from its result.json, and the two compared."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sparsedff.common.schema_values import build
from sparsedff.config.config import Config
from sparsedff.errors import RunError
from sparsedff.files.json_file import read_object
from sparsedff.files.opened import decoding
from sparsedff.hands.pose import HandPose
from sparsedff.pipeline import compute
from sparsedff.prepare.distiller import Distiller, make_distiller
from sparsedff.prepare.inputs import Inputs, make_hand, open_capture, read_demonstration
from sparsedff.prepare.origin import origin
from sparsedff.prepare.threads import torch_threads
from sparsedff.runs.write import pose_entry, versions

MOST_ENERGY, MOST_HAND_M = 0.01, 0.002
"""What another machine, or another number of threads, may change: a share of the energy, and how far a point of the
hand's surface moves [m]."""

_REMEDY = "name the folder of a run that this version has made"


@dataclass(frozen=True)
class Again:
    """A run and the same made again.

    Attributes:
        same_bits: whether energy, terms, starts and pose are equal to the last bit.
        energy: share by which the energy differs.
        hand_m: farthest that a point of the hand's surface has moved [m].
        elsewhere: what differs in versions and machine, in words; empty on the same machine.
    """

    same_bits: bool
    energy: float
    hand_m: float
    elsewhere: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the run is what was to be expected: the same bits here, within the bound elsewhere."""
        return self.same_bits or (bool(self.elsewhere) and self.energy <= MOST_ENERGY and self.hand_m <= MOST_HAND_M)


def reproduce(folder: Path) -> Generator[str, None, int]:
    """Make a run again, without writing anything; yields what was found, and returns the exit code 0 or 1.

    Raises:
        RunError: there is no run, it says too little, or what it was made from has changed; names what.
        SparseDFFError: as of a transfer.
    """
    path = Path(folder) / "result.json"
    report = read_object(path, RunError, _REMEDY)
    says = "does not say what the run was made from"
    with decoding(path, RunError, _REMEDY, says):
        config = config_of(report)
        first, second = (str(one["path"]) for one in report["made_from"]["captures"])
        energy, was = float(report["energy"]), pose_of(report["best_pose"])
    with torch_threads(1):
        distiller = make_distiller(config)
        captures = (open_capture(first, config), open_capture(second, config))
        inputs = Inputs(captures, read_demonstration(config))
        now = origin(config, inputs.captures, inputs.demonstration)
        with decoding(path, RunError, _REMEDY, says):
            found = changed(report, now, distiller)
        if found:
            raise RunError(f"{path}: {found[0]}, so the run cannot be made again")
        yield f"inputs and weights are those of {path}"
        done = compute(config, inputs, distiller)
    names, result = done.hand.layout.names, done.result
    again = {"energy": result.energy, "energy_terms": result.terms, "best_pose": pose_entry(result.pose, names)}
    with decoding(path, RunError, _REMEDY, "holds no result"):
        moved = make_hand(config).surface_of(was) - done.hand.surface_of(result.pose)
        verdict = Again(
            all(again[key] == report[key] for key in again),
            abs(result.energy - energy) / max(abs(energy), 1e-12),
            float(np.linalg.norm(moved, axis=1).max()),
            tuple(elsewhere(report, now)),
        )
    yield from lines(verdict)
    return 0 if verdict.holds else 1


def config_of(report: Mapping[str, Any]) -> Config:
    """The run's settings, with its number of threads and without the cache: everything is computed anew."""
    config = build(Config, report["config"])
    distil = replace(config.distil, cache_path=None)
    return replace(config, distil=distil, threads=report["machine"]["threads"])


def pose_of(entry: Mapping[str, Any]) -> HandPose:
    """A pose from what `pose_entry` made of it."""
    joints = np.array(list(entry["joints_rad"].values()), dtype=np.float64)
    return HandPose(np.array(entry["translation_m"]), np.array(entry["rotation_matrix"]), joints)


def changed(report: Mapping[str, Any], now: Mapping[str, Any], distiller: Distiller) -> list[str]:
    """What the run was made from and is not there any more as it was, in words."""
    found = []
    before, after = report["made_from"], now["made_from"]
    for key, one, other in zip(("data1", "data2"), before["captures"], after["captures"], strict=True):
        views = {view["serial"]: view for view in other["views"]}
        if [view["serial"] for view in one["views"]] != list(views):
            found.append(f"{key} has other cameras than the run's")
            continue
        for view in one["views"]:
            parts = [part for part in ("color", "depth", "calibration") if view[part] != views[view["serial"]][part]]
            if parts:
                found.append(f"{' and '.join(parts)} of {key}'s {view['serial']} have changed ({other['path']})")
    if before["demonstration_sha256"] != after["demonstration_sha256"]:
        found.append("hand_ref_pose_name: the demonstrated pose has changed")
    was, here = report["models"], distiller.record()["models"]
    for key in ("features", "masks", "refinement"):
        if was[key] != _as_json(here[key]):
            found.append(f"models.{key}: the model or its weights have changed")
    return found


def elsewhere(report: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """How this machine and its packages differ from the run's."""
    was, here = report["machine"] | report["versions"], now["machine"] | versions()
    names = [name for name in (was | here) if was.get(name) != here.get(name)]
    return [f"{name}: {was.get(name)} there, {here.get(name)} here" for name in names]


def lines(again: Again) -> list[str]:
    """What a user reads; the verdict comes last."""
    told = [f"- {one}" for one in again.elsewhere]
    figures = f"the energy differs by {100 * again.energy:.4f} %, the hand by up to {1000 * again.hand_m:.4f} mm"
    if again.same_bits:
        return [*told, "the same to the last bit"]
    if again.holds:
        return [*told, f"the same within the bound of {100 * MOST_ENERGY:g} % and {1000 * MOST_HAND_M:g} mm: {figures}"]
    where = "beyond the bound" if again.elsewhere else "though machine, versions and threads are the same"
    return [*told, f"not the same, {where}: {figures}"]


def _as_json(value: Any) -> Any:
    """What a value is after it was written as JSON and read."""
    if isinstance(value, Mapping):
        return {str(key): _as_json(one) for key, one in value.items()}
    return [_as_json(one) for one in value] if isinstance(value, (list, tuple)) else value
