"""The rigid floor: nothing for rigid pairs, the closed form for a stretch, and no worse than any motion tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sparsedff.errors import HandError
from sparsedff.geometry import apply, transform
from sparsedff.synthetic.families.posture import postures
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping.make import reference_member
from sparsedff.synthetic.rendering.scene import PlacedObject, place
from sparsedff.synthetic.rigid_floor import best_rigid_error, rigid_floor
from sparsedff.synthetic.truth import Truth


def _box(width: float, yaw_rad: float = 0.0) -> PlacedObject:
    family = FAMILIES["box"]
    return place(family.build(replace(family.reference, width=width)), 0.02, -0.03, yaw_rad, 0.004)


def test_the_same_object_elsewhere_has_no_floor():
    for name in ("mug", "bottle", "box"):
        reference = reference_member(name)
        moved = place(reference.shape, 0.05, -0.02, 0.7, reference.cell_m)
        contacts = reference.mesh_world.vertices[::150]
        for whole in (False, True):
            assert rigid_floor(Truth(reference, moved), contacts, whole) < 1e-6


@pytest.mark.parametrize("width", [0.7, 1.4])
def test_one_scaled_axis_has_a_closed_form(width):
    """Two opposite contacts on the sides of a box that is `width` as wide: each misses by half the difference."""
    reference, wider = _box(1.0), _box(width, 0.4)
    half = 0.050
    sides = np.array([[0.01, half, 0.05], [0.01, -half, 0.05], [-0.01, half, 0.08], [-0.01, -half, 0.08]])
    contacts = apply(reference.world_from_object, sides)
    expected = abs(width - 1.0) * half
    truth = Truth(reference, wider)
    assert rigid_floor(truth, contacts) == pytest.approx(expected, abs=1e-5)
    assert rigid_floor(truth, contacts, whole_object=True) == pytest.approx(expected, rel=0.05)


def test_turns_of_symmetric_things_count():
    """Contacts mapped to a bottle and turned by any angle are as right."""
    bottle = reference_member("bottle")
    contacts = bottle.mesh_world.vertices[::200]
    assert rigid_floor(Truth(bottle, bottle).turned(1.234), contacts) < 1e-5
    assert rigid_floor(Truth(bottle, bottle).turned(1.234), contacts, whole_object=True) < 1e-4
    box = reference_member("box")
    assert rigid_floor(Truth(box, box).turned(np.pi), box.mesh_world.vertices[::300], whole_object=True) < 1e-5


def test_no_rigid_motion_beats_the_best():
    rng = np.random.default_rng(0)
    source = rng.normal(0.0, 0.04, (30, 3))
    target = source * [1.4, 0.8, 1.0] + rng.normal(0.0, 0.004, (30, 3))
    best = best_rigid_error(source, target)
    for _ in range(300):
        turn = Rotation.from_rotvec(rng.normal(0.0, 0.05, 3)).as_matrix()
        moved = apply(transform(turn, rng.normal(0.0, 0.003, 3)), source)
        assert np.linalg.norm(moved - target, axis=1).mean() > best - 1e-5
    away = transform(Rotation.from_rotvec([0.3, 1.0, -2.0]).as_matrix(), np.array([0.2, 0.1, 0.5]))
    assert best_rigid_error(source, apply(away, target)) == pytest.approx(best, abs=1e-6)
    assert best_rigid_error(source[:1], target[:1]) < 1e-9


def test_a_bent_limb_goes_its_own_way():
    """The arm's contacts move as a whole with the arm, which a fit of the whole animal misses by a centimetre."""
    family = FAMILIES["teddy"]
    reference = reference_member("teddy")
    bent = postures(family.reference, np.random.default_rng(0))[0]
    truth = Truth(reference, place(family.build(bent), 0.0, 0.0, 0.0, family.cell_m))
    arm = family.tasks["arm"].fingers_on.contains(reference.shape, reference.mesh)
    contacts = reference.mesh_world.vertices[arm][::20]
    own, whole = rigid_floor(truth, contacts), rigid_floor(truth, contacts, whole_object=True)
    assert own < 0.006 and whole > 0.01 and own < whole


def test_a_hand_that_touches_nothing_is_named():
    box = reference_member("box")
    with pytest.raises(HandError, match="no contact points"):
        rigid_floor(Truth(box, box), np.zeros((0, 3)))
