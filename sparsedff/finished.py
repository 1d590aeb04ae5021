"""A transfer that is done, and the folder that it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparsedff.capture.model import Capture
from sparsedff.common.clock import Clock
from sparsedff.common.progress import working
from sparsedff.common.schema_text import to_plain
from sparsedff.config.config import Config
from sparsedff.distill.distil import Distilled
from sparsedff.hands.base import Hand
from sparsedff.prepare.distiller import Distiller, TwoClouds
from sparsedff.prepare.origin import origin
from sparsedff.prepare.scrutiny import Scrutiny
from sparsedff.runs.write import point_to_newest, report, run_folder, write_arrays, write_json
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.result import TransferResult
from sparsedff.visualize.drawing import Drawing
from sparsedff.visualize.page import open_page, write_page
from sparsedff.visualize.pictures.result import draw_result
from sparsedff.visualize.transfer import describe, transfer_drawings, write_objects


@dataclass(frozen=True, eq=False)
class Transferred:
    """What the computation gives, before anything is written.

    Attributes:
        scenes: segmented views and raw clouds of reference and test.
        clouds: their feature clouds, pruned.
        energy: what the optimiser minimised, with the hand.
        result, scrutiny: what it found, and what is doubtful about the scenes.
    """

    scenes: tuple[Distilled, Distilled]
    clouds: TwoClouds
    energy: Energy
    result: TransferResult
    scrutiny: Scrutiny

    @property
    def hand(self) -> Hand:
        """The end effector."""
        return self.energy.goal.hand


@dataclass(frozen=True, eq=False)
class Finished:
    """A transfer that is done, with all that a saved run says of it.

    Attributes:
        config, distiller: settings and models.
        captures, done, clock: reference and test, what was computed, and seconds by stage.
    """

    config: Config
    captures: tuple[Capture, Capture]
    done: Transferred
    distiller: Distiller
    clock: Clock

    @property
    def names(self) -> tuple[str, str]:
        """Of both captures."""
        return self.captures[0].name, self.captures[1].name

    def drawings(self) -> tuple[Drawing, Drawing]:
        """The demonstrated hand on the reference, and the transferred one on the test object."""
        views = (self.done.scenes[0].views, self.done.scenes[1].views)
        return transfer_drawings(views, self.done.hand, self.done.result, self.names)


def save_run(finished: Finished) -> Path:
    """Write everything that a transfer from the first capture to the second leaves; returns the new run's folder."""
    config, done, clock, names = finished.config, finished.done, finished.clock, finished.names
    with run_folder(Path(config.output_path), f"{names[0]}-to-{names[1]}-seed{config.seed}") as (building, final):
        with clock.stage("save"), working("save"):
            write_arrays(building, done.clouds, done.energy, done.result)
            write_objects([scene.views for scene in done.scenes], building)
        with clock.stage("picture"), working("picture"):
            drawings = finished.drawings()
            draw_result(*drawings, building / "result.png", caption=describe(done.result, done.scrutiny.doubts))
            if config.visualize:
                write_page(drawings, building / "result.html")
        content = report(to_plain(config), clock.seconds, done.clouds, done.energy, done.result)
        content |= finished.distiller.record() | done.scrutiny.report()
        content |= origin(config, finished.captures, done.result.demonstration)
        content["captures"] = [str(capture.path) for capture in finished.captures]
        content["objects"] = [scene.note for scene in done.scenes]
        write_json(building / "result.json", content)
    point_to_newest(config.newest_run, final)
    if config.visualize:
        open_page(final / "result.html")
    return final
