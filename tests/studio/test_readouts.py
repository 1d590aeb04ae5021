"""Readouts against brute force, and against each other when everything is moved."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from sparsedff.geometry import transform
from sparsedff.hands.pose import HandPose
from sparsedff.studio import readouts
from sparsedff.studio.readouts import Measure
from tests.support.hand_oracle import shadow
from tests.support.transfer_toys import cloud, demonstration

HAND = shadow(torch.float64, 60)
POINTS = cloud().points


def test_distances_are_those_of_the_hands_own_primitives() -> None:
    measured = Measure(HAND, POINTS)(demonstration())
    links = HAND.world_from_links(*HAND.pose_tensors(demonstration()))
    each = HAND.distances(links, torch.tensor(POINTS).double())[0]
    for tip, finger in zip(measured.tips, ("ff", "mf", "rf", "lf", "th"), strict=True):
        (index,) = (i for i, link in enumerate(HAND.primitive_links) if link == f"robot0:{finger}distal")
        assert tip == pytest.approx(float(each[index].min()), abs=1e-6)
    assert measured.penetration == pytest.approx(max(0.0, -float(each.min())), abs=1e-6)
    placed = demonstration().world_from_palm @ measured.palm_from_links
    np.testing.assert_allclose(placed, links[0].numpy(), atol=1e-6)


def test_hand_and_object_moved_together_read_the_same() -> None:
    motion = transform(Rotation.from_euler("xyz", [0.4, -0.7, 2.0]).as_matrix(), np.array([0.3, -0.2, 0.5]))
    one = Measure(HAND, POINTS)(demonstration())
    other = Measure(HAND, POINTS @ motion[:3, :3].T + motion[:3, 3])(demonstration().moved(motion))
    np.testing.assert_allclose(one.tips, other.tips, atol=1e-6)
    assert one.penetration == pytest.approx(other.penetration, abs=1e-6)


def test_a_hand_in_object_and_table_is_told_how_deep() -> None:
    low = HandPose(demonstration().translation - [0, 0, 0.15], demonstration().rotation, demonstration().joints)
    measured = Measure(HAND, POINTS)(low)
    surface = HAND.surface_of(low)
    assert measured.under_table == pytest.approx(-surface[:, 2].min(), abs=1e-6) and measured.under_table > 0.02
    assert "under the table" in measured.markdown() and f"{1000 * measured.penetration:.1f} mm" in measured.markdown()
    free = Measure(HAND, POINTS)(demonstration())
    assert free.under_table == 0 and "under the table" not in free.markdown()


def test_large_clouds_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readouts, "MOST_POINTS", 100)
    thin = Measure(HAND, POINTS)(demonstration())
    np.testing.assert_allclose(thin.tips, Measure(HAND, POINTS[::3])(demonstration()).tips)
