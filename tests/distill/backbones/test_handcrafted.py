"""The embedded backbone's groups: what they must not notice, what they must, and how much each weighs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.distill.backbones.base import ObjectView
from sparsedff.distill.backbones.choose import choose_backbone
from sparsedff.distill.backbones.handcrafted.backbone import HandcraftedBackbone
from sparsedff.distill.backbones.handcrafted.daisy import daisy_maps
from sparsedff.distill.backbones.handcrafted.shape_context import VOXEL_M, shape_context, thinned
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.settings import FeatureSettings
from sparsedff.errors import ConfigError
from sparsedff.synthetic.sample import placed_monkey

RADII_M = (0.0125, 0.025)


@pytest.fixture(scope="module")
def monkey() -> np.ndarray:
    """(800, 3) points on the packaged monkey, whose left and right arms differ a little."""
    points, _ = trimesh.sample.sample_surface(placed_monkey("monkey_original").mesh_world, 800, seed=0)
    return np.asarray(points)


def blob(seed: int, count: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).uniform((-0.06, -0.04, 0.0), (0.06, 0.04, 0.15), (count, 3))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 3), st.integers(-60, 60), st.integers(-60, 60))
def test_shape_context_moves_with_the_grid_exactly(seed: int, quarters: int, x: int, y: int) -> None:
    """Quarter turns about the vertical and whole cells along the table change nothing at all."""
    points = blob(seed)
    turn = np.rint(Rotation.from_euler("z", quarters * np.pi / 2).as_matrix())
    moved = points @ turn.T + VOXEL_M * np.array([x, y, 0])
    np.testing.assert_allclose(shape_context(moved), shape_context(points), atol=1e-5)


@settings(max_examples=8, deadline=None)
@given(st.floats(0, 2 * np.pi), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_shape_context_hardly_notices_any_yaw_and_place(monkey: np.ndarray, yaw: float, x: float, y: float) -> None:
    moved = monkey @ Rotation.from_euler("z", yaw).as_matrix().T + [x, y, 0]
    assert difference(shape_context(moved), monkey) < 0.2


def test_shape_context_tells_mirror_images_and_fallen_objects_apart(monkey: np.ndarray) -> None:
    assert difference(shape_context(monkey * (1, -1, 1)), monkey) > 0.4
    fallen = monkey @ Rotation.from_euler("x", 90, degrees=True).as_matrix().T
    assert difference(shape_context(fallen), monkey) > 0.4


def difference(found: np.ndarray, points: np.ndarray) -> float:
    """Mean difference from the points' own descriptors, in units of that between two random points."""
    own = shape_context(points)
    first, second = np.random.default_rng(0).integers(len(own), size=(2, 3000))
    return float(np.abs(found - own).mean() / np.abs(own[first] - own[second]).mean())


def test_shape_context_is_occupancy() -> None:
    column = np.array([[0.0025, 0.0025, z] for z in np.arange(0.005, 0.1, VOXEL_M)])
    found = shape_context(column, radii_m=(0.0, 0.05), heights_m=(0.0, 0.5), sectors=4)
    assert found.shape == (len(column), 2 * (1 + 4)) and found.min() >= 0 and found.max() <= 1
    # Itself is there, 2.5 mm off the cell's centre; 5 cm beside and half a metre above there is nothing.
    np.testing.assert_allclose(found[:, 0], np.exp(-2 * 0.0025**2 / (2 * 0.015**2)), atol=1e-5)
    assert found[:, 1:].max() < 0.01


def test_shape_context_knows_left_from_right() -> None:
    """Looking outward from the object's axis: the first quarter turn is to the left, seen from above."""
    body = np.array([[x, 0.0, 0.05] for x in np.arange(-0.15, 0.1, 0.005)])
    arm = np.array([[0.1, y, 0.05] for y in np.arange(0.0, 0.06, 0.005)])
    found = shape_context(np.concatenate([body, arm, [[0.1, 0, 0.05]]]), (0.05,), (0.0,), sectors=4)[-1]
    outward, left, inward, right = found
    assert left > 0.8 and inward > 0.8 and outward < 0.05 and right < 0.05


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 200))
def test_thinned_points_stand_for_all(seed: int, count: int) -> None:
    points = blob(seed, count)
    centres = thinned(points, 0.02)
    assert len(np.unique(centres, axis=0)) == len(centres) <= count
    gap = np.abs(points[:, None] - centres).max(axis=2)
    assert gap.min(axis=1).max() <= 0.01 + 1e-12 and gap.min(axis=0).max() <= 0.01 + 1e-12
    np.testing.assert_allclose(thinned(np.repeat(points, 3, axis=0)[::-1], 0.02), centres)


