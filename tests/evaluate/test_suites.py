"""Suites are fixed lists: large enough, without repeats, and as different from the reference as their names say."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.evaluate.suites.registry import SUITES
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.synthetic.pairs import make_pair

PLAIN = PairSettings()


@pytest.mark.parametrize("name", SUITES.names)
def test_a_suite_has_forty_pairs_of_all_families_and_no_two_alike(name: str) -> None:
    tasks = committed_tasks()
    pairs = SUITES.load(name)(tasks, PLAIN)
    assert len(pairs) >= 40 and len({pair.name for pair in pairs}) == len(pairs)
    assert pairs == SUITES.load(name)(tasks, PLAIN)
    assert {pair.task for pair in pairs} <= {task for names in tasks.values() for task in names}
    if name != "across":
        assert {pair.family for pair in pairs} == set(tasks)
    assert {pair.name for pair in pairs} <= {pair.name for pair in SUITES.load("full")(tasks, PLAIN)}


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
    tasks = committed_tasks()
    hard, scene, cameras = (SUITES.load(name)(tasks, PLAIN) for name in ("hard", "scene", "cameras"))
    assert all(pair.settings.yaw_deg == 180 and pair.settings.variation == 0.3 for pair in hard)
    assert np.mean([pair.settings.lying_share for pair in hard]) == pytest.approx(0.2)
    assert all(2 <= pair.settings.around.clutter <= 5 and pair.settings.around.tables for pair in scene)
    assert {pair.settings.cameras for pair in cameras} == {1, 2, 3, 4, 6, 8}
    assert {pair.settings.calibration_off_mm for pair in cameras} == {0, 2, 5, 10}
    assert all(pair.settings.width_px == 96 for pair in SUITES.load("hard")(tasks, PairSettings(width_px=96)))


def test_an_unknown_suite_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no suite 'slow'; there are quick, hard"):
        SUITES.load("slow")


def test_a_lying_object_lies_and_touches_the_table() -> None:
    standing, lying = (
        make_pair("bottle", "body", 3, "same_object", PairSettings(width_px=96, lying_share=share)).truth.test
        for share in (0.0, 1.0)
    )
    assert lying.mesh_world.vertices[:, 2].min() == pytest.approx(0, abs=1e-9)
    heights = [np.ptp(placed.mesh_world.vertices[:, 2]) for placed in (standing, lying)]
    assert heights[1] < 0.5 * heights[0]
    assert abs(lying.world_from_object[2, 2]) < 1e-9  # its own axis is horizontal
