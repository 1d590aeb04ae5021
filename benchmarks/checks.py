"""Truth table of the check: cameras moved by known amounts, detected or not, and by how much they seem to have moved.

    python -m benchmarks.checks [--draws 4]      the table of docs/checks.md
    python -m benchmarks.checks --choose         healthy synthetic captures of other seeds, to choose thresholds from

Directions and axes are random. "One" moves one camera about itself; "all" moves all of them alike in the table frame.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.capture.model import View
from sparsedff.common.console import print_lines
from sparsedff.config.config import Config, load_config
from sparsedff.distill.settings import Workspace
from sparsedff.distill.undistort import undistort
from sparsedff.geometry import Float, transform
from sparsedff.jobs.check import assess
from sparsedff.quality.moved import FULL, QUICK, Effort, Registration, register_views
from sparsedff.quality.reasons import moved
from sparsedff.quality.settings import CheckSettings
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.pairs import PairSettings, make_pair
from sparsedff.synthetic.sample import ensure_sample

SHIFTS_MM, TURNS_DEG = (0.0, 3.0, 5.0, 15.0, 30.0), (0.0, 0.5, 2.0, 4.0)
KITCHEN = Path("../shared/data/kitchen")
KITCHEN_BOX = Workspace((-0.19, 0.19), (-0.19, 0.19), (-0.02, 0.2))


def motion(shift_mm: float, turn_deg: float, rng: np.random.Generator) -> Float:
    """(4, 4): a turn and a shift of these sizes, in random directions."""
    axis, way = (vector / np.linalg.norm(vector) for vector in rng.normal(size=(2, 3)))
    return transform(Rotation.from_rotvec(np.deg2rad(turn_deg) * axis).as_matrix(), shift_mm / 1000 * way)


def displaced(views: Sequence[View], which: int | None, by: Float) -> list[View]:
    """Views of which one camera, or with None all alike in the table frame, stand elsewhere than their poses say."""
    return [
        replace(view, world_from_camera=by @ view.world_from_camera if which is None else view.world_from_camera @ by)
        if which in (None, index)
        else view
        for index, view in enumerate(views)
    ]


def word(found: Registration, limits: CheckSettings) -> str:
    """The verdict of a registration alone."""
    bad, doubts = moved(found, limits)
    return "unusable" if bad else "doubtful" if doubts else "usable"


def cell(views: Sequence[View], box: Workspace, one: bool, size: tuple[float, float], draws: int) -> str:
    """What was found of one size of motion, over the draws."""
    rng, limits = np.random.default_rng([7, int(10 * size[0]), int(10 * size[1]), one]), CheckSettings()
    words: dict[Effort, list[str]] = {FULL: [], QUICK: []}
    named, figures = 0, []
    for draw in range(draws):
        which = draw % len(views) if one else None
        wrong = displaced(views, which, motion(*size, rng))
        for effort, said in words.items():
            found = register_views(wrong, box, effort)
            said.append(word(found, limits))
            if effort is QUICK:
                continue
            if which is None:
                figures.append((1000 * found.table_off_m, np.rad2deg(found.table_tilt_rad)))
            else:
                worst = max(found.cameras, key=lambda camera: np.nan_to_num(camera.points_m))
                named += worst is found.cameras[which]
                mine = found.cameras[which]
                figures.append((1000 * mine.shift_m, np.rad2deg(mine.turn_rad)))
    counts = "/".join(str(words[FULL].count(w)) for w in ("doubtful", "unusable"))
    quick = draws - words[QUICK].count("usable")
    millimetres, degrees = np.median(figures, axis=0)
    who = f", named {named}" if one and (size[0] or size[1]) else ""
    return f"{counts}{who}; {millimetres:.0f} mm {degrees:.1f} deg; quick {quick}"


def table(name: str, views: Sequence[View], box: Workspace, draws: int) -> Iterator[str]:
    """A Markdown table for one camera moved and one for all."""
    for one in (True, False):
        yield f"\n**{name}, {'one camera' if one else 'all cameras alike'}**\n"
        yield "| moved by | " + " | ".join(f"{turn:g} deg" for turn in TURNS_DEG) + " |"
        yield "|---" * (1 + len(TURNS_DEG)) + "|"
        for shift in SHIFTS_MM:
            cells = (cell(views, box, one, (shift, turn), draws) for turn in TURNS_DEG)
            yield f"| {shift:g} mm | " + " | ".join(cells) + " |"


def undistorted(folder: Path, config: Config) -> list[View]:
    """The views of a capture."""
    return [undistort(view) for view in load_capture(folder, Path(config.extrinsics_path)).views]


def synthetic(family: str, seed: int) -> list[View]:
    """A fresh capture of a member of a family, with other noise."""
    task = next(iter(FAMILIES[family].tasks))
    return [
        undistort(view) for view in make_pair(family, task, seed, "same_family", PairSettings(width_px=960)).test.views
    ]


def choose() -> Iterator[str]:
    """Healthy synthetic captures: how far their cameras seem to be off."""
    for family in ("bottle", "box", "drill", "monkey", "mug", "teddy", "pan", "bowl"):
        for seed in (1000, 1001):
            views = synthetic(family, seed)
            both = [register_views(views, Workspace(), effort) for effort in (FULL, QUICK)]
            worst = [1000 * max(camera.points_m for camera in found.cameras) for found in both]
            table_mm = 1000 * both[0].table_off_m
            yield f"{family} {seed}: worst camera {worst[0]:.1f} mm, quick {worst[1]:.1f} mm, table {table_mm:.1f} mm"


def report(draws: int) -> Iterator[str]:
    """Healthy captures first, then the tables."""
    config = load_config("configs/config.yaml", ["img_preprocess=[physics,physics]"])
    ensure_sample("data/sample")
    captures = {
        name: (undistorted(Path("data/sample") / name, config), Workspace())
        for name in ("monkey_original", "monkey_test")
    }
    if KITCHEN.is_dir():
        for name in ("white_mug_reference", "white_mug_moved"):
            captures[name] = (undistorted(KITCHEN / name, config), KITCHEN_BOX)
    else:
        yield f"{KITCHEN} is absent: no real captures"
    healthy = dict(captures)
    for family, seed in (("drill", 2000), ("mug", 2001), ("teddy", 2002), ("bottle", 2003), ("monkey", 2004)):
        healthy[f"{family} {seed}"] = (synthetic(family, seed), Workspace())
    yield "\n| healthy capture | check | cheap | worst camera [mm of its points] | table [mm] | reason |"
    yield "|---|---|---|---|---|---|"
    for name, (views, box) in healthy.items():
        there = replace(config, distil=replace(config.distil, workspace=box))
        looked = assess(views, there)
        found = looked.agreement.registration
        worst = 1000 * max(camera.points_m for camera in found.cameras)
        quick = word(register_views(views, box, QUICK), config.check)
        why = looked.verdict.reasons[0] if looked.verdict.reasons else ""
        yield f"| {name} | {looked.verdict.word} | {quick} | {worst:.1f} | {1000 * found.table_off_m:.1f} | {why} |"
    yield (
        f"\nOf {draws} draws a cell: how many doubtful/unusable, how often the right camera was named as the worst, "
        "the median estimate (all alike: the table's height and tilt), how many the cheap form noticed."
    )
    for name in ("monkey_test", "white_mug_reference", "white_mug_moved"):
        if name in captures:
            yield from table(name, *captures[name], draws)


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=4, help="per cell (%(default)s)")
    parser.add_argument("--choose", action="store_true", help="healthy captures of other seeds only")
    options = parser.parse_args()
    return print_lines(choose() if options.choose else report(options.draws))


if __name__ == "__main__":
    raise SystemExit(main())
