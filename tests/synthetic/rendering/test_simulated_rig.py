"""The simulated rig: lens models inverted, depth on the mesh, the object in every image, same seed same bytes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Capture, Rig
from sparsedff.errors import CalibrationError
from sparsedff.geometry import apply, backproject
from sparsedff.synthetic.rendering.rays import pixel_grid, rays_camera, resize_rig
from sparsedff.synthetic.rendering.scene import PlacedObject, Scene
from sparsedff.synthetic.rendering.sensor import NOISELESS, SensorNoise
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.sample import RIG_FOLDER


@pytest.fixture(scope="module")
def rig() -> Rig:
    return resize_rig(load_rig(RIG_FOLDER), 240)


@pytest.fixture(scope="module")
def exact(rig: Rig, original: PlacedObject) -> Capture:
    return SimulatedRig(rig).take("exact", Scene(original), NOISELESS)


def test_rays_project_back_to_their_pixels(rig):
    for camera in rig.cameras:
        pixels = pixel_grid(camera.image_size)
        rays, valid = rays_camera(camera, pixels)
        intrinsics, distortion = np.array(camera.intrinsics), np.array(camera.distortion)
        projected, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), intrinsics, distortion)
        np.testing.assert_allclose(projected.reshape(-1, 2)[valid], pixels[valid], atol=1e-4)
        # The authors' fitted lens models fold over in the corners of their own images, cam3's the most.
        assert valid.mean() > 0.8
        x, y = np.abs(pixels - (np.array(camera.image_size) - 1) / 2).T
        assert valid[(x < 0.35 * camera.image_size[0]) & (y < 0.35 * camera.image_size[1])].all()


def test_resizing_moves_pixel_centres_consistently(rig):
    full = load_rig(RIG_FOLDER)
    for small, large in zip(rig.cameras, full.cameras, strict=True):
        ratio = large.image_size[0] / small.image_size[0]
        pixels = np.array([[10.0, 20.0], [200.0, 100.0]])
        rays_small, _ = rays_camera(small, pixels)
        rays_large, _ = rays_camera(large, (pixels + 0.5) * ratio - 0.5)
        np.testing.assert_allclose(rays_small, rays_large, atol=1e-7)
    with pytest.raises(CalibrationError, match="16 px"):
        resize_rig(full, 4)


def test_every_camera_sees_the_whole_object_well_inside_its_image(rig, truth):
    for placed in (truth.reference, truth.test):
        for camera in rig.cameras:
            pose = rig.world_from_camera(camera.serial)
            seen = (placed.mesh_world.vertices - pose[:3, 3]) @ pose[:3, :3]
            intrinsics, distortion = np.array(camera.intrinsics), np.array(camera.distortion)
            pixels = cv2.projectPoints(seen, np.zeros(3), np.zeros(3), intrinsics, distortion)[0].reshape(-1, 2)
            low, high = pixels.min(axis=0), pixels.max(axis=0)
            assert (low > 0.05 * np.array(camera.image_size)).all() and (
                high < 0.95 * np.array(camera.image_size)
            ).all()


def test_noiseless_depth_lies_on_the_scene(rig, exact, original):
    """Every pixel of every view, through the lens model, lands on monkey, table or floor to 0.5 mm."""
    for camera, view in zip(rig.cameras, exact.views, strict=True):
        rays, valid = rays_camera(camera, pixel_grid(camera.image_size))
        depth = view.depth_m.ravel()
        points = apply(view.world_from_camera, rays * depth[:, None])[valid & (depth > 0)]
        off_plane = np.minimum(np.abs(points[:, 2]), np.abs(points[:, 2] + 0.72))
        miss = np.minimum(np.abs(original.distance(points)), off_plane)
        assert miss.max() < 5e-4
        assert ((points[:, 2] > 0.01) & (np.abs(points[:, :2]) < 0.2).all(axis=1)).sum() > 300


def test_undistorted_as_the_pipeline_does_it_depth_still_lies_on_the_object(exact, original):
    """Nearest-neighbour undistortion moves a reading by up to half a pixel, 2 mm here: its median stays below 1 mm."""
    for view in exact.views:
        intrinsics = np.array(view.intrinsics)
        size = view.image_size
        to_x, to_y = cv2.initUndistortRectifyMap(
            intrinsics, np.array(view.distortion), np.eye(3), intrinsics, size, cv2.CV_32FC1
        )
        depth = cv2.remap(np.array(view.depth_m), to_x, to_y, cv2.INTER_NEAREST)
        points = apply(view.world_from_camera, backproject(depth, intrinsics)).reshape(-1, 3)
        on_object = points[(points[:, 2] > 0.03) & (np.abs(points[:, :2]) < 0.2).all(axis=1)]
        assert len(on_object) > 200
        assert np.median(np.abs(original.distance(on_object))) < 1e-3


def test_same_seed_same_bytes_other_seed_other_noise(rig, original):
    simulated = SimulatedRig(Rig(rig.cameras[:1], rig.cam0_from_world))
    first, again, other = (simulated.take("x", Scene(original), SensorNoise(), seed).views[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.color_rgb, again.color_rgb)
    np.testing.assert_array_equal(first.depth_m, again.depth_m)
    assert (first.depth_m != other.depth_m).mean() > 0.8


def test_a_bare_table_can_be_captured(rig):
    view = SimulatedRig(rig).take("bare", Scene(None), NOISELESS).views[0]
    assert (view.depth_m > 0).mean() > 0.8 and view.color_rgb.std() > 5
