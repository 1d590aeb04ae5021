"""What features are measured by: the truth itself scores nothing, chance scores the object's size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sparsedff.distill.backbones.learned.weights import load_network
from sparsedff.learn.disturb import CLEAN, Look, look_at_scene
from sparsedff.learn.leave_one_out import leave_out
from sparsedff.learn.measure import cross_family_error, same_family_error
from sparsedff.learn.robustness import CASES, moved
from sparsedff.learn.scenes import LearnScene
from sparsedff.learn.settings import LearnSettings
from sparsedff.learn.targets import Targets
from sparsedff.learn.training import EVERY


def looked(scene: LearnScene) -> tuple[LearnScene, Look]:
    return scene, look_at_scene(scene, CLEAN, np.random.default_rng(1))


def oracle(targets: Targets, *scenes: tuple[LearnScene, Look]):
    """The taught coordinates themselves, of the looks that it was given."""

    def features(look: Look) -> np.ndarray:
        scene = next(scene for scene, one in scenes if one is look)
        return targets.at(scene.family, scene.template[look.scene_index].astype(np.float64))

    return features


def chance(look: Look) -> np.ndarray:
    return np.random.default_rng(len(look.points)).normal(size=(len(look.points), 8))


def test_the_taught_coordinates_find_the_counterpart(scenes: list[LearnScene], targets: Targets) -> None:
    for first, second in ((scenes[0], scenes[1]), (scenes[4], scenes[5])):
        one, other = looked(first), looked(second)
        found = same_family_error(oracle(targets, one, other), targets, one, other)
        assert found < 0.012 < 0.03 < same_family_error(chance, targets, one, other) + 0.01


def test_across_families_the_linked_grip_is_found(scenes: list[LearnScene], targets: Targets) -> None:
    mug, pot, torch = looked(scenes[0]), looked(scenes[2]), looked(scenes[4])
    found = cross_family_error(oracle(targets, mug, pot), targets, mug, pot)
    assert found < 0.5 * cross_family_error(chance, targets, mug, pot)
    assert np.isnan(cross_family_error(chance, targets, mug, torch))  # nothing of theirs corresponds


def test_robustness_has_a_row_a_case(scenes: list[LearnScene]) -> None:
    rows = list(moved(load_network(), scenes[:2]))
    assert [row.case for row in rows] == list(CASES)
    for row in rows:
        assert 0 <= row.voted_m < 0.2 and row.middle_voted_m < 0.1


@pytest.mark.slow
def test_a_family_that_is_left_out_is_measured(scenes: list[LearnScene], targets: Targets, tmp_path: Path) -> None:
    settings = LearnSettings(members=2, steps=EVERY, looks=2, points=24)
    (row,) = leave_out(("flashlight",), settings, scenes, targets, tmp_path)
    assert row.family == "flashlight" and 0 < row.shown_cm < row.left_out_cm < 30
    assert (tmp_path / "without_flashlight.pt").exists()
