"""Wrong scenes: how many are found, and how many healthy ones are doubted. The table of docs/reliability.md.

    python -m benchmarks.wrong_scenes [--first 300] [--seeds 2]     what is reported: under 15 minutes of one core
    python -m benchmarks.wrong_scenes --first 200 --figures         the figures behind it, to choose thresholds from

Families are those by which settings may be chosen; thresholds were chosen on seeds 200 to 299.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.faults import FAULTS, Case
from sparsedff.capture.model import Capture
from sparsedff.common.console import print_lines
from sparsedff.common.progress import quiet
from sparsedff.config.config import Config, load_config
from sparsedff.distill.distil import Distilled
from sparsedff.distill.objects.choosers.base import Guide
from sparsedff.errors import SparseDFFError
from sparsedff.evaluate.pair import one_thread
from sparsedff.hands.base import Hand
from sparsedff.prepare.distiller import REFERENCE, TEST, Distiller, guided_by, make_distiller
from sparsedff.prepare.inputs import make_hand
from sparsedff.prepare.scrutiny import Scrutiny, of_features, of_hand, of_scene
from sparsedff.quality.moved import QUICK, register_views
from sparsedff.quality.reasons import moved
from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.held_out import training_families
from sparsedff.synthetic.pair_settings import PairSettings, Surroundings
from sparsedff.synthetic.pairs import ScenePair, make_pair

SURROUNDINGS = (
    Surroundings(),
    Surroundings(clutter=3),
    Surroundings(tables=True, lights=True),
    Surroundings(occluders=1),
)
ACROSS = "healthy, across families"
HEALTHY = ("healthy, same object", "healthy, same family", ACROSS)


@dataclass(frozen=True)
class Found:
    """What is said of one pair.

    Attributes:
        what: a fault, or one of HEALTHY.
        name: family, task and seed.
        before: whether the registration of the cameras alone, all that there was, says anything.
        now: refused, doubted or passed.
        says: the refusal, or the doubts.
        figures: behind it.
    """

    what: str
    name: str
    before: bool
    now: str
    says: tuple[str, ...]
    figures: dict[str, object]


@dataclass(frozen=True, eq=False)
class Seen:
    """A distilled scene and what is said of it, now and before."""

    scene: Distilled
    scrutiny: Scrutiny
    before: bool


@dataclass(frozen=True, eq=False)
class Looker:
    """Looks at pairs as a transfer does, up to the optimisation.

    Attributes:
        config: of the transfer.
        distiller: of the same.
        hand: the end effector.
        references: by name, what was found of reference scenes: a family's serves many pairs.
    """

    config: Config
    distiller: Distiller
    hand: Hand
    references: dict[str, Seen] = field(default_factory=dict)

    def look(self, what: str, name: str, pair: ScenePair) -> Found:
        """What is said of a pair, before and now."""
        try:
            found, before = self._scrutiny(pair)
        except SparseDFFError as error:
            return Found(what, name, False, "refused", (str(error),), {})
        return Found(what, name, before, "doubted" if found.doubts else "passed", found.doubts, found.record)

    def _scrutiny(self, pair: ScenePair) -> tuple[Scrutiny, bool]:
        hand, limits, shown = self.hand.surface_of(pair.demonstration), self.config.check, pair.reference
        if shown.name not in self.references:
            scene = self.distiller.distil(shown, REFERENCE, Guide(hand=hand))
            self.references[shown.name] = self._seen(shown, scene, "reference")
        first = self.references[shown.name]
        found = of_hand(limits, hand, first.scene) | first.scrutiny
        second = self._seen(pair.test, self.distiller.distil(pair.test, TEST, guided_by(first.scene)), "test")
        clouds = self.distiller.features((first.scene.cloud, second.scene.cloud))
        found |= second.scrutiny | of_features(limits, hand, clouds)
        return found, first.before or second.before

    def _seen(self, capture: Capture, scene: Distilled, which: str) -> Seen:
        views = [seen.view for seen in scene.views]
        before = any(moved(register_views(views, self.config.distil.workspace, QUICK), self.config.check))
        return Seen(scene, of_scene(self.config, capture, scene, which), before)


def pairs(first: int, seeds: int) -> Iterator[tuple[str, str, int, str, ScenePair]]:
    """(family, task, seed, what, healthy pair): of each family in turn all its tasks, kinds and surroundings."""
    for seed in range(first, first + seeds):
        for index, (family, tasks) in enumerate(committed_tasks(training_families()).items()):
            task, around = tasks[seed % len(tasks)], SURROUNDINGS[(seed + index) % len(SURROUNDINGS)]
            settings = PairSettings(yaw_deg=180.0, around=around)
            for what in HEALTHY if partners(family, task) else HEALTHY[:2]:
                kind = what.removeprefix("healthy, ").replace("across families", "cross family").replace(" ", "_")
                yield family, task, seed, what, make_pair(family, task, seed, kind, settings)


def look_at_all(looker: Looker, first: int, seeds: int) -> Iterator[Found]:
    """Every healthy pair, and every fault in one pair a family."""
    for family, task, seed, what, pair in pairs(first, seeds):
        name = f"{family} {task} {seed}"
        yield looker.look(what, name, pair)
        if what != HEALTHY[1] or seed != first:
            continue
        for number, (fault, put) in enumerate(FAULTS.items()):
            rng = np.random.default_rng([seed, number, *family.encode()])
            wrong = put(Case(pair, family, task, looker.hand, rng))
            if wrong is not None:
                yield looker.look(fault, name, wrong)


def table(found: list[Found]) -> Iterator[str]:
    """The table of docs/reliability.md."""
    yield "| scene | scenes | before: said anything | now: refused | doubted | passed |"
    yield "|---|---|---|---|---|---|"
    for what in (*HEALTHY, *FAULTS):
        mine = [one for one in found if one.what == what]
        words, before = Counter(one.now for one in mine), sum(one.before for one in mine)
        yield f"| {what} | {len(mine)} | {before} | {words['refused']} | {words['doubted']} | {words['passed']} |"
    healthy = [one for one in found if one.what in HEALTHY and one.what != ACROSS]
    wrong = [one for one in found if one.what in FAULTS]
    yield ""
    yield f"False alarms: {_share(healthy, 'before')} before, {_share(healthy, 'now')} now (across families left out)."
    yield f"Faults found: {_share(wrong, 'before')} before, {_share(wrong, 'now')} now."


def _share(found: list[Found], when: str) -> str:
    count = sum(one.before if when == "before" else one.now != "passed" for one in found)
    return f"{count} of {len(found)} ({100 * count / max(1, len(found)):.1f} %)"


def report(options: argparse.Namespace) -> Iterator[str]:
    """The table, and with --figures a line a pair; what went wrong is named below the table."""
    alone = ["device=cpu", "threads=1", "img_preprocess=[physics,physics]", "cache_path=null"]
    config = load_config("configs/config.yaml", [*options.overrides, *alone])
    looker, found = Looker(config, make_distiller(config), make_hand(config)), []
    with one_thread(), quiet():
        for one in look_at_all(looker, options.first, options.seeds):
            found.append(one)
            if options.figures:
                yield f"{one.what}; {one.name}; {one.now}; {_figures(one)}"
    yield from table(found)
    astray = [one for one in found if (one.now == "passed") == (one.what in FAULTS)]
    yield from (f"- {one.what}, {one.name}: {one.now} {'; '.join(one.says)[:300]}" for one in astray)


def _figures(one: Found) -> str:
    record = one.figures
    if not record:
        return one.says[0]
    shares = [
        max((camera["contradicted"] or 0.0 for camera in record[which]["cameras"].values()), default=0.0)  # type: ignore[index]
        for which in ("reference", "test")
    ]
    return f"contradicted {shares}, hand {record['hand']}, unlike {record['unlike']}, {'; '.join(one.says)[:160]}"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=300, help="seed of the first pairs (%(default)s)")
    parser.add_argument("--seeds", type=int, default=2, help="healthy pairs of each kind a family (%(default)s)")
    parser.add_argument("--figures", action="store_true", help="a line a pair")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="settings to change, as backbone=handcrafted")
    return print_lines(report(parser.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
