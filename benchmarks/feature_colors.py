"""What features look like, embedded and learned side by side: `python benchmarks/feature_colors.py`.

    python benchmarks/feature_colors.py [--to docs/features.jpg] [--seed 100]

Rows: a mug and a wide relative of it; a pan and a drill, which a hand holds alike. Colours are the first principal
components of both scenes' features together, three of them, so equal colours mean like features.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sparsedff.cli.options import add_settings, load
from sparsedff.cli.run import run_script
from sparsedff.common.atomic import write_file
from sparsedff.distill.backbones.choose import choose_backbone
from sparsedff.distill.settings import FeatureSettings
from sparsedff.evaluate.methods import Problem
from sparsedff.evaluate.pair import one_thread, pose_problem
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.held_out import training_families
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.visualize.drawing import Drawing, Points
from sparsedff.visualize.pca import pca_colors
from sparsedff.visualize.sheet import compose_sheet

NAMES = {"handcrafted": "embedded descriptors", "learned_only": "learned coordinates"}
WIDTH_PX = 760
QUALITY = 82


def specs(seed: int) -> tuple[PairSpec, ...]:
    """Mug to mug, and pan to drill."""
    wide = PairSettings(manner="wide", variation=0.3, yaw_deg=90.0)
    others = [family for family, _ in partners("pan", "handle", training_families())]
    # The partner is drawn by the seed: the first from here on that draws a drill.
    drill = next(number for number in range(seed, seed + len(others)) if others[number % len(others)] == "drill")
    return (
        PairSpec("mug", "handle", "same_family", seed, wide),
        PairSpec("pan", "handle", "cross_family", drill, PairSettings(new_partners=True)),
    )


def panel(problem: Problem, name: str, title: str) -> np.ndarray:
    """The features of a backbone on both clouds of a pair, as a picture (H, W, 3)."""
    backbone, _ = choose_backbone(name, FeatureSettings(), torch.device("cpu"))
    raw = problem.raw
    if name == "handcrafted":  # the raw cloud of `learned` holds the normals behind the descriptors
        raw = (raw[0].with_features(raw[0].features[:, :-3]), raw[1].with_features(raw[1].features[:, :-3]))
    fitted = backbone.fit(raw[0])
    colors = pca_colors([fitted(cloud).features for cloud in raw])
    drawings = [
        Drawing((Points(cloud.points, color, name="features"),), f"{title}: {NAMES[name]}, {which}")
        for cloud, color, which in zip(raw, colors, ("shown", "new"), strict=True)
    ]
    return compose_sheet(drawings, width=WIDTH_PX)


SUMMARY = __doc__.splitlines()[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--to", type=Path, default=Path("docs/features.jpg"), help="where to write (%(default)s)")
    parser.add_argument("--seed", type=int, default=100, help="of the pairs (%(default)s)")
    add_settings(parser, "img_preprocess=[physics,physics]")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Draw both rows."""
    config = load(options, "backbone=learned", "img_preprocess=[physics,physics]", "device=cpu")
    rows = []
    with one_thread():
        for spec, title in zip(specs(options.seed), ("mug to mug", "pan to drill"), strict=True):
            _, problem = pose_problem(spec, config)
            panels = [panel(problem, name, title) for name in NAMES]
            height = min(one.shape[0] for one in panels)
            rows.append(np.concatenate([one[:height] for one in panels], axis=1))
    encoded = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(encoded, format="JPEG", quality=QUALITY)
    write_file(options.to, encoded.getvalue())
    yield f"{options.to}: {len(encoded.getvalue()) // 1024} kB"


if __name__ == "__main__":
    sys.exit(run_script(sys.modules[__name__]))
