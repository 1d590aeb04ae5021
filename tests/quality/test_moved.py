"""Registration of the views: a camera that has moved is found, and by how much; healthy ones are left in peace."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.capture.model import View
from sparsedff.distill.settings import Workspace
from sparsedff.distill.undistort import undistort
from sparsedff.geometry import inverse, transform
from sparsedff.quality.moved import FULL, QUICK, by_majority, register_views
from sparsedff.quality.quick import doubt_about, quick_check
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.surface import surface_of
from sparsedff.synthetic.sample import ensure_sample
from tests.support.box_scenes import box_scene
from tests.support.paths import REPOSITORY

WORKSPACE = Workspace((-0.3, 0.3), (-0.3, 0.3), (-0.05, 0.3))


def four_views(noise_m: float = 0.002) -> list[View]:
    return [box_scene(angle, noise_m, seed=i, serial=f"cam{i}").view for i, angle in enumerate((0.4, 1.9, 3.3, 5.0))]


@pytest.fixture(scope="module")
def sample() -> list[View]:
    folder = ensure_sample(REPOSITORY / "data" / "sample") / "monkey_test"
    return [undistort(view) for view in load_capture(folder, REPOSITORY / "configs" / "rig").views]


def motion(millimetres: float, degrees: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    axis, way = (vector / np.linalg.norm(vector) for vector in rng.normal(size=(2, 3)))
    return transform(Rotation.from_rotvec(np.deg2rad(degrees) * axis).as_matrix(), millimetres / 1000 * way)


def with_moved(views: list[View], which: int, by: np.ndarray) -> list[View]:
    moved = replace(views[which], world_from_camera=views[which].world_from_camera @ by)
    return [moved if index == which else view for index, view in enumerate(views)]


def test_surfaces_know_table_from_object_and_their_normals() -> None:
    surface = surface_of(box_scene(0.4, 0.0).view, WORKSPACE, 500, np.random.default_rng(0))
    table, box = surface.points[~surface.on_object], surface.points[surface.on_object]
    assert len(table) == 500 and np.abs(table[:, 2]).max() < 0.01 and len(box) > 200 and box[:, 2].min() > 0.015
    assert np.median(surface.normals[~surface.on_object, 2]) > 0.999
    sides = np.abs(surface.normals[surface.on_object]).max(axis=1)
    assert np.median(sides) > 0.99  # a box's faces look along the axes


@pytest.mark.parametrize("effort", [FULL, QUICK])
def test_true_poses_are_left_in_peace(effort) -> None:
    found = register_views(four_views(), WORKSPACE, effort)
    assert max(camera.points_m for camera in found.cameras) < 0.004
    assert found.table_off_m < 0.002 and found.table_tilt_rad < 0.01


@pytest.mark.parametrize("effort", [FULL, QUICK])
@pytest.mark.parametrize(("millimetres", "degrees", "seed"), [(15, 2, 0), (30, 0, 1), (30, 4, 2), (0, 4, 3)])
def test_the_camera_that_moved_is_found(effort, millimetres, degrees, seed) -> None:
    which = seed % 4
    wrong = with_moved(four_views(), which, motion(millimetres, degrees, seed))
    found = register_views(wrong, WORKSPACE, effort)
    worst = max(found.cameras, key=lambda camera: camera.points_m)
    assert worst.serial == f"cam{which}" and worst.points_m > CheckSettings().moved_doubtful_m


@pytest.mark.parametrize("effort", [FULL, QUICK])
@pytest.mark.parametrize(("millimetres", "degrees"), [(15, 0), (15, 2), (30, 0), (30, 4)])
def test_the_samples_camera_that_moved_is_found_and_by_how_much(sample, effort, millimetres, degrees) -> None:
    """The median over all pairs called 15 mm and 2 degrees usable, and 30 mm and 4 degrees too."""
    wrong = with_moved(sample, 2, motion(millimetres, degrees, 1))
    found = register_views(wrong, Workspace(), effort)
    worst = max(found.cameras, key=lambda camera: camera.points_m)
    assert worst.serial == sample[2].serial and worst.points_m > CheckSettings().moved_doubtful_m
    if effort is FULL:
        assert 1000 * worst.shift_m == pytest.approx(millimetres, rel=0.45)
        assert np.rad2deg(worst.turn_rad) == pytest.approx(degrees, abs=1.5)
    again = quick_check("s", wrong, Workspace(), CheckSettings())
    assert again == quick_check("s", wrong, Workspace(), CheckSettings())


def test_what_all_cameras_do_alike_shows_in_the_table_only() -> None:
    by = transform(Rotation.from_euler("x", 2, degrees=True).as_matrix(), np.array([0, 0, 0.015]))
    lifted = [replace(view, world_from_camera=by @ view.world_from_camera) for view in four_views()]
    found = register_views(lifted, WORKSPACE, FULL)
    assert max(camera.points_m for camera in found.cameras) < 0.006
    assert np.rad2deg(found.table_tilt_rad) == pytest.approx(2, abs=0.2) and found.table_off_m > 0.013
    along = [replace(v, world_from_camera=motion(15, 0, 0) @ v.world_from_camera) for v in four_views()]
    assert register_views(along, WORKSPACE, FULL).cameras  # a slide along the table cannot be seen


def test_most_cameras_stay_where_they_are() -> None:
    probes = np.random.default_rng(0).normal(size=(8, 3))
    common, odd = motion(20, 3, 4), motion(30, 4, 5)
    given = np.stack([common, common, common @ odd, common])
    found = by_majority(given, probes)
    np.testing.assert_allclose(found[[0, 1, 3]], np.tile(np.eye(4), (3, 1, 1)), atol=1e-3)
    np.testing.assert_allclose(inverse(found[0]) @ found[2], odd, atol=1e-9)


def test_views_without_points_and_single_views_say_nothing() -> None:
    views = four_views()
    empty = replace(views[0], depth_m=np.zeros_like(views[0].depth_m))
    found = register_views([empty, *views[1:]], WORKSPACE, QUICK)
    assert np.isnan(found.cameras[0].points_m) and found.cameras[1].points_m < 0.005
    assert register_views(views[:1], WORKSPACE, QUICK).cameras[0].points_m == 0
    assert np.isnan(register_views([empty], WORKSPACE, QUICK).table_off_m)


def test_the_cheap_check_says_one_line_and_is_quick() -> None:
    views, limits = four_views(), CheckSettings()
    began = time.perf_counter()
    healthy = quick_check("good", views, WORKSPACE, limits)
    assert time.perf_counter() - began < 1.0  # 0.1 s alone on a core; others may compute beside this test
    assert healthy["verdict"] == "usable" and doubt_about(healthy) == ()
    wrong = quick_check("moved", with_moved(views, 1, motion(30, 0, 1)), WORKSPACE, limits)
    assert wrong["verdict"] == "unusable" and wrong["cameras"]["cam1"]["points_mm"] > 12
    (line,) = doubt_about(wrong)
    assert line.startswith("moved is unusable: cam1 is off by about") and "\n" not in line
