"""Wide members and postures: far from rigid copies, and yet whole, standing, holdable and in true correspondence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.joints import JOINTS_RAD
from sparsedff.synthetic.families.parameters import is_only_wide
from sparsedff.synthetic.families.posture import POSABLE, postures
from sparsedff.synthetic.families.registry import FAMILIES, FIRST_FAMILIES, sample_member
from sparsedff.synthetic.families.wide import PROPORTION
from sparsedff.synthetic.rendering.scene import PlacedObject, place
from sparsedff.synthetic.truth import Truth

NAMES = tuple(FAMILIES)
CELL_M = 0.003


def _placed(name: str, parameters: object) -> PlacedObject:
    return place(FAMILIES[name].build(parameters), 0.0, 0.0, 0.0, CELL_M)


@pytest.fixture(scope="module")
def members() -> dict[str, tuple[PlacedObject, PlacedObject]]:
    """Per family the reference and a wide member."""
    found = {}
    for name, family in FAMILIES.items():
        member = sample_member(name, np.random.default_rng(11), 0.3, "wide")
        found[name] = _placed(name, family.reference), _placed(name, member)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_wide_members_are_closed_whole_and_can_be_held(name):
    family = FAMILIES[name]
    for seed in range(3):
        parameters = sample_member(name, np.random.default_rng(seed), 0.3, "wide")
        placed = _placed(name, parameters)
        mesh = placed.mesh_object
        assert mesh.is_watertight and mesh.body_count == 1 and mesh.volume > 0
        assert 0.06 < np.ptp(mesh.bounds, axis=0).max() < 0.42
        for task in family.tasks_of(parameters):
            for region in (family.tasks[task].fingers_on, family.tasks[task].thumb_on or family.tasks[task].fingers_on):
                assert region.contains(placed.shape, placed.mesh).sum() > 100


@pytest.mark.parametrize("name", NAMES)
def test_proportions_vary_on_their_own_over_the_whole_range(name):
    """Each length by itself: hardly any two rise and fall together, and both ends of the range are reached."""
    family = FAMILIES[name]
    rng = np.random.default_rng(5)
    drawn = [sample_member(name, rng, 0.3, "wide") for _ in range(150)]
    keys = [
        entry.name
        for entry in fields(family.reference)
        if isinstance(getattr(family.reference, entry.name), float)
        and entry.name not in ("colors", "scale")
        and not entry.name.endswith("_rad")
    ]
    ratios = np.array([[getattr(member, key) / getattr(family.reference, key) for key in keys] for member in drawn])
    assert ratios.min() > 0.6 and ratios.max() < 1.6
    reached = (ratios.min(axis=0) < 0.8) & (ratios.max(axis=0) > 1.35)
    assert reached.mean() >= 0.5, dict(zip(keys, reached, strict=True))
    together = np.corrcoef(ratios.T) - np.eye(len(keys))
    assert np.median(np.abs(together)) < 0.15
    for member in drawn[:30]:
        FAMILIES[name].build(member)
    assert PROPORTION == (0.7, 1.5)


def test_no_variation_gives_the_reference_and_the_same_seed_the_same_member():
    for name, family in FAMILIES.items():
        assert sample_member(name, np.random.default_rng(0), 0.0, "wide") == family.reference
        one, two = (sample_member(name, np.random.default_rng(3), 0.3, "wide") for _ in range(2))
        assert one == two and family.parameters_from_json(json.loads(json.dumps(one.to_json()))) == one


def test_near_members_are_what_they_were_before_wide_ones_came():
    """The suite `quick` and old tables depend on these draws: their parameters, to the bit."""
    digest = hashlib.sha256()
    for name in FIRST_FAMILIES:
        member = sample_member(name, np.random.default_rng(3), 0.12)
        known = {entry.name for entry in fields(member) if not is_only_wide(entry)}
        entries = {key: value for key, value in member.to_json().items() if key in known}
        digest.update(json.dumps(entries, sort_keys=True).encode())
        for entry in fields(member):
            assert not is_only_wide(entry) or getattr(member, entry.name) == getattr(
                FAMILIES[name].reference, entry.name
            )
    assert digest.hexdigest() == "efa35ddb67f9380643bcf2bac54d9b0f00e4fb58d0761ba68c926efebd1e9f73"


@pytest.mark.parametrize("name", NAMES)
def test_correspondence_holds_for_wide_members(members, name):
    reference, member = members[name]
    truth = Truth(reference, member)
    points = reference.mesh_world.vertices[::25]
    ours, theirs = (Truth(*pair)._comparable() for pair in ((reference, member), (member, reference)))
    mapped = truth.map_points(points)
    local = points - reference.world_from_object[:3, 3]
    on_shared = np.abs(ours[0].distance(local)) < 1e-3  # not on a part that the member lacks
    assert on_shared.mean() > 0.8
    landed = mapped[on_shared] - member.world_from_object[:3, 3]
    assert np.percentile(np.abs(ours[1].distance(landed)), 97) < 1e-3
    back = np.linalg.norm(Truth(member, reference).map_points(mapped[on_shared]) - points[on_shared], axis=1)
    assert np.median(back) < 0.0005 and np.percentile(back, 85) < 0.006
    assert theirs[0].family == name


def test_parts_come_and_go_and_tasks_with_them():
    rng = np.random.default_rng(2)
    mugs = [sample_member("mug", rng, 0.3, "wide") for _ in range(30)]
    cups = [mug for mug in mugs if not mug.handle]
    assert 3 < len(cups) < 27
    mug = FAMILIES["mug"]
    assert mug.tasks_of(cups[0]) == ("body", "rim") and mug.tasks_of(mug.reference) == ("body", "rim", "handle")
    assert mug.symmetry_of(mug.build(cups[0])) == 0 and mug.symmetry_of(mug.build(mug.reference)) == 1
    for seed in range(12):
        assert sample_member("mug", np.random.default_rng(seed), 0.3, "wide", task="handle").handle
    pans = [sample_member("pan", rng, 0.3, "wide") for _ in range(12)]
    assert {pan.helper for pan in pans} == {True, False}
    reference, second = (_placed("pan", replace(FAMILIES["pan"].reference, helper=there)) for there in (False, True))
    grip = reference.mesh_world.vertices[reference.mesh_world.vertices[:, 0] > 0.09][::10]
    np.testing.assert_allclose(
        Truth(reference, second).map_points(grip) - second.world_from_object[:3, 3],
        grip - reference.world_from_object[:3, 3],
        atol=1e-6,
    )


@pytest.mark.parametrize("name", POSABLE)
def test_postures_move_limbs_and_nothing_else(name):
    family = FAMILIES[name]
    animal = sample_member(name, np.random.default_rng(1), 0.12)
    first, second = postures(animal, np.random.default_rng(0), 2)
    joints = [entry.name for entry in fields(animal) if entry.name in JOINTS_RAD]
    rest = [entry.name for entry in fields(animal) if entry.name not in joints]
    assert len(joints) >= 9
    for posture in (first, second):
        assert all(getattr(posture, key) == getattr(animal, key) for key in rest)
        low, high = np.array([JOINTS_RAD[key] for key in joints]).T
        angles = [np.atleast_1d(getattr(posture, key)) for key in joints]
        assert all(np.all((a >= lo) & (a <= hi)) for a, lo, hi in zip(angles, low, high, strict=True))
        mesh = _placed(name, posture).mesh_object
        assert mesh.is_watertight and mesh.body_count == 1
    assert first != second
    assert postures(animal, np.random.default_rng(0), 1, reach=0.0) == [animal]

    # A limb keeps its lengths and its coat while it moves by centimetres.
    here, there = _placed(name, animal), _placed(name, first)
    shapes = {part.name: part for part in family.build(animal).parts}
    for part in there.shape.parts:
        np.testing.assert_allclose(part.primitive.bounds(), shapes[part.name].primitive.bounds(), atol=1e-9)
    hand = here.mesh_world.vertices[here.mesh.part_id == list(shapes).index("hand_left")]
    moved = Truth(here, there).map_points(hand)
    assert np.linalg.norm(moved - hand, axis=1).mean() > 0.01
    colors = [placed.albedo(points) for placed, points in ((here, hand), (there, moved))]
    assert np.abs(colors[0] - colors[1]).mean() < 0.06


def test_what_is_wrong_is_named():
    with pytest.raises(ConfigError, match="no manner of drawing members 'odd'; there are near, wide"):
        sample_member("mug", np.random.default_rng(0), 0.1, "odd")
    with pytest.raises(ConfigError, match="variation"):
        sample_member("mug", np.random.default_rng(0), 0.4, "wide")
    with pytest.raises(ConfigError, match="mug has no joints to bend; monkey and teddy have"):
        postures(FAMILIES["mug"].reference, np.random.default_rng(0))
    with pytest.raises(ConfigError, match="reach of a posture"):
        postures(FAMILIES["teddy"].reference, np.random.default_rng(0), 1, 2.0)
