"""The method on one page: read and distil both scenes, build fields, transfer the grasp, save the result."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from tqdm import tqdm

from sparsedff.capture.model import Capture
from sparsedff.common.clock import Clock
from sparsedff.common.progress import bar
from sparsedff.common.schema_text import to_plain
from sparsedff.config.config import Config
from sparsedff.distill.distil import Distilled
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.distiller import Distiller, TwoClouds, make_distiller
from sparsedff.prepare.inputs import Inputs, make_hand, read_inputs
from sparsedff.prepare.threads import field_workers, torch_threads
from sparsedff.quality.quick import quick_check, warnings_of
from sparsedff.runs.write import point_to_newest, report, run_folder, write_arrays, write_json
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.fields import field_of
from sparsedff.transfer.result import TransferResult
from sparsedff.transfer.starts import make_starts
from sparsedff.transfer.transfer import make_energy, transfer
from sparsedff.visualize.page import open_page, write_page
from sparsedff.visualize.pictures.result import draw_result
from sparsedff.visualize.transfer import describe, transfer_drawings


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


def run(config: Config) -> Path:
    """Do the main job as configured and return the new run's folder.

    Raises:
        SparseDFFError: anything the user can mend; nothing is left half written.
    """
    clock = Clock()
    with torch_threads(1):
        with clock.stage("load"):
            distiller = make_distiller(config)
            inputs = read_inputs(config)
        say(distiller.reasons)
        done = compute(config, inputs, distiller, clock)
        say(tuple(scene.note for scene in done.scenes))
        quality = [check_scene(config, each) for each in zip(inputs.captures, done.scenes, strict=True)]
        return save_run(config, inputs.captures, done, distiller, clock, quality)


def check_scene(config: Config, scene: tuple[Capture, Distilled]) -> dict[str, Any]:
    """The cheap check of a capture, for result.json; what is doubtful is said in a line on stderr."""
    capture, distilled = scene
    views = [segmented.view for segmented in distilled.views]
    found = quick_check(capture.name, views, config.distil.workspace, config.check)
    say(warnings_of([found]))
    return found


def say(lines: tuple[str, ...]) -> None:
    """Lines for the user beside the progress bars, on stderr."""
    for line in lines:
        tqdm.write(line, file=sys.stderr)


def compute(config: Config, inputs: Inputs, distiller: Distiller, clock: Clock | None = None) -> Transferred:
    """Distil both scenes, build their fields and transfer the demonstration; writes nothing."""
    clock = clock or Clock()
    with clock.stage("distil"):
        scenes = distiller.distil_both(inputs.captures, make_hand(config).surface_of(inputs.demonstration))
    with clock.stage("features"):
        clouds = distiller.features((scenes[0].cloud, scenes[1].cloud))
    with clock.stage("optimise"):
        test = scenes[1]
        energy, result = transfer_clouds(config, clouds, test.cloud.points, inputs.demonstration, test.others)
    return Transferred(scenes, clouds, energy, result)


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
        return energy, found


def save_run(
    config: Config,
    captures: tuple[Capture, Capture],
    done: Transferred,
    distiller: Distiller,
    clock: Clock,
    quality: Sequence[Mapping[str, Any]],
) -> Path:
    """Write everything that a transfer from the first capture to the second leaves; returns the new run's folder."""
    names = (captures[0].name, captures[1].name)
    with run_folder(Path(config.output_path), f"{names[0]}-to-{names[1]}-seed{config.seed}") as (building, final):
        with clock.stage("save"):
            write_arrays(building, done.clouds, done.energy, done.result)
        with clock.stage("picture"):
            views = (done.scenes[0].views, done.scenes[1].views)
            drawings = transfer_drawings(views, done.hand, done.result, names)
            draw_result(*drawings, building / "result.png", caption=describe(done.result))
            if config.visualize:
                write_page(drawings, building / "result.html")
        content = report(to_plain(config), clock.seconds, done.clouds, done.energy, done.result)
        paths, notes = [str(capture.path) for capture in captures], [scene.note for scene in done.scenes]
        write_json(
            building / "result.json",
            content | distiller.record() | {"captures": paths, "objects": notes, "quality": list(quality)},
        )
    point_to_newest(config.newest_run, final)
    if config.visualize:
        open_page(final / "result.html")
    return final