def texture(width: int, height: int, pixels_per_metre: float, shift_m: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """One smooth pattern in metres, sampled at pixel centres at any scale."""
    rng = np.random.default_rng(4)
    x, y = np.meshgrid((np.arange(width) + 0.5) / pixels_per_metre, (np.arange(height) + 0.5) / pixels_per_metre)
    total = np.zeros_like(x)
    for fx, fy, phase in rng.uniform((-90, -90, 0), (90, 90, 2 * np.pi), (12, 3)):
        total += np.sin(2 * np.pi * (fx * (x - shift_m[0]) + fy * (y - shift_m[1])) / 2 + phase)
    gray = np.clip(128 + 25 * total, 0, 255).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)


def view_of(image: np.ndarray, box: tuple[int, int, int, int], grid: tuple[int, int], scale: float) -> ObjectView:
    mask = np.zeros(image.shape[:2], dtype=bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return ObjectView(image, np.zeros(image.shape), mask, box, grid, scale)


@pytest.mark.parametrize("factor", [2, 3])
def test_daisy_does_not_notice_the_cameras_resolution(factor: int) -> None:
    scale = 500.0
    small = view_of(texture(200, 160, scale), (60, 50, 140, 110), (8, 10), scale)
    large_box = tuple(factor * edge for edge in small.box)
    large_image = texture(factor * 200, factor * 160, factor * scale)
    large = view_of(large_image, large_box, (8, 10), factor * scale)  # type: ignore[arg-type]
    a, b = (daisy_maps(view, RADII_M, 1200.0) for view in (small, large))
    assert a.shape == b.shape == (8, 10, 400)
    flat = a.reshape(-1, 400)
    typical = np.abs(flat[:, None] - flat).mean()
    assert np.abs(a - b).mean() < 0.12 * typical
    other = daisy_maps(replace(large, pixels_per_metre=scale), RADII_M, 1200.0)  # told a wrong scale it does notice
    assert np.abs(a - other).mean() > 0.6 * typical


def test_daisy_does_not_notice_the_noise_of_finer_pixels() -> None:
    scale = 1200.0
    image = texture(220, 180, scale)
    fine = np.repeat(np.repeat(image, 4, axis=0), 4, axis=1).astype(float)
    noise = np.random.default_rng(0).normal(scale=40, size=fine.shape[:2])[..., None]
    noisy = np.clip(fine + noise, 0, 255).astype(np.uint8)
    small = daisy_maps(view_of(image, (60, 50, 160, 130), (8, 10), scale), RADII_M, scale)
    large = daisy_maps(view_of(noisy, (240, 200, 640, 520), (8, 10), 4 * scale), RADII_M, scale)
    flat = small.reshape(-1, 400)
    assert np.abs(small - large).mean() < 0.5 * np.abs(flat[:, None] - flat).mean()


@pytest.mark.parametrize("scale", [600.0, 1200.0, 2400.0])
def test_daisy_is_centred_on_its_cell(scale: float) -> None:
    """A dot lights up the cells around it, as many on one side as on the other."""
    pixel = scale / 1200
    image = np.full((round(300 * pixel), round(300 * pixel), 3), 90, np.uint8)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]]
    dot = 150 * np.exp(-((rows - 140 * pixel) ** 2 + (columns - 160 * pixel) ** 2) / (2 * (3 * pixel) ** 2))
    image = (image + dot[..., None]).astype(np.uint8)
    box = tuple(round(edge * pixel) for edge in (80, 80, 240, 200))
    view = view_of(image, box, (60, 80), scale)  # type: ignore[arg-type]
    maps = daisy_maps(view, (0.0125,), 1200.0)
    lit = np.linalg.norm(maps - maps[0, 0], axis=2) > 0.05
    u, v = view.cell_centres()
    assert 500 < lit.sum() < 4000
    assert u[lit].mean() == pytest.approx(160 * pixel, abs=1.5 * pixel)
    assert v[lit].mean() == pytest.approx(140 * pixel, abs=1.5 * pixel)


def test_daisy_moves_with_the_object() -> None:
    scale = 1000.0
    here = view_of(texture(260, 220, scale), (80, 70, 160, 130), (6, 8), scale)
    there_box = (80 + 17, 70 + 9, 160 + 17, 130 + 9)
    there = view_of(texture(260, 220, scale, (0.017, 0.009)), there_box, (6, 8), scale)
    a, b = (daisy_maps(view, RADII_M, 1200.0) for view in (here, there))
    np.testing.assert_allclose(a, b, atol=0.02 * a.max())
    still = daisy_maps(replace(there, box=here.box), RADII_M, 1200.0)
    assert np.abs(a - still).mean() > 5 * np.abs(a - b).mean()


def test_daisy_answers_at_the_images_edge_and_on_tiny_objects() -> None:
    image = texture(60, 40, 800.0)
    for box in ((0, 0, 60, 40), (57, 37, 60, 40), (0, 10, 1, 11)):
        found = daisy_maps(view_of(image, box, (2, 3), 800.0), RADII_M, 1200.0)
        assert found.shape == (2, 3, 400) and np.isfinite(found).all()


