"""The method on one page: read and distil both scenes, build fields, transfer the grasp, save the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sparsedff.capture.model import Capture
from sparsedff.common.clock import Clock
from sparsedff.common.progress import bar, say, working
from sparsedff.common.schema_text import to_plain
from sparsedff.config.config import Config
from sparsedff.distill.distil import Distilled
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.demonstration import acting_demonstration, guide_of
from sparsedff.prepare.distiller import REFERENCE, TEST, Distiller, TwoClouds, guided_by, make_distiller
from sparsedff.prepare.inputs import Inputs, make_hand, read_inputs
from sparsedff.prepare.scene_check import check_scene
from sparsedff.prepare.threads import field_workers, torch_threads
from sparsedff.runs.write import point_to_newest, report, run_folder, write_arrays, write_json
from sparsedff.transfer.close_fingers import with_closed_fingers
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.fields import field_of
from sparsedff.transfer.result import TransferResult
from sparsedff.transfer.starts import make_starts
from sparsedff.transfer.transfer import make_energy, transfer
from sparsedff.visualize.drawing import Drawing
from sparsedff.visualize.page import open_page, write_page
from sparsedff.visualize.pictures.result import draw_result
from sparsedff.visualize.transfer import describe, transfer_drawings


@dataclass(frozen=True, eq=False)
class Reference:
    """A demonstration made ready to be carried to any number of test scenes: models built, reference distilled.

    Attributes:
        config, distiller: settings and models.
        capture, scene: the reference, as seen and distilled.
        pose: the hand on it.
    """

    config: Config
    distiller: Distiller
    capture: Capture
    scene: Distilled
    pose: HandPose


@dataclass(frozen=True, eq=False)
class Transferred:
    """What the computation gives, before anything is written.

    Attributes:
        scenes: segmented views and raw clouds of reference and test.
        clouds: their feature clouds, pruned.
        energy: what the optimiser minimised, with the hand.
        result: what it found.
    """

    scenes: tuple[Distilled, Distilled]
    clouds: TwoClouds
    energy: Energy
    result: TransferResult

    @property
    def hand(self) -> Hand:
        """The end effector."""
        return self.energy.goal.hand


@dataclass(frozen=True, eq=False)
class Finished:
    """A transfer that is done, with all that a saved run says of it.

    Attributes:
        config, distiller: settings and models.
        captures: reference and test.
        done: what was computed.
        clock: seconds by stage.
        quality: of both captures, see `check_scene`.
    """

    config: Config
    captures: tuple[Capture, Capture]
    done: Transferred
    distiller: Distiller
    clock: Clock
    quality: Sequence[Mapping[str, Any]]

    @property
    def names(self) -> tuple[str, str]:
        """Of both captures."""
        return self.captures[0].name, self.captures[1].name

    def drawings(self) -> tuple[Drawing, Drawing]:
        """The demonstrated hand on the reference, and the transferred one on the test object."""
        views = (self.done.scenes[0].views, self.done.scenes[1].views)
        return transfer_drawings(views, self.done.hand, self.done.result, self.names)


def run(config: Config) -> Path:
    """Do the main job as configured and return the new run's folder.

    Raises:
        SparseDFFError: anything the user can mend; nothing is left half written.
    """
    clock = Clock()
    with torch_threads(1):
        with clock.stage("load"), working("load"):
            distiller = make_distiller(config)
            inputs = read_inputs(config)
        return save_run(finish(config, inputs, distiller, clock))


def finish(config: Config, inputs: Inputs, distiller: Distiller, clock: Clock) -> Finished:
    """Transfer, say what was found in the scenes, and check both captures; writes nothing."""
    say(distiller.reasons)
    done = compute(config, inputs, distiller, clock)
    say(tuple(scene.note for scene in done.scenes))
    quality = [check_scene(config, each) for each in zip(inputs.captures, done.scenes, strict=True)]
    return Finished(config, inputs.captures, done, distiller, clock, quality)


def compute(config: Config, inputs: Inputs, distiller: Distiller, clock: Clock | None = None) -> Transferred:
    """Distil both scenes, build their fields and transfer the demonstration; writes nothing."""
    clock = clock or Clock()
    shown = distil_reference(config, distiller, inputs.captures[0], inputs.demonstration, clock)
    return carry(shown, inputs.captures[1], clock)


def distil_reference(config: Config, distiller: Distiller, capture: Capture, pose: HandPose, clock: Clock) -> Reference:
    """Distil the reference; its object is the one that the shown hand holds. The acting hand then takes it over."""
    with clock.stage("reference"), bar(len(capture.views), "reference", "view") as shown:
        scene = distiller.distil(capture, REFERENCE, guide_of(config, pose), shown.update)
        return Reference(config, distiller, capture, scene, acting_demonstration(config, pose, scene.cloud.points))


def carry(shown: Reference, test: Capture, clock: Clock) -> Transferred:
    """Distil a test scene, whose object is the one most like the reference's, and transfer the demonstration to it."""
    with clock.stage("distil"), bar(len(test.views), "distil", "view") as seen:
        scene = shown.distiller.distil(test, TEST, guided_by(shown.scene), seen.update)
    with clock.stage("features"):
        clouds = shown.distiller.features((shown.scene.cloud, scene.cloud))
    with clock.stage("optimise"):
        energy, result = transfer_clouds(shown.config, clouds, scene.cloud.points, shown.pose, scene.others)
    return Transferred((shown.scene, scene), clouds, energy, result)


