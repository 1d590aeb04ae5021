"""Suites are fixed lists: large enough, without repeats, and as different from the reference as their names say."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.evaluate.suites.registry import SUITES, families_of
from sparsedff.evaluate.suites.steep import FIRST_SEED, FLOOR_M, STEEP, hand_floor
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.held_out import HELD_OUT_FAMILIES, HELD_OUT_SURROUNDINGS
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.synthetic.pairs import make_pair, make_truth
from sparsedff.synthetic.resting import LEAST_TILT_DEG, MOST_TILT_DEG

PLAIN = PairSettings()


@pytest.mark.parametrize("name", SUITES.names)
def test_a_suite_has_forty_pairs_of_all_families_and_no_two_alike(name: str) -> None:
    tasks = committed_tasks(families_of(name))
    pairs = SUITES.load(name)(tasks, PLAIN)
    assert len(pairs) >= 40 and len({pair.name for pair in pairs}) == len(pairs)
    assert pairs == SUITES.load(name)(tasks, PLAIN)
    assert {pair.task for pair in pairs} <= {task for names in tasks.values() for task in names}
    if name not in ("across", "deformed"):
        assert {pair.family for pair in pairs} == set(tasks)
    full = SUITES.load("full")(committed_tasks(families_of("full")), PLAIN)
    assert ({pair.name for pair in pairs} <= {pair.name for pair in full}) == (name != "held_out")


def test_only_the_last_suite_shows_what_is_held_out() -> None:
    for name in SUITES.names:
        pairs = SUITES.load(name)(committed_tasks(families_of(name)), PLAIN)
        shown = {pair.family for pair in pairs} & set(HELD_OUT_FAMILIES)
        places = {pair.settings.around.place for pair in pairs} & set(HELD_OUT_SURROUNDINGS)
        assert bool(shown) == bool(places) == (name == "held_out")


def test_quick_is_the_list_that_it_was() -> None:
    pairs = SUITES.load("quick")({"mug": ("body", "rim"), "box": ("body",)}, PLAIN)
    assert [pair.name for pair in pairs[:6]] == [
        "mug-body-same_family-0",
        "mug-rim-same_object-1",
        "mug-body-same_family-2",
        "mug-rim-same_object-3",
        "mug-body-same_family-4",
        "mug-rim-cross_family-5",
    ]
    assert all(pair.settings == PLAIN and pair.suite == "" for pair in pairs)


def test_suites_change_what_they_are_named_for() -> None:
    tasks = committed_tasks(families_of("hard"))
    hard, scene, cameras = (SUITES.load(name)(tasks, PLAIN) for name in ("hard", "scene", "cameras"))
    assert all(pair.settings.yaw_deg == 180 and pair.settings.manner == "wide" for pair in hard)
    assert sum(pair.settings.lying_share for pair in hard) == 2 * len(tasks)
    steep = [pair for pair in hard if pair.seed >= FIRST_SEED]
    assert {(pair.family, pair.task) for pair in steep} == set(STEEP) and not any(p.settings.lying_share for p in steep)
    assert all(2 <= pair.settings.around.clutter <= 5 and pair.settings.around.tables for pair in scene)
    assert {pair.settings.cameras for pair in cameras} == {1, 2, 3, 4, 6, 8}
    assert {pair.settings.calibration_off_mm for pair in cameras} == {0, 2, 5, 10}
    assert all(pair.settings.width_px == 96 for pair in SUITES.load("hard")(tasks, PairSettings(width_px=96)))


def test_an_unknown_suite_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no suite 'slow'; there are quick, hard"):
        SUITES.load("slow")


def test_no_rigid_motion_of_the_hand_fits_a_steep_pair() -> None:
    assert len({family for family, _ in STEEP}) >= 5
    for (family, task), seeds in list(STEEP.items())[::3]:
        floor_m = hand_floor(family, task)
        assert all(floor_m(seed) > FLOOR_M for seed in seeds)
        assert min(floor_m(seed) for seed in range(4)) < FLOOR_M, "the others are not steep"


@pytest.mark.parametrize(("family", "task", "seed"), [("bottle", "body", 3), ("drill", "handle", 101)])
def test_an_object_that_rests_another_way_is_at_rest_and_can_be_held(family: str, task: str, seed: int) -> None:
    truth, demonstration = make_truth(family, task, seed, "same_object", PairSettings(lying_share=1.0))
    vertices = truth.test.mesh_world.vertices
    assert vertices[:, 2].min() == pytest.approx(0, abs=1e-9)
    tilt_deg = np.degrees(np.arccos(truth.test.world_from_object[2, 2]))
    assert LEAST_TILT_DEG <= tilt_deg <= MOST_TILT_DEG
    # The middle of mass is above what touches the table, within a wall of the footing.
    footing = vertices[vertices[:, 2] < 1e-3, :2]
    middle = truth.test.mesh_world.center_mass[:2]
    assert np.all(middle > footing.min(axis=0) - 0.005) and np.all(middle < footing.max(axis=0) + 0.005)
    carried = demonstration.moved(truth.test.world_from_object @ np.linalg.inv(truth.reference.world_from_object))
    assert ShadowHand(HandSettings(pt_nums=300)).surface_of(carried)[:, 2].min() > -0.003


def test_a_deformed_pair_shows_the_same_animal_in_another_posture() -> None:
    settings = PairSettings(width_px=96, manner="posture", shift_m=0.0, yaw_deg=0.0)
    truth = make_pair("teddy", "head", 1, "same_object", settings).truth
    reference, test = truth.reference.shape, truth.test.shape
    assert [part.name for part in reference.parts] == [part.name for part in test.parts]
    moved = [
        not np.allclose(a.object_from_part, b.object_from_part)
        for a, b in zip(reference.parts, test.parts, strict=True)
    ]
    assert any(moved) and not all(moved)