def cloud(seed: int = 0, count: int = 300, color: int | None = None) -> FeatureCloud:
    rng = np.random.default_rng(seed)
    colors = rng.integers(0, 256, (count, 3), dtype=np.uint8)
    if color is not None:
        colors[:] = color
    features = rng.normal(size=(count, 600)) @ np.diag(rng.uniform(0.1, 1, 600))
    return FeatureCloud(blob(seed, count).astype(np.float32), colors, features.astype(np.float32), np.zeros(count, int))


# Columns of the groups: three DAISY radii, height, colour, shape context.
GROUPS = {"daisy": slice(0, 48), "height": slice(48, 49), "color": slice(49, 52), "shape": slice(52, 68)}


def shares(backbone: HandcraftedBackbone, features: np.ndarray) -> dict[str, float]:
    """Mean L1 between two random points, summed over each group's channels."""
    first, second = np.random.default_rng(5).integers(len(features), size=(2, 20000))
    gap = np.abs(features[first] - features[second]).mean(axis=0)
    return {name: float(gap[part].sum()) for name, part in GROUPS.items()}


def test_every_group_has_the_share_that_its_weight_says() -> None:
    """However many channels a group has: one of height, three of colour, sixteen of each descriptor."""
    reference = cloud()
    backbone = HandcraftedBackbone()
    features = backbone.fit(reference)(reference).features
    assert features.shape == (300, 68) and features.dtype == np.float32
    found = shares(backbone, features)
    for name, weight in (("daisy", 3 * 0.5), ("height", 1.0), ("color", 1.0), ("shape", 2.0)):
        assert found[name] == pytest.approx(weight * backbone.components, rel=0.05), name


@pytest.mark.parametrize("name", ["daisy", "height", "color", "shape"])
def test_a_weight_scales_its_group_alone(name: str) -> None:
    reference, test = cloud(0), cloud(1, 200)
    plain = HandcraftedBackbone().fit(reference)(test).features
    weight = getattr(HandcraftedBackbone(), f"{name}_weight")
    heavy = HandcraftedBackbone(**{f"{name}_weight": 3 * weight}).fit(reference)(test).features
    expected = plain.copy()
    expected[:, GROUPS[name]] *= 3
    np.testing.assert_allclose(heavy, expected, rtol=1e-5)


def test_the_test_cloud_is_reduced_as_the_reference_was() -> None:
    """A point with the reference's own descriptors gets the reference's own features, in whatever company."""
    reference = cloud()
    reduce = HandcraftedBackbone().fit(reference)
    own, part = reduce(reference).features, reduce(reference.select(np.arange(150))).features
    np.testing.assert_allclose(part[:, GROUPS["daisy"]], own[:150, GROUPS["daisy"]], atol=1e-4)
    np.testing.assert_allclose(part[:, GROUPS["height"]], own[:150, GROUPS["height"]], atol=1e-5)


def test_colour_does_not_notice_exposure() -> None:
    reference = cloud()
    brighter = replace(reference, colors=(80 + 0.5 * reference.colors).astype(np.uint8))
    reduce = HandcraftedBackbone().fit(reference)
    a, b = reduce(reference).features[:, GROUPS["color"]], reduce(brighter).features[:, GROUPS["color"]]
    assert np.abs(a - b).mean() < 0.3 * np.abs(a - a[::-1]).mean()


@pytest.mark.parametrize("degenerate", ["color", "height", "one point"])
def test_what_does_not_vary_on_the_reference_weighs_nothing(degenerate: str) -> None:
    """A white object's colour must not outweigh everything on a test object that is not quite white."""
    if degenerate == "color":
        reference = cloud(color=255)
    elif degenerate == "height":
        flat = cloud()
        reference = replace(flat, points=np.column_stack([flat.points[:, :2], np.full(300, 0.05)]).astype(np.float32))
    else:
        reference = cloud().select(np.array([0]))
    features = HandcraftedBackbone().fit(reference)(cloud(1)).features
    assert np.isfinite(features).all() and np.abs(features).max() < 100
    if degenerate in GROUPS:
        assert (features[:, GROUPS[degenerate]] == 0).all()


def test_the_same_input_gives_the_same_features() -> None:
    first, again = (HandcraftedBackbone().fit(cloud())(cloud(2)).features for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_extraction_gives_a_map_on_every_views_grid() -> None:
    backbone = HandcraftedBackbone()
    views = [view_of(texture(80, 60, 700.0), (20, 20, 60, 45), grid, 700.0) for grid in ((3, 4), (1, 1))]
    maps = backbone.extract(views)
    assert [m.shape for m in maps] == [(3, 4, 600), (1, 1, 600)] and backbone.name == "handcrafted"


def test_an_unknown_backbone_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"^backbone: no 'dino'; known are .*handcrafted"):
        choose_backbone("dino", FeatureSettings(), torch.device("cpu"))
