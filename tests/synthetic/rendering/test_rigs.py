"""Other numbers of cameras, and cameras that are off their calibration."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.synthetic.pairs import make_pair
from sparsedff.synthetic.rendering.rigs import off_calibration, rig_of
from sparsedff.synthetic.sample import RIG_FOLDER


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_ring_cameras_stand_evenly_and_look_at_the_table(count: int) -> None:
    authors = load_rig(RIG_FOLDER)
    rig = rig_of(authors, count)
    poses = [rig.world_from_camera(camera.serial) for camera in rig.cameras]
    eyes = np.array([pose[:3, 3] for pose in poses])
    np.testing.assert_allclose(np.linalg.norm(eyes[:, :2], axis=1), np.linalg.norm(eyes[0, :2]))
    np.testing.assert_allclose(eyes[:, 2], eyes[0, 2])
    angles = np.unwrap(np.arctan2(eyes[:, 1], eyes[:, 0]))
    np.testing.assert_allclose(np.diff(angles), 2 * np.pi / count, atol=1e-9)
    for pose, eye in zip(poses, eyes, strict=True):
        toward = np.array([0, 0, 0.05]) - eye
        np.testing.assert_allclose(pose[:3, 2], toward / np.linalg.norm(toward), atol=1e-9)


def test_four_cameras_are_the_authors_rig() -> None:
    authors = load_rig(RIG_FOLDER)
    assert rig_of(authors, 4) is authors


def test_off_calibration_moves_every_camera_by_as_much_as_asked() -> None:
    capture = make_pair("box", "body", 1, "same_object", PairSettings(width_px=96)).test
    assert off_calibration(capture, 0.0, np.random.default_rng(0)) is capture
    moved = off_calibration(capture, 7.0, np.random.default_rng(0))
    for before, after in zip(capture.views, moved.views, strict=True):
        a, b = np.asarray(before.world_from_camera), np.asarray(after.world_from_camera)
        assert 1000 * np.linalg.norm(b[:3, 3] - a[:3, 3]) == pytest.approx(7)
        cosine = (np.trace(b[:3, :3] @ a[:3, :3].T) - 1) / 2
        assert np.degrees(np.arccos(cosine)) == pytest.approx(0.7, abs=1e-4)
        np.testing.assert_array_equal(before.depth_m, after.depth_m)


def test_a_pair_with_three_cameras_has_three_views_in_both_scenes() -> None:
    pair = make_pair("box", "body", 1, "same_object", PairSettings(width_px=96, cameras=3, noise_scale=2.0))
    assert [len(capture.views) for capture in (pair.reference, pair.test)] == [3, 3]
