"""The method on one page: read and distil both scenes, build fields, transfer the grasp, save the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from numpy.typing import NDArray

from sparsedff.capture.model import Capture
from sparsedff.common.clock import Clock
from sparsedff.common.progress import bar, say, working
from sparsedff.config.config import Config
from sparsedff.distill.distil import Distilled
from sparsedff.finished import Finished, Transferred, save_run
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.demonstration import acting_demonstration, guide_of
from sparsedff.prepare.distiller import REFERENCE, TEST, Distiller, TwoClouds, guided_by, make_distiller
from sparsedff.prepare.inputs import Inputs, make_hand, read_inputs
from sparsedff.prepare.scrutiny import Scrutiny, look_at_reference, look_at_test
from sparsedff.prepare.threads import field_workers, torch_threads
from sparsedff.transfer.close_fingers import with_closed_fingers
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.fields import field_of
from sparsedff.transfer.result import TransferResult
from sparsedff.transfer.starts import make_starts
from sparsedff.transfer.transfer import make_energy, transfer


@dataclass(frozen=True, eq=False)
class Reference:
    """A demonstration made ready to be carried to any number of test scenes: models built, reference distilled.

    Attributes:
        config, distiller: settings and models.
        capture, scene: the reference, as seen and distilled.
        pose, scrutiny: the hand on it, and what is doubtful about both.
    """

    config: Config
    distiller: Distiller
    capture: Capture
    scene: Distilled
    pose: HandPose
    scrutiny: Scrutiny


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
    """Transfer, and say what was found in the scenes; writes nothing."""
    say(distiller.reasons)
    done = compute(config, inputs, distiller, clock)
    say(tuple(scene.note for scene in done.scenes))
    return Finished(config, inputs.captures, done, distiller, clock)


def compute(config: Config, inputs: Inputs, distiller: Distiller, clock: Clock | None = None) -> Transferred:
    """Distil both scenes, build their fields and transfer the demonstration; writes nothing."""
    clock = clock or Clock()
    shown = distil_reference(config, distiller, inputs.captures[0], inputs.demonstration, clock)
    return carry(shown, inputs.captures[1], clock)


def distil_reference(config: Config, distiller: Distiller, capture: Capture, pose: HandPose, clock: Clock) -> Reference:
    """Distil the reference, whose object is the one that the shown hand holds, and say what is doubtful about it.

    The acting hand takes the demonstration over.
    """
    with clock.stage("reference"), bar(len(capture.views), "reference", "view") as shown:
        scene = distiller.distil(capture, REFERENCE, guide_of(config, pose), shown.update)
    acting = acting_demonstration(config, pose, scene.cloud.points)
    with clock.stage("check"):
        return Reference(config, distiller, capture, scene, acting, look_at_reference(config, capture, scene, acting))


def carry(shown: Reference, test: Capture, clock: Clock) -> Transferred:
    """Distil a test scene, whose object is the one most like the reference's, and transfer the demonstration to it."""
    with clock.stage("distil"), bar(len(test.views), "distil", "view") as seen:
        scene = shown.distiller.distil(test, TEST, guided_by(shown.scene), seen.update)
    with clock.stage("features"):
        clouds = shown.distiller.features((shown.scene.cloud, scene.cloud))
    with clock.stage("check"):
        scrutiny = shown.scrutiny | look_at_test(shown.config, test, scene, shown.pose, clouds)
    with clock.stage("optimise"):
        energy, result = transfer_clouds(shown.config, clouds, scene.cloud.points, shown.pose, scene.others)
    return Transferred((shown.scene, scene), clouds, energy, result, scrutiny)


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
