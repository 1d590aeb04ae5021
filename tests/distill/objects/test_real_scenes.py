"""The choice of the object on captures that others measure with: the packaged sample and the real mug."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.distill.distil import SegmentedView, segment_views
from sparsedff.distill.objects.choosers.base import NO_GUIDE, Guide
from sparsedff.distill.objects.pick import pick_object
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import one_thing
from sparsedff.distill.segmentation.physics import PhysicsSegmenter
from sparsedff.distill.settings import Workspace
from sparsedff.synthetic.sample import MONKEYS, ensure_sample
from tests.support.paths import REPOSITORY, kitchen

SETTINGS = ObjectSettings()


def real_mug(name: str) -> tuple[SegmentedView, ...]:
    box = Workspace((-0.19, 0.19), (-0.19, 0.19), (0.0, 0.2))
    return segment_views(load_capture(kitchen() / name), PhysicsSegmenter(), box)


@pytest.mark.parametrize("name", MONKEYS)
def test_the_sample_shows_one_clean_object_which_stays_as_it_is(name: str) -> None:
    capture = load_capture(ensure_sample(REPOSITORY / "data" / "sample") / name)
    views = segment_views(capture, PhysicsSegmenter(), Workspace())
    found = pick_object(views, "largest", NO_GUIDE, SETTINGS)
    assert all(one is seen for one, seen in zip(found.views, views, strict=True))
    assert found.note == "one thing in the workspace"


def test_the_magazine_beside_the_real_mug_goes_and_the_mug_stays() -> None:
    views = real_mug("white_mug_reference")
    found = pick_object(views, "hand", NO_GUIDE, SETTINGS)
    before, after = one_thing(views).points, one_thing(found.views).points
    magazine = before[:, 1] < -0.05  # the mug stands at y -0.01 to 0.12
    assert magazine.sum() > 50 and (after[:, 1] > -0.05).all()
    np.testing.assert_array_equal(after, before[~magazine])
    assert found.note == "one thing and 1 scrap in the workspace; the thing is taken"
    assert sum(int(seen.mask.sum()) for seen in views) - sum(int(seen.mask.sum()) for seen in found.views) == 136


def test_the_moved_mug_stands_alone() -> None:
    views = real_mug("white_mug_moved")
    found = pick_object(views, "likeness", Guide(like=one_thing(real_mug("white_mug_reference"))), SETTINGS)
    assert all(one is seen for one, seen in zip(found.views, views, strict=True))
