"""What is commanded of the hand, and the verdict on it."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.config.config import load_config
from sparsedff.errors import ConfigError
from sparsedff.judge.commanded import Commanded, commanded_depths
from sparsedff.judge.on_part import share_on_part
from sparsedff.judge.settings import JudgeSettings
from sparsedff.judge.verdict import misplaced
from sparsedff.synthetic.grasping.reference_grasps import reference_grasp
from tests.support.judged import shift, standing, the_hand

NOTHING = Commanded(0.0, 0.0)


def test_only_the_end_of_the_path_counts() -> None:
    """A hand that was under the table 20 cm before the grasp; from 3 cm on nothing is wrong."""
    box, grasp = standing("box"), reference_grasp("box", "body", standing("box"))
    early, late = grasp.moved(shift(y=0.2, z=-0.1)), grasp.moved(shift(z=-0.02))
    assert commanded_depths(the_hand(), (early, grasp), box, 0.03).under_table_m == 0
    assert commanded_depths(the_hand(), (early, grasp), box, 0.5).under_table_m > 0.02
    ends = [commanded_depths(the_hand(), path, box, 0.03).penetration_m for path in ((late, grasp), (grasp,))]
    assert ends[0] > 0.004 and ends[1] < 0.001


def test_a_thin_wall_deep_in_the_hand_counts_by_the_hands_own_depth() -> None:
    """No point lies deeper in a mug's wall than half its thickness; a finger may lie across it by a centimetre."""
    mug = standing("mug")
    grasp = reference_grasp("mug", "rim", mug).moved(shift(0.03))
    assert -float(mug.distance(the_hand().surface_of(grasp)).min()) < 0.003
    assert commanded_depths(the_hand(), (grasp,), mug, 0.03).penetration_m == pytest.approx(0.010, abs=0.002)


@pytest.mark.parametrize(
    ("held", "contact_m", "turn_rad", "commanded", "reason"),
    [
        (True, 0.0199, 0.5, Commanded(0.0059, 0.002), ""),
        (False, 0.0, 0.0, NOTHING, "not held"),
        (True, 0.031, 0.0, NOTHING, "contacts 3.1 cm off"),
        (True, 0.0, np.pi / 4, NOTHING, "contacts turned by 45 degrees"),
        (True, 0.0, 0.0, Commanded(0.024, 0.0), "commanded 24 mm into the object"),
        (True, 0.0, 0.0, Commanded(0.0, 0.066), "commanded 66 mm under the table"),
        (False, np.nan, 0.0, NOTHING, "not held; contacts nan cm off"),
    ],
)
def test_the_verdict_names_every_reason(held, contact_m, turn_rad, commanded, reason) -> None:
    assert misplaced(held, contact_m, turn_rad, commanded, JudgeSettings()) == reason


def test_contacts_count_part_by_part() -> None:
    drill = standing("drill").shape
    vertices, parts = standing("drill").mesh.vertices, standing("drill").mesh.part_id
    first, second = vertices[parts == 0][::20], vertices[parts == 1][::20]
    assert share_on_part(drill, first, first) == pytest.approx(1, abs=0.05)
    assert share_on_part(drill, first, second) == pytest.approx(0, abs=0.05)
    half = np.concatenate([first[:20], second[:20]])
    assert share_on_part(drill, half, first) == pytest.approx(0.5, abs=0.05)
    assert share_on_part(drill, first, np.empty((0, 3))) == 0
    assert np.isnan(share_on_part(standing("box").shape, first, first))


def test_thresholds_are_settings() -> None:
    config = load_config("configs/config.yaml", ["judge.contact_m=0.01"])
    assert config.judge.contact_m == 0.01 and config.judge.robust_lifts == 5
    with pytest.raises(ConfigError, match=r"judge.robust_lifts: -1 is not allowed"):
        JudgeSettings(robust_lifts=-1)
