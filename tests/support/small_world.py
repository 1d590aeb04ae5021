"""Two captures of a box on a table, a hand above it and the settings for a run on them that takes a second or two."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.hands.pose import save_reference_pose
from tests.support.box_scenes import box_scene, capture_of, standing_box
from tests.support.transfer_toys import demonstration

QUICK = [
    "backbone=handcrafted",
    "img_preprocess=[physics,physics]",
    "cache_path=null",
    "device=cpu",
    "hand_model.pt_nums=40",
    "alignment.opt_iterations=6",
    "alignment.starts=3",
    "alignment.yaws=3",
    "alignment.drop_at=[3]",
    "alignment.keep_starts=[2]",
]


LOW_BOX_M = standing_box(0.0, 0.0, 0.05, 0.04, 0.09)
"""So low that the hand of `demonstration` is over it, not in it."""


def make_world(folder: Path, beside: tuple[np.ndarray, ...] = ()) -> list[str]:
    """Write captures `shown` and `test`, two views each, and a pose; returns the overrides of a run on them.

    Boxes `beside` the object stand in both.
    """
    for seed, name in enumerate(("shown", "test")):
        views = [
            box_scene(a, 0.001, box=LOW_BOX_M, seed=10 * seed + i, serial=f"cam{i}", others=beside)
            for i, a in enumerate((0.4, 1.6 + seed))
        ]
        save_capture(capture_of(*views, name=name), folder / name)
    save_reference_pose(demonstration(), folder / "ref_pose_box.npy")
    return [
        f"data1={folder / 'shown'}",
        f"data2={folder / 'test'}",
        f"hand_ref_pose_name={folder / 'ref_pose_box.npy'}",
        f"output_path={folder / 'runs'}",
        *QUICK,
    ]


def bare_table(folder: Path, name: str) -> None:
    """A capture of the table without anything on it."""
    views = [box_scene(angle, 0.001, box=None, serial=f"cam{i}") for i, angle in enumerate((0.4, 1.6))]
    save_capture(capture_of(*views, name=name), folder / name)