def transfer_clouds(
    config: Config, clouds: TwoClouds, solid: NDArray, demonstration: HandPose, others: NDArray | None = None
) -> tuple[Energy, TransferResult]:
    """Build both fields and minimise the energy from all starts.

    The hand keeps out of `solid` (M, 3) [m], all that was seen of the test object: pruning distrusts features, but the
    points that it leaves out are as solid as the rest. It keeps out of `others` (K, 3) [m] too, what stands beside it.
    """
    settings = config.alignment
    with bar(settings.opt_iterations, "optimise", "step") as shown:
        hand = make_hand(config)
        workers = field_workers(config.threads)
        reference, test = (field_of(cloud, hand, config.field, workers) for cloud in clouds)
        upright = clouds[1].upright_from_world
        energy = make_energy(hand, (reference, test), demonstration, solid, settings, others, upright)
        starts = make_starts(clouds, demonstration, hand.surface_of(demonstration), settings, config.seed)

        def show(step: int, lowest: float) -> None:
            shown.set_postfix(energy=f"{lowest:.4f}", refresh=False)
            shown.update()

        found = transfer(energy, demonstration, starts, settings, config.execution, config.seed, show)
        return energy, with_closed_fingers(hand, found, clouds[0].points, solid, config.execution)


def save_run(finished: Finished) -> Path:
    """Write everything that a transfer from the first capture to the second leaves; returns the new run's folder."""
    config, done, clock, names = finished.config, finished.done, finished.clock, finished.names
    with run_folder(Path(config.output_path), f"{names[0]}-to-{names[1]}-seed{config.seed}") as (building, final):
        with clock.stage("save"), working("save"):
            write_arrays(building, done.clouds, done.energy, done.result)
        with clock.stage("picture"), working("picture"):
            drawings = finished.drawings()
            draw_result(*drawings, building / "result.png", caption=describe(done.result))
            if config.visualize:
                write_page(drawings, building / "result.html")
        content = report(to_plain(config), clock.seconds, done.clouds, done.energy, done.result)
        content |= finished.distiller.record() | {"quality": list(finished.quality)}
        content["captures"] = [str(capture.path) for capture in finished.captures]
        content["objects"] = [scene.note for scene in done.scenes]
        write_json(building / "result.json", content)
    point_to_newest(config.newest_run, final)
    if config.visualize:
        open_page(final / "result.html")
    return final
