"""Errors of poses: closed forms, and the same numbers by loops that share no code with the package.

The challenge's own toolkit was not run. `loop_*` are the definitions of the challenge, written a second time, a pixel
and a point at a time.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from sparsedff.bop.metrics.points import add, add_s, mspd, mssd
from sparsedff.bop.metrics.silhouette import Silhouette, distance_image
from sparsedff.bop.metrics.vsd import seen, vsd
from sparsedff.bop.models import Axis, ModelInfo, diameter
from sparsedff.bop.symmetries import symmetry_transforms
from sparsedff.geometry import Float, transform
from tests.support.bop_toys import HALF_TURN, LENS, SIZE, box, random_pose, see

NONE = np.eye(4)[None]
RNG = np.random.default_rng(3)
POINTS = RNG.uniform(-0.05, 0.05, (40, 3))


def loop_moved(pose: Float, point: Float) -> list[float]:
    return [sum(float(pose[i, j]) * float(point[j]) for j in range(3)) + float(pose[i, 3]) for i in range(3)]


def loop_apart(first: list[float], second: list[float]) -> float:
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)))


def loop_pixel(point: list[float]) -> list[float]:
    return [
        float(LENS[0, 0]) * point[0] / point[2] + float(LENS[0, 2]),
        float(LENS[1, 1]) * point[1] / point[2] + float(LENS[1, 2]),
    ]


def loop_symmetric(estimate: Float, truth: Float, symmetries: Float, flat: bool) -> float:
    best = math.inf
    for one in symmetries:
        worst = 0.0
        for point in POINTS:
            found, wanted = loop_moved(estimate, point), loop_moved(truth, np.array(loop_moved(one, point)))
            if flat:
                found, wanted = loop_pixel(found), loop_pixel(wanted)
            worst = max(worst, loop_apart(found, wanted))
        best = min(best, worst)
    return best


def loop_vsd(estimate: Float, truth: Float, sensor: Float, tau: float, delta: float) -> float:
    union, cost = 0, 0
    for row in range(truth.shape[0]):
        for column in range(truth.shape[1]):
            e, g, t = (float(image[row, column]) for image in (estimate, truth, sensor))
            g_seen = g > 0 and (t == 0 or g <= t + delta)
            e_seen = e > 0 and (t == 0 or e <= t + delta or g_seen)
            if g_seen and e_seen:
                union += 1
                cost += int(abs(e - g) >= tau)
            elif g_seen or e_seen:
                union += 1
                cost += 1
    return cost / union if union else 1.0


@pytest.mark.parametrize("seed", range(5))
def test_point_errors_equal_the_definitions_written_as_loops(seed: int) -> None:
    rng = np.random.default_rng(seed)
    estimate, truth = random_pose(rng), random_pose(rng)
    moved = [(loop_moved(estimate, p), loop_moved(truth, p)) for p in POINTS]
    assert add(estimate, truth, POINTS) == pytest.approx(sum(loop_apart(a, b) for a, b in moved) / len(POINTS))
    nearest = [min(loop_apart(found, wanted) for found, _ in moved) for _, wanted in moved]
    assert add_s(estimate, truth, POINTS) == pytest.approx(sum(nearest) / len(POINTS))
    symmetries = np.stack([np.eye(4), HALF_TURN, random_pose(rng, 0.01)])
    assert mssd(estimate, truth, POINTS, symmetries) == pytest.approx(
        loop_symmetric(estimate, truth, symmetries, False)
    )
    flat = loop_symmetric(estimate, truth, symmetries, True)
    assert mspd(estimate, truth, POINTS, symmetries, LENS) == pytest.approx(flat)


@pytest.mark.parametrize("seed", range(4))
def test_vsd_equals_the_definition_written_as_a_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    images = rng.uniform(0.48, 0.56, (3, 14, 11)) * (rng.random((3, 14, 11)) > 0.3)
    taus = [0.002, 0.01, 0.03]
    wanted = [loop_vsd(*images, tau, 0.015) for tau in taus]
    assert vsd(*images, taus).tolist() == pytest.approx(wanted)
    assert 0 < wanted[2] < wanted[0] < 1


def test_vsd_of_real_silhouettes_equals_the_loop() -> None:
    rng = np.random.default_rng(0)
    truth = random_pose(rng)
    estimate = truth @ transform(Rotation.from_rotvec([0.1, 0.0, 0.2]).as_matrix(), np.array([0.01, 0.0, 0.0]))
    shown = Silhouette(box())
    e, g = (shown.distance(pose, LENS, SIZE) for pose in (estimate, truth))
    sensor = np.where(rng.random(g.shape) < 0.1, 0, np.where(g > 0, g + 0.002 * rng.standard_normal(g.shape), 1.0))
    sensor[:, :20] = np.where(sensor[:, :20] > 0, 0.3, 0)  # something stands before a part of it
    taus = np.array([0.005, 0.02])
    assert vsd(e, g, sensor, taus).tolist() == pytest.approx([loop_vsd(e, g, sensor, tau, 0.015) for tau in taus])


def test_a_pure_translation_is_all_errors() -> None:
    truth, shift = random_pose(RNG), np.array([0.003, -0.004, 0.012])
    estimate = transform(truth[:3, :3], truth[:3, 3] + shift)
    assert add(estimate, truth, POINTS) == pytest.approx(0.013)
    assert mssd(estimate, truth, POINTS, NONE) == pytest.approx(0.013)
    flat = np.column_stack([POINTS[:, :2], np.zeros(len(POINTS))])  # all at one depth: u moves by f dx / z
    ahead = transform(np.eye(3), np.array([0.0, 0.0, 0.5]))
    aside = transform(np.eye(3), np.array([0.01, 0.0, 0.5]))
    assert mspd(aside, ahead, flat, NONE, LENS) == pytest.approx(LENS[0, 0] * 0.01 / 0.5)


def test_a_symmetric_turn_is_no_error() -> None:
    info = ModelInfo(0.1, np.zeros(3), np.zeros(3), (HALF_TURN,))
    symmetries, truth = symmetry_transforms(info), random_pose(RNG)
    estimate = truth @ HALF_TURN
    corners = box().vertices
    assert (
        mssd(estimate, truth, corners, symmetries) < 1e-12 and mspd(estimate, truth, corners, symmetries, LENS) < 1e-9
    )
    assert add_s(estimate, truth, corners) < 1e-12
    assert mssd(estimate, truth, corners, NONE) == pytest.approx(0.1)  # the diagonal of the box's base, 8 x 6 cm


def test_turns_about_an_axis_are_a_hundredth_of_the_diameter_apart() -> None:
    axis = Axis(np.array([0.0, 0.0, 1.0]), np.array([0.02, 0.01, 0.0]))
    symmetries = symmetry_transforms(ModelInfo(0.2, np.zeros(3), np.zeros(3), (), (axis,)))
    assert symmetries.shape == (315, 4, 4) and np.allclose(symmetries[0], np.eye(4))
    at_axis = np.array([0.02, 0.01, 0.3])
    assert all(np.allclose(one[:3, :3] @ at_axis + one[:3, 3], at_axis) for one in symmetries[::40])
    rim = np.array([[0.12, 0.01, 0.0]])  # half the diameter from the axis
    step = np.linalg.norm(rim - (rim @ symmetries[1][:3, :3].T + symmetries[1][:3, 3]))
    assert step <= 0.01 * 0.2
    anything = transform(Rotation.from_euler("z", 1.234).as_matrix(), np.zeros(3))
    about = transform(np.eye(3), axis.point) @ anything @ transform(np.eye(3), -axis.point)
    assert mssd(about, np.eye(4), rim, symmetries) <= 0.5 * step + 1e-9


def test_turns_follow_every_discrete_symmetry_and_axes_do_not_multiply() -> None:
    up, side = (Axis(np.eye(3)[i], np.zeros(3)) for i in (2, 0))
    assert len(symmetry_transforms(ModelInfo(0.1, np.zeros(3), np.zeros(3), (HALF_TURN,), (up,)), 0.5)) == 2 * 7
    assert len(symmetry_transforms(ModelInfo(0.1, np.zeros(3), np.zeros(3), (), (up, side)), 0.5)) == 2 * 7


def test_a_ball_has_the_distance_of_its_closed_form() -> None:
    ball = trimesh.creation.icosphere(subdivisions=5, radius=0.1)
    image = Silhouette(ball).distance(transform(np.eye(3), np.array([0.0, 0.0, 1.0])), LENS, SIZE)
    rows, columns = np.indices(image.shape)
    ray = np.stack([(columns - LENS[0, 2]) / LENS[0, 0], (rows - LENS[1, 2]) / LENS[1, 1], np.ones(image.shape)], -1)
    along = ray[..., 2] / np.linalg.norm(ray, axis=-1)  # of the centre, which is 1 m ahead
    root = along**2 - (1 - 0.1**2)
    clear = np.abs(root) > 3e-4  # but for the rim, where the facets differ
    wanted = np.where(root > 0, along - np.sqrt(np.maximum(root, 0)), 0)
    assert np.allclose(image[clear], wanted[clear], atol=2e-4)
    assert (image > 0).sum() > 50


def test_an_object_shifted_along_the_ray_is_wrong_at_once_beyond_tau() -> None:
    """A plate that faces the camera, 2 cm off along z: all pixels differ by 2 cm / cosine."""
    plate = trimesh.creation.box((3.0, 3.0, 0.01))  # it fills the image, so that both silhouettes are equal
    shown = Silhouette(plate)
    g, e = (shown.distance(transform(np.eye(3), np.array([0.0, 0.0, z])), LENS, SIZE) for z in (0.5, 0.48))
    assert vsd(e, g, g, [0.0199, 0.04]).tolist() == [1.0, 0.0]
    assert vsd(g, g, g, [1e-9]).tolist() == [0.0]


def test_what_stands_before_the_object_hides_it() -> None:
    model = np.full((2, 3), 0.5)
    sensor = np.array([[0.5, 0.48, 0.486], [0.0, 0.7, 0.3]])
    assert seen(model, sensor).tolist() == [[True, False, True], [True, True, False]]
    assert vsd(model, model, np.full((2, 3), 0.3), [0.01]).tolist() == [1.0]  # nothing is seen of either


def test_behind_the_camera_no_projection_is_right() -> None:
    behind = transform(np.eye(3), np.array([0.0, 0.0, -0.5]))
    ahead = transform(np.eye(3), np.array([0.0, 0.0, 0.5]))
    assert mspd(behind, ahead, POINTS, NONE, LENS) == math.inf
    around = Silhouette(box()).distance(np.eye(4), LENS, SIZE)  # the camera within the object sees its inside
    assert (around > 0).all() and around.max() <= 0.5 * np.linalg.norm((0.08, 0.06, 0.1))
    assert not Silhouette(box()).distance(behind, LENS, SIZE).any()


def test_depth_and_distance() -> None:
    pose = random_pose(RNG)
    np.testing.assert_allclose(distance_image(see(box(), pose), LENS), Silhouette(box()).distance(pose, LENS, SIZE))


def test_the_diameter_is_the_largest_distance() -> None:
    assert diameter(box().vertices) == pytest.approx(np.linalg.norm((0.08, 0.06, 0.1)))
    loop = max(loop_apart(list(a), list(b)) for a in POINTS for b in POINTS)
    assert diameter(POINTS) == pytest.approx(loop)
    flat = np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0], [1, 1, 0]])
    assert diameter(flat) == pytest.approx(5.0)
