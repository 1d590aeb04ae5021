"""The learned backbone: what its inputs must not notice, its normals, its weights and its place in a transfer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.distill.backbones.base import ObjectView
from sparsedff.distill.backbones.choose import choose_backbone
from sparsedff.distill.backbones.learned.backbone import LearnedBackbone, LearnedReduction
from sparsedff.distill.backbones.learned.describe import describe, describe_some, middle_of
from sparsedff.distill.backbones.learned.middle import agreed_middle, centroid
from sparsedff.distill.backbones.learned.network import CHANNELS, PointNetwork
from sparsedff.distill.backbones.learned.normals import normal_map
from sparsedff.distill.backbones.learned.probes import CELL_M, INPUTS, REACH_M, frames, inputs, surroundings_of
from sparsedff.distill.backbones.learned.stance import Known, sphere, tilted, turn_upright, upright_from_world
from sparsedff.distill.backbones.learned.weights import (
    CARD,
    FILE,
    MOST_BYTES,
    load_network,
    stated_sha256,
    weights_sha256,
)
from sparsedff.distill.cache import identity_of
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.settings import FeatureSettings
from sparsedff.distill.spread import TYPICAL_L1, typical_l1
from sparsedff.errors import DistillError, WeightsError
from sparsedff.geometry import apply, look_at

CPU = torch.device("cpu")


def cloud_of(seed: int, count: int = 400) -> FeatureCloud:
    rng = np.random.default_rng(seed)
    points = rng.uniform((-0.06, -0.04, 0.02), (0.06, 0.04, 0.15), (count, 3)).astype(np.float32)
    normals = rng.normal(size=(count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    features = np.concatenate([rng.normal(size=(count, 600)), normals], axis=1).astype(np.float32)
    colors = rng.integers(0, 255, (count, 3)).astype(np.uint8)
    return FeatureCloud(points, colors, features, np.zeros(count, dtype=np.int64))


def test_inputs_move_with_the_grid_exactly() -> None:
    """Quarter turns about the vertical and whole cells along the table change nothing."""
    cloud = cloud_of(0)
    points, normals = np.asarray(cloud.points, dtype=np.float64), cloud.features[:, -3:]
    points = np.rint(points / CELL_M) * CELL_M
    middle, chosen = np.array([0.0013, -0.0021]), np.arange(60)
    before = inputs(points, normals, chosen, middle, surroundings_of(points))
    assert before.shape == (60, INPUTS)
    turn = np.rint(Rotation.from_euler("z", np.pi / 2).as_matrix())
    moved = points @ turn.T + CELL_M * np.array([11, -7, 0])
    there = (turn @ np.append(middle, 0.0))[:2] + CELL_M * np.array([11, -7])
    after = inputs(moved, normals @ turn.T, chosen, there, surroundings_of(moved))
    # Probes that fall between two cells may round to either; hardly any do.
    assert (np.abs(after - before) > 1e-4).mean() < 0.01


def test_features_hardly_notice_yaw_and_place() -> None:
    points, normals = dumbbell()
    network = load_network()
    before = describe(network, points, normals)
    turn = Rotation.from_euler("z", 1.1).as_matrix()
    after = describe(network, points @ turn.T + [0.113, -0.07, 0.0], normals @ turn.T)
    spread = np.abs(before - before[np.random.default_rng(0).permutation(len(before))]).mean()
    assert np.abs(after - before).mean() < 0.25 * spread


def dumbbell(bar_m: float = 0.08) -> tuple[np.ndarray, np.ndarray]:
    """Points and normals of an upright bottle-like thing with a bar to one side, at a height [m]."""
    rng = np.random.default_rng(1)
    angle, height = rng.uniform(0, 2 * np.pi, 700), rng.uniform(0.02, 0.12, 700)
    around = np.stack([np.cos(angle), np.sin(angle), np.zeros(700)], axis=1)
    body = 0.035 * around + np.stack([np.zeros(700), np.zeros(700), height], axis=1)
    bar = np.stack([rng.uniform(0.035, 0.12, 200), np.zeros(200), np.full(200, bar_m)], axis=1)
    side = np.stack([np.zeros(200), np.cos(angle[:200]), np.sin(angle[:200])], axis=1)
    return np.concatenate([body, bar + 0.01 * side]), np.concatenate([around, side])


def test_distances_are_those_to_the_nearest_point() -> None:
    points = np.random.default_rng(2).uniform(0, 0.1, (50, 3))
    around = surroundings_of(points)
    queries = np.random.default_rng(3).uniform(-0.04, 0.14, (200, 3)).astype(np.float32)
    true = np.linalg.norm(queries[:, None] - points[None], axis=2).min(axis=1)
    found = around.at(*queries.T)
    inside = true < REACH_M
    assert np.abs(found - true)[inside].max() < 2 * CELL_M  # two roundings to a cell
    assert around.at(*np.array([[9.0], [0.0], [0.0]], dtype=np.float32))[0] == np.float32(REACH_M)


def test_the_middle_is_found_from_votes_whatever_the_start() -> None:
    points = np.random.default_rng(4).uniform(-0.1, 0.1, (40, 3))
    true = np.array([0.02, -0.03])

    def vote(middle: np.ndarray) -> np.ndarray:
        offset = (true - points[:, :2]) / 0.1
        offset[:12] += 3.0  # clutter votes for something else
        return np.einsum("nij,nj->ni", frames(points, middle)[:, :2, :2], offset)

    np.testing.assert_allclose(agreed_middle(points, vote, np.array([0.09, 0.09])), true, atol=1e-6)


def test_clutter_moves_the_voted_middle_less_than_the_centroid() -> None:
    points, normals = dumbbell()
    patch = np.array([0.0, 0.09, 0.03]) + np.random.default_rng(0).uniform(-0.015, 0.015, (50, 3))
    cluttered = np.concatenate([points, patch])
    facing = np.concatenate([normals, np.tile([0.0, 0.0, 1.0], (50, 1))])
    network = load_network()
    voted = middle_of(network, cluttered, facing, surroundings_of(cluttered))
    alone = middle_of(network, points, normals, surroundings_of(points))
    assert np.linalg.norm(voted - alone) < np.linalg.norm(centroid(cluttered) - centroid(points))


@pytest.mark.parametrize("azimuth", [0.3, 2.0, 4.4])
def test_normals_face_the_camera(azimuth: float) -> None:
    eye = np.array([0.8 * np.cos(azimuth), 0.8 * np.sin(azimuth), 0.5])
    center, radius = np.array([0.01, 0.02, 0.06]), 0.05
    world_from_camera = look_at(eye, center)
    u, v = np.meshgrid(np.arange(160.0), np.arange(120.0))
    rays = np.stack([(u - 80) / 600, (v - 60) / 600, np.ones_like(u)], axis=-1) @ world_from_camera[:3, :3].T
    half = rays @ (center - eye) / (rays**2).sum(axis=-1)
    square = half**2 - ((center - eye) @ (center - eye) - radius**2) / (rays**2).sum(axis=-1)
    mask = square > 0
    points = eye + (half - np.sqrt(np.maximum(square, 0)))[..., None] * rays
    points += np.random.default_rng(0).normal(0, 0.0005, points.shape)
    rows, columns = np.nonzero(mask)
    box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    scale = 600 / float(np.linalg.norm(center - eye))
    view = ObjectView(np.zeros((120, 160, 3), np.uint8), points, mask, box, (12, 12), scale)
    normals = normal_map(view)
    cu, cv = (np.rint(axis).astype(int) for axis in view.cell_centres())
    seen = mask[cv, cu]
    assert seen.sum() > 60 and not normals[~seen].any()
    expected = (points[cv, cu] - center)[seen] / radius
    toward = (eye - points[cv, cu])[seen]
    cosine = np.einsum("ni,ni->n", normals[seen], expected)
    assert np.median(cosine) > 0.99 and (cosine > 0.8).mean() > 0.95
    assert (np.einsum("ni,ni->n", normals[seen], toward) > 0).mean() > 0.97


def test_the_fitted_features_have_the_typical_size_and_their_shares() -> None:
    cloud = cloud_of(5)
    for backbone in (LearnedBackbone(), LearnedBackbone("learned_only", share=1.0)):
        features = backbone.fit(cloud)(cloud).features
        assert typical_l1(features) == pytest.approx(TYPICAL_L1, rel=0.02)
        first, second = np.random.default_rng(0).integers(len(features), size=(2, 5000))
        difference = np.abs(features[first] - features[second])
        assert difference[:, :CHANNELS].sum() / difference.sum() == pytest.approx(backbone.share, rel=0.02)
    assert features.shape[1] == CHANNELS


def test_a_stored_reduction_is_the_same() -> None:
    cloud, other = cloud_of(6), cloud_of(7)
    for backbone in (LearnedBackbone(), LearnedBackbone("learned_only", share=1.0)):
        fitted = backbone.fit(cloud)
        stored = backbone.stored(fitted.arrays())
        assert isinstance(stored, LearnedReduction)
        np.testing.assert_array_equal(stored(other).features, fitted(other).features)
    with pytest.raises(DistillError, match="not of the learned backbone"):
        backbone.stored({})


def test_the_shipped_weights_are_those_of_the_card() -> None:
    assert stated_sha256() == weights_sha256(FILE)
    assert FILE.stat().st_size <= MOST_BYTES
    assert sum(value.numel() for value in load_network().parameters()) == sum(
        value.numel() for value in PointNetwork().parameters()
    )
    text = CARD.read_text()
    for word in ("python -m sparsedff.learn.train", "does not know", "seed"):
        assert word in text


def test_missing_and_damaged_weights_are_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none.safetensors: the learned backbone's weights are missing; .*train"):
        load_network(tmp_path / "none.safetensors")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(FILE.read_bytes()[:5000])
    with pytest.raises(WeightsError, match="these are no weights of the learned backbone") as caught:
        load_network(broken)
    assert "\n" not in str(caught.value)


def test_they_are_registered_and_say_who_they_are() -> None:
    for name in ("learned", "learned_only"):
        backbone, why = choose_backbone(name, FeatureSettings(), CPU)
        assert backbone.name == name and why == f"features: {name}, as asked for"
        identity = identity_of(backbone)
        assert identity["weights_sha256"] == weights_sha256(FILE)
        json.dumps(identity)


TOP_BAR_M = 0.112
"""So high that the thing looks another upside down."""


def lying(points: np.ndarray, normals: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The thing turned and set down on the table."""
    turned = points @ turn.T
    return turned - [0.0, 0.0, turned[:, 2].min()], normals @ turn.T


