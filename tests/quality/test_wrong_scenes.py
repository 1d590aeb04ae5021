"""Scenes that are wrong though their files are sound: each is found, and healthy ones are left in peace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsedff.capture.model import View
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.settings import Workspace
from sparsedff.errors import HandError
from sparsedff.geometry import transform
from sparsedff.quality.likeness import unlikeness
from sparsedff.quality.object_views import object_agreement
from sparsedff.quality.quick import quick_check
from sparsedff.quality.scene import scene_check
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.shown_hand import ShownHand, shown_hand
from sparsedff.quality.wrong import shown_wrongly, thin, unlike
from tests.support.box_scenes import BOX_M, segmented, standing_box
from tests.support.transfer_toys import cloud, moved_cloud, planar

LIMITS = CheckSettings()
BOX = Workspace((-0.3, 0.3), (-0.3, 0.3), (-0.05, 0.3))


def views_of(seen: tuple[SegmentedView, ...]) -> tuple[list[View], list[np.ndarray]]:
    return [one.view for one in seen], [one.mask for one in seen]


def pushed(views: list[View], which: int, x: float, y: float = 0.0) -> list[View]:
    """One camera stands elsewhere along the table than its calibration says."""
    by = transform(np.eye(3), np.array([x, y, 0.0]))
    return [
        replace(view, world_from_camera=by @ view.world_from_camera) if i == which else view
        for i, view in enumerate(views)
    ]


def test_views_of_a_box_agree_on_it_also_where_other_things_hide_it() -> None:
    for others in ((), (standing_box(0.12, 0.02, 0.02, 0.05, 0.15),)):
        views, masks = views_of(segmented(BOX_M, *others))
        alone = [seen_mask for seen_mask in masks]
        shares = [one.contradicted for one in object_agreement(views, alone)]
        assert len(shares) == 4 and max(shares) < 0.02


@pytest.mark.parametrize(("x", "y"), [(0.05, 0.0), (0.0, -0.05), (0.035, 0.035)])
def test_a_camera_pushed_along_the_table_contradicts_the_others(x: float, y: float) -> None:
    views, masks = views_of(segmented(BOX_M))
    wrong = object_agreement(pushed(views, 2, x, y), masks)
    shares = {one.serial: one.contradicted for one in wrong}
    assert max(shares, key=lambda serial: shares[serial]) == "c2" and shares["c2"] > LIMITS.contradicted_doubtful
    assert max(share for serial, share in shares.items() if serial != "c2") < LIMITS.contradicted_doubtful


def test_a_camera_that_shows_bare_table_where_the_others_show_the_object_contradicts_them() -> None:
    views, masks = views_of(segmented(BOX_M))
    masks[1] = np.zeros_like(masks[1])
    shares = [one.contradicted for one in object_agreement(views, masks)]
    assert shares[1] == 1.0 and max(shares[0], shares[2], shares[3]) < 0.02


def test_one_view_contradicts_nobody() -> None:
    views, masks = views_of(segmented(BOX_M, azimuths=(0.3,)))
    assert np.isnan(object_agreement(views, masks)[0].contradicted)


def test_the_scenes_record_names_the_camera_and_the_worst_word_wins() -> None:
    views, masks = views_of(segmented(BOX_M))
    healthy = scene_check("s", views, masks, 900, BOX, LIMITS)
    assert (healthy["verdict"], healthy["reasons"]) == ("usable", []) and healthy["showing"] == ["c0", "c1", "c2", "c3"]
    found = scene_check("s", pushed(views, 2, 0.05), masks, 900, BOX, LIMITS)
    assert found["verdict"] != "usable" and found["cameras"]["c2"]["contradicted"] > LIMITS.contradicted_doubtful
    assert found["reasons"][0].startswith("c2 and the other cameras show the object in different places")
    few = scene_check("s", views, masks, 28, BOX, LIMITS)
    assert few["verdict"] == "doubtful" and "only 28 points" in few["reasons"][0]
    assert set(healthy) > set(quick_check("s", views, BOX, LIMITS))


def test_little_of_an_object_is_doubtful() -> None:
    assert thin(60, ["a", "b"], LIMITS) == [] and thin(None, ["a", "b"], LIMITS) == []
    assert "only a shows the object" in thin(500, ["a"], LIMITS)[0]
    assert "28 points, under 60" in thin(28, ["a", "b"], LIMITS)[0]


def block(center: tuple[float, float, float], half_m: float = 0.004) -> np.ndarray:
    """Corners and middle of a small cube: a hand's stead."""
    corners = np.stack(np.meshgrid(*3 * [[-half_m, half_m]]), axis=-1).reshape(-1, 3)
    return np.array(center) + np.concatenate([corners, np.zeros((1, 3))])


