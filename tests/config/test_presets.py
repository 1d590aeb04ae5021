"""configs/paper.yaml and configs/release.yaml: whole presets that differ from ours where the paper does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsedff.config.config import load_config
from sparsedff.hands.approach import thinned_path
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings
from sparsedff.transfer.fields import field_of
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.starts import Starts
from sparsedff.transfer.terms.approach import tilt
from sparsedff.transfer.transfer import make_energy, transfer
from tests.support.paths import REPOSITORY
from tests.support.transfer_toys import (
    AS_PUBLISHED,
    FEATURE_ONLY,
    cloud,
    demonstration,
    planar,
    toy_energy,
    toy_hand,
    weighted,
)

PRESETS = ("paper", "release")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_complete_and_says_what_the_paper_does(name: str) -> None:
    config = load_config(REPOSITORY / "configs" / f"{name}.yaml")
    a = config.alignment
    assert (config.field.power, a.starts, a.yaws, a.opt_iterations) == (2.0, 10, 1, 300)
    assert (a.start_orientations, a.aligned_start, a.drop_at, a.free_demonstrated_tilt) == ("paper", False, (), False)
    assert config.execution.trajectory == "optimiser" and config.pruning.method == "vote_3D_published"
    collision = a.weights.penetration, a.weights.self_penetration, a.weights.joint_limits
    assert all(collision) if name == "paper" else not any(collision)
    assert a.weights.posture == a.weights.gap == 0


def test_only_the_free_angle_is_free_where_the_demonstrations_tilt_is_not() -> None:
    hand = toy_hand()
    turn = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])  # on its side
    shown = demonstration().moved(turn)
    field = field_of(cloud(), hand, AS_PUBLISHED)
    for free in (True, False):
        settings = replace(weighted(FEATURE_ONLY), free_demonstrated_tilt=free)
        found = make_energy(hand, (field, field), shown, cloud().points, settings).goal.free_angles.numpy()
        own = tilt(hand.pose_tensors(shown)[1])[0].abs().numpy()
        np.testing.assert_allclose(found, np.maximum(own * free, np.radians(30)), atol=1e-9)
    assert own.max() > np.radians(60)


def test_the_published_trajectory_is_the_optimisers_path_at_steps_of_a_centimetre() -> None:
    start = demonstration()
    path = tuple(start.moved(planar(0, 0.003 * step)) for step in range(20))
    kept = thinned_path(path)
    assert kept[0] is path[0] and kept[-1] is path[-1] and set(map(id, kept)) <= set(map(id, path))
    gaps = np.linalg.norm(np.diff([pose.translation for pose in kept[:-1]], axis=0), axis=1)
    assert ((gaps >= 0.01) & (gaps < 0.013)).all()
    assert thinned_path(path[:1]) == path[:1]


def test_a_transfer_gives_the_trajectory_that_was_asked_for() -> None:
    settings = AlignmentSettings(opt_iterations=12, drop_at=(), keep_starts=(), focus_at=0)
    start = demonstration().moved(planar(0, 0.05))
    ways = ApproachSettings(trajectory="optimiser"), ApproachSettings()
    published, planned = (
        transfer(toy_energy(np.eye(4)), demonstration(), Starts((start,)), settings, way, seed=0) for way in ways
    )
    assert isinstance(published.trajectory[0], HandPose)
    np.testing.assert_allclose(published.trajectory[0].translation, start.translation, atol=1e-9)
    np.testing.assert_array_equal(published.trajectory[-1].row(), published.pose.row())
    np.testing.assert_array_equal(published.pose.row(), planned.pose.row())
    assert np.linalg.norm(planned.trajectory[0].translation - planned.pose.translation) == pytest.approx(0.1)