@pytest.mark.parametrize("rotvec", [(1.5, 0.0, 0.0), (0.0, 0.8, 0.3), (0.4, -2.0, 1.0)])
def test_a_thing_that_lies_is_set_up_as_the_reference_stands(rotvec: tuple[float, ...]) -> None:
    points, normals = dumbbell(TOP_BAR_M)
    network = load_network()
    coordinates = describe(network, points, normals)
    known = Known(coordinates, typical_l1(coordinates))

    def some(stood: np.ndarray, facing: np.ndarray) -> np.ndarray:
        return describe_some(network, stood, facing, 100)

    assert np.array_equal(upright_from_world(points, normals, known, some), np.eye(4)), "it stands already"
    there, facing = lying(points, normals, Rotation.from_rotvec(rotvec).as_matrix())
    found = upright_from_world(there, facing, known, some)
    up = found[:3, :3] @ Rotation.from_rotvec(rotvec).as_matrix() @ [0.0, 0.0, 1.0]
    assert np.degrees(np.arccos(up[2])) < 12, "its own up is up again"
    assert abs(float(apply(found, there)[:, 2].min())) < 0.005, "its foot is on the table"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 3.0))
def test_directions_are_even_and_tilts_exact(seed: int, angle: float) -> None:
    up = np.random.default_rng(seed).normal(size=3)
    up /= np.linalg.norm(up)
    np.testing.assert_allclose(turn_upright(up) @ up, [0, 0, 1], atol=1e-9)
    np.testing.assert_allclose(tilted(up, angle) @ up, np.cos(angle), atol=1e-9)
    assert np.degrees(np.arccos((sphere(60) @ up).max())) < 20, "no direction is far from one that is tried"


def test_features_are_those_of_the_standing_thing_and_say_how_it_was_set_up() -> None:
    backbone, points, normals = LearnedBackbone("learned_only", share=1.0), *dumbbell(TOP_BAR_M)
    rest = np.zeros((len(points), 600))
    colors, views = np.zeros((len(points), 3), dtype=np.uint8), np.zeros(len(points), dtype=np.int64)

    def cloud(there: np.ndarray, facing: np.ndarray) -> FeatureCloud:
        features = np.concatenate([rest, facing], axis=1).astype(np.float32)
        return FeatureCloud(there.astype(np.float32), colors, features, views)

    reference = cloud(points, normals)
    reduction = backbone.fit(reference)
    fall = Rotation.from_rotvec([1.5, 0.0, 0.0]).as_matrix()
    standing, fallen = reduction(reference), reduction(cloud(*lying(points, normals, fall)))
    assert np.array_equal(standing.upright_from_world, np.eye(4))
    assert (fallen.upright_from_world[:3, :3] @ fall)[2, 2] > 0.98
    assert typical_l1(standing.features) > 4 * np.abs(standing.features - fallen.features).mean()
    stored = backbone.stored(reduction.arrays())
    np.testing.assert_array_equal(stored(reference).features, standing.features)