def test_how_deep_a_hand_is_in_a_box() -> None:
    views = segmented(BOX_M)
    beside, off, within = (shown_hand(block(at), views) for at in ((0.055, 0, 0.06), (0.3, 0, 0.06), (0, 0, 0.06)))
    assert beside.nearest_m < 0.006 and beside.inside_m < 0.006
    assert off.nearest_m == pytest.approx(0.25, abs=0.01) and off.inside_m == 0.0
    assert within.inside_m == pytest.approx(0.04, abs=0.006)  # the box is 8 cm wide


def test_a_hand_behind_the_only_camera_or_in_its_shadow_beyond_the_object_is_judged_by_what_is_seen() -> None:
    views = segmented(BOX_M, azimuths=(0.3,))
    assert shown_hand(block((0.7, 0.2, 0.6)), views).inside_m == 0.0
    assert shown_hand(block((0, 0, 0.06)), views).inside_m > 0.03


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (ShownHand(0.88, 0.0), "the nearest point of the hand is 88 cm from the object"),
        (ShownHand(0.0, 0.043), "the hand is 43 mm deep in the object"),
    ],
)
def test_a_hand_that_is_certainly_wrong_is_refused(shown: ShownHand, says: str) -> None:
    with pytest.raises(HandError, match=says) as caught:
        shown_wrongly(shown, LIMITS)
    assert "\n" not in str(caught.value) and "give the pose that was shown on data1" in str(caught.value)


def test_a_hand_that_may_be_wrong_is_doubted_and_a_good_one_is_not() -> None:
    assert shown_wrongly(ShownHand(0.003, 0.012), LIMITS) == []
    assert "does not touch the object" in shown_wrongly(ShownHand(0.05, 0.0), LIMITS)[0]
    assert "25 mm deep" in shown_wrongly(ShownHand(0.0, 0.025), LIMITS)[0]


def test_the_same_features_elsewhere_are_alike_and_random_ones_are_not() -> None:
    reference, hand = cloud(), cloud().points[:20] + 0.005
    assert unlikeness(reference, moved_cloud(planar(40.0, 0.1)), hand) < 1e-3
    features = np.random.default_rng(1).normal(size=reference.features.shape)
    far = (features + 5 * reference.features.std()).astype(np.float32)
    other = FeatureCloud(reference.points, reference.colors, far, reference.view_index)
    assert unlikeness(reference, other, hand) > LIMITS.unlike_doubtful
    assert unlike(0.3, LIMITS) == [] and "looks like what the demonstrated hand holds" in unlike(0.99, LIMITS)[0]


def test_only_what_the_hand_holds_needs_a_likeness() -> None:
    """A mug that has lost everything but its handle can still be held by the handle."""
    reference = cloud()
    order = np.argsort(reference.points[:, 2])
    hand = reference.points[order[-20:]]
    top = reference.select(order[-80:])
    bottom = reference.select(order[:80])
    assert unlikeness(reference, top, hand) < 1e-3 < 0.3 < unlikeness(reference, bottom, hand)
