"""Pairs of scenes: the same everywhere, true to their objects, surrounded as asked, across families where sensible."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.synthetic.families.cross_family import BARS, correspond_across, partners
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping.make import reference_member
from sparsedff.synthetic.pairs import PairSettings, _cameras, make_pair
from sparsedff.synthetic.rendering.surroundings import Surroundings, surround
from sparsedff.synthetic.rendering.table_texture import table_brightness, texture_names

SMALL = PairSettings(width_px=96)


@pytest.fixture(scope="module")
def hand() -> ShadowHand:
    return ShadowHand(HandSettings(pt_nums=150))


def test_same_object_elsewhere(hand):
    pair = make_pair("mug", "body", 3, "same_object", SMALL)
    reference, test, truth, demonstration = pair
    assert len(reference.views) == len(test.views) == 4 and test.views[0].image_size[0] == 96
    assert pair.demonstration is demonstration
    # The truth of a rigid pair is the rigid motion, for the hand as well.
    shown = hand.surface_of(demonstration)
    near = np.abs(truth.reference.distance(shown)) < 0.02
    moved = truth.test.world_from_object @ np.linalg.inv(truth.reference.world_from_object)
    expected = shown[near] @ moved[:3, :3].T + moved[:3, 3]
    np.testing.assert_allclose(truth.map_points(shown[near]), expected, atol=1e-6)
    assert np.abs(truth.test.distance(expected)).min() < 0.002  # the hand still touches


def test_same_arguments_same_bytes_other_seeds_other_scenes():
    first, again, other = (make_pair("box", "body", seed, "same_family", SMALL) for seed in (1, 1, 2))
    for one, two in zip(first.test.views, again.test.views, strict=True):
        np.testing.assert_array_equal(one.color_rgb, two.color_rgb)
        np.testing.assert_array_equal(one.depth_m, two.depth_m)
    assert not np.array_equal(first.truth.test.mesh_world.bounds, other.truth.test.mesh_world.bounds)
    assert first.reference is other.reference  # rendered once


def test_depth_shows_the_object_of_the_truth():
    pair = make_pair("mug", "body", 5, "same_family", SMALL)
    view = pair.test.views[0]
    rig = _cameras(96).rig
    u, v = np.meshgrid(np.arange(96), np.arange(view.depth_m.shape[0]))
    from sparsedff.synthetic.rendering.rays import rays_camera

    rays, _ = rays_camera(rig.cameras[0], np.stack([u.ravel(), v.ravel()], axis=1).astype(float))
    points = rays * view.depth_m.reshape(-1, 1)
    world = points @ view.world_from_camera[:3, :3].T + view.world_from_camera[:3, 3]
    above = (world[:, 2] > 0.03) & (world[:, 2] < 0.15) & (view.depth_m.ravel() > 0)
    assert above.sum() > 5
    assert np.median(np.abs(pair.truth.test.distance(world[above]))) < 0.006


def test_cross_family_pairs(hand):
    pair = make_pair("box", "body", 0, "cross_family", SMALL)
    assert pair.truth.test.shape.family != "box"
    shown = hand.surface_of(pair.demonstration)
    near = np.abs(pair.truth.reference.distance(shown)) < 0.003
    mapped = pair.truth.map_points(shown[near])
    kept = pair.truth.test.distance(mapped) - pair.truth.reference.distance(shown[near])
    assert np.percentile(np.abs(kept), 80) < 1e-3
    with pytest.raises(ConfigError, match="carries over to no other family"):
        make_pair("mug", "handle", 0, "cross_family", SMALL)
    with pytest.raises(ConfigError, match="kind of a pair must be one of"):
        make_pair("mug", "handle", 0, "sibling", SMALL)


@pytest.mark.parametrize(("ours", "theirs"), [(a, b) for a in BARS for b in partners(*a)])
def test_bars_map_ends_to_ends_and_sides_to_sides(ours, theirs):
    source, target = (reference_member(family) for family, _ in (ours, theirs))
    frames = []
    for placed, key in ((source, ours), (target, theirs)):
        part = next(part for part in placed.shape.parts if part.name == BARS[key].part)
        frames.append(BARS[key].frame(part))
    (source_from_bar, half), (target_from_bar, _) = frames
    steps = np.array([[0.01, 0.0, 0.0], [0.0, -1.05 * half[1], 0.0], [0.0, 0.0, 1.05 * half[2]]])
    points = steps @ source_from_bar[:3, :3].T + source_from_bar[:3, 3]
    mapped = correspond_across(source.shape, target.shape, ours[1], theirs[1], points[1:])
    local = (mapped - target_from_bar[:3, 3]) @ target_from_bar[:3, :3]
    assert local[0, 1] < -0.005 and local[1, 2] > 0.005  # the palm's side stays the palm's, the left the left


def test_rims_and_plush_across_families():
    for ours, theirs, task in (("mug", "bowl", "rim"), ("monkey", "teddy", "head"), ("teddy", "monkey", "arm")):
        source, target = reference_member(ours), reference_member(theirs)
        region = FAMILIES[ours].tasks[task].fingers_on.contains(source.shape, source.mesh)
        points = source.mesh.vertices[region][::10]
        mapped = correspond_across(source.shape, target.shape, task, task, points)
        assert np.percentile(np.abs(target.shape.distance(mapped)), 90) < 1e-3
        back = correspond_across(target.shape, source.shape, task, task, mapped)
        assert np.median(np.linalg.norm(back - points, axis=1)) < 0.002
    mug, bowl = reference_member("mug"), reference_member("bowl")
    inside = FAMILIES["mug"].tasks["rim"].thumb_on.contains(mug.shape, mug.mesh)
    mapped = correspond_across(mug.shape, bowl.shape, "rim", "rim", mug.mesh.vertices[inside][::10])
    assert (np.hypot(*bowl.shape.parts[0].to_canonical(mapped)[:, :2].T) < 1.0).mean() > 0.95
    with pytest.raises(ConfigError, match="goes with bowl/rim"):
        correspond_across(mug.shape, mug.shape, "rim", "handle", np.zeros((1, 3)))


def test_surroundings_stand_apart_and_hide_the_object():
    rig, mug = _cameras(96).rig, reference_member("mug")
    scene = surround(mug, Surroundings(clutter=3, occluders=1, tables=True, lights=True), rig, np.random.default_rng(1))
    assert len(scene.others) >= 3 and scene.table.texture in texture_names()
    for index, one in enumerate(scene.things):
        for two in scene.things[index + 1 :]:
            assert two.distance(one.mesh_world.vertices[::20]).min() > 0.0
    lone = surround(mug, Surroundings(), rig, np.random.default_rng(1))
    assert lone.things == (mug,) and lone.table.texture == "wood"

    def seen(scene):  # how many pixels show the mug, over all cameras
        from sparsedff.synthetic.rendering.render import Renderer

        renderer, count = Renderer(scene), 0
        for index, camera in enumerate(rig.cameras):
            pose = rig.world_from_camera(camera.serial)
            count += (renderer.cast(pose[:3, 3], _cameras(96)._rays[index][0] @ pose[:3, :3].T).thing == 0).sum()
        return count

    assert 0 < seen(scene) < seen(lone)
    with pytest.raises(ConfigError, match="clutter must be zero or more"):
        Surroundings(clutter=-1)


def test_table_textures():
    half = (0.05, 0.05)
    for name in texture_names():
        brightness = table_brightness(name, half)
        assert brightness.shape == (100, 100) and 0.5 < brightness.mean() < 1.5
    with pytest.raises(ConfigError, match="table texture must be one of wood"):
        table_brightness("glass", half)
