"""Transfers: one, or many of one demonstration."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import trimesh

from sparsedff.api.captures import load_capture
from sparsedff.api.poses import load_pose
from sparsedff.api.settings import Settings, as_config
from sparsedff.capture.model import Capture
from sparsedff.common.clock import Clock
from sparsedff.common.progress import say
from sparsedff.config.config import Config
from sparsedff.finished import Finished, save_run
from sparsedff.hands.base import Hand
from sparsedff.hands.contact import LinkContact, contacts
from sparsedff.hands.pose import HandPose
from sparsedff.pipeline import Reference, carry, distil_reference, finish
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import Inputs
from sparsedff.prepare.threads import torch_threads
from sparsedff.visualize.page import open_page, write_page
from sparsedff.visualize.pictures.result import draw_result
from sparsedff.visualize.transfer import describe

Scene: TypeAlias = Capture | str | Path
"""A capture, or its name or path."""
Pose: TypeAlias = HandPose | str | Path
"""A pose, or its name or path."""


@dataclass(frozen=True, eq=False)
class Transfer:
    """A transferred grasp and how it was found.

    Attributes:
        finished: everything that was computed, for those who want to look deeper.
    """

    finished: Finished

    @property
    def pose(self) -> HandPose:
        """The hand on the new object, in the world."""
        return self.finished.done.result.pose

    @property
    def demonstration(self) -> HandPose:
        """The hand that was shown."""
        return self.finished.done.result.demonstration

    @property
    def trajectory(self) -> tuple[HandPose, ...]:
        """Poses for a robot to follow, from an open hand backed off to `pose`."""
        return self.finished.done.result.trajectory

    @property
    def energy(self) -> float:
        """The weighted sum of `energies`."""
        return self.finished.done.result.energy

    @property
    def energies(self) -> Mapping[str, float]:
        """Unweighted energy terms at `pose` by name."""
        return dict(self.finished.done.result.terms)

    @property
    def hand(self) -> Hand:
        """The end effector: its links, its surface points, its mesh."""
        return self.finished.done.hand

    @cached_property
    def contact(self) -> tuple[LinkContact, ...]:
        """Every link that touches the shown object, with its distance to that and to the new object."""
        scenes = self.finished.done.scenes
        shown, found = (scene.cloud.points for scene in scenes)
        return contacts(self.hand, (self.demonstration, shown), (self.pose, found))

    def mesh(self, pose: HandPose | None = None) -> trimesh.Trimesh:
        """The hand's mesh [m] in the world, at `pose` where none is given."""
        return trimesh.Trimesh(*self.hand.mesh(pose or self.pose), process=False)

    def save(self, output_path: Path | str | None = None) -> Path:
        """Write a run's folder (docs/files.md), as the command line does; returns it.

        Args:
            output_path: folder that gets the new folder; None = the settings' own, data/runs.

        Raises:
            RunError: it cannot be written to.
        """
        if output_path is None:
            return save_run(self.finished)
        config = replace(self.finished.config, output_path=str(output_path))
        return save_run(replace(self.finished, config=config))

    def picture(self, path: Path | str, width: int = 1920) -> Path:
        """Write one PNG: both scenes with their hands, from two viewpoints."""
        done = self.finished.done
        draw_result(*self.finished.drawings(), path, describe(done.result, done.scrutiny.doubts), width)
        return Path(path)

    def show(self) -> Path:
        """Open a page to turn and zoom in the browser, or say where it lies; returns its file."""
        page = Path(tempfile.mkdtemp(prefix="sparsedff-")) / "result.html"
        write_page(self.finished.drawings(), page)
        open_page(page)
        return page


@dataclass(frozen=True, eq=False)
class Demonstration:
    """A demonstration made ready: models are loaded and the reference is distilled, once for all transfers.

    Attributes:
        reference: what `transfer` starts from.
    """

    reference: Reference

    def transfer(self, test: Scene) -> Transfer:
        """Carry the demonstrated grasp over to a test scene.

        Raises:
            SparseDFFError: as the function `transfer`.
        """
        reference, clock = self.reference, Clock()
        config = reference.config
        with torch_threads(1):
            capture = _capture(test, config)
            done = carry(reference, capture, clock)
        captures = (reference.capture, capture)
        named = replace(config, data2=_name(capture))
        return Transfer(Finished(named, captures, done, reference.distiller, clock))


def demonstrate(reference: Scene, pose: Pose, settings: Settings = None) -> Demonstration:
    """Make a demonstration ready to be carried to any number of scenes.

    Args:
        reference: the capture on which the grasp was shown.
        pose: the hand that was shown.
        settings: of models and transfers.

    Raises:
        SparseDFFError: anything that a user can mend; names file or key.
    """
    config = as_config(settings)
    with torch_threads(1):
        capture, shown = _capture(reference, config), _pose(pose, config)
        distiller = make_distiller(config)
        say(distiller.reasons)
        named = replace(config, data1=_name(capture))
        return Demonstration(distil_reference(named, distiller, capture, shown, Clock()))


def transfer(reference: Scene, test: Scene, pose: Pose, settings: Settings = None) -> Transfer:
    """Carry a demonstrated grasp over from one object to another. Nothing is written but the cache of features.

    Args:
        reference: the capture on which the grasp was shown.
        test: the capture of the new object.
        pose: the hand that was shown.
        settings: a Config, or changes to the defaults, as {"alignment.opt_iterations": 50}.

    Raises:
        SparseDFFError: anything that a user can mend; names file or key.
    """
    config = as_config(settings)
    with torch_threads(1):
        captures = (_capture(reference, config), _capture(test, config))
        inputs = Inputs(captures, _pose(pose, config))
        named = replace(config, data1=_name(captures[0]), data2=_name(captures[1]))
        return Transfer(finish(named, inputs, make_distiller(config), Clock()))


def _capture(scene: Scene, config: Config) -> Capture:
    return scene if isinstance(scene, Capture) else load_capture(scene, config)


def _pose(pose: Pose, config: Config) -> HandPose:
    return pose if isinstance(pose, HandPose) else load_pose(pose, settings=config)


def _name(capture: Capture) -> str:
    """What result.json calls a capture: its path, or the name of one that was never written."""
    return str(capture.path or capture.name)
