"""Faults of stills and board that small residuals can hide: different moments, a bent board."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sparsedff.calibration.bend import bend_of
from sparsedff.calibration.cameras import Calibrated, calibrate_cameras, cam0_from_table
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.simulate import bent, board_poses, other_moments, see_corners
from sparsedff.calibration.stills import CameraStills
from sparsedff.capture.model import Rig
from sparsedff.errors import CalibrationError
from sparsedff.geometry import inverse

STILLS = 16


def calibrated(rig: Rig, seen: Observations, folder: Path) -> Calibrated:
    """By the factory's lenses, which are the true ones."""
    stills = []
    for camera in rig.cameras:
        (folder / camera.serial).mkdir(exist_ok=True)
        np.save(folder / camera.serial / "intrinsic.npy", camera.intrinsics)
        np.save(folder / camera.serial / "distortion.npy", camera.distortion)
        stills.append(CameraStills(camera.serial, folder / camera.serial, camera.image_size, {}))
    names = [camera.name for camera in rig.cameras]
    return calibrate_cameras(stills, names, seen, CalibrationSettings(), factory=True)


def worst_mm(found: Calibrated, rig: Rig) -> float:
    places = [[inverse(c.camera_from_cam0)[:3, 3] for c in cameras] for cameras in (found.cameras, rig.cameras)]
    return 1000 * float(np.linalg.norm(np.subtract(*places), axis=1).max())


@pytest.mark.parametrize("shift_m", [0.005, 0.02])
@pytest.mark.parametrize("seed", range(2))
def test_a_few_stills_of_different_moments_are_named_and_left_out(rig, board, tmp_path, shift_m, seed) -> None:
    rng = np.random.default_rng(seed)
    poses = board_poses(board, STILLS, rng)
    late = other_moments(poses, 4, 0.19, shift_m, rng)
    seen = see_corners(rig, late, board.corners, 0.15, rng)
    shared = {i for i in range(STILLS) if len(np.unique(seen.camera[seen.still == i])) > 1}
    moved = {str(i) for i in shared if not np.allclose(late[:, i], poses[i])}
    found = calibrated(rig, seen, tmp_path)
    assert {apart.still for apart in found.left_out} == moved and moved
    assert all(0.2 * shift_m < apart.metres < 6 * shift_m for apart in found.left_out)
    assert worst_mm(found, rig) < 1.5


@pytest.mark.parametrize("shift_m", [0.005, 0.02])
def test_many_stills_of_different_moments_are_refused(rig, board, tmp_path, shift_m) -> None:
    rng = np.random.default_rng(0)
    late = other_moments(board_poses(board, STILLS, rng), 4, 0.8, shift_m, rng)
    with pytest.raises(CalibrationError, match=r"saw the board in different places|stills that agree|do not agree"):
        calibrated(rig, see_corners(rig, late, board.corners, 0.15, rng), tmp_path)


@pytest.mark.parametrize("seed", range(2))
def test_good_stills_all_stay(rig, board, tmp_path, seed) -> None:
    rng = np.random.default_rng(seed)
    at_once = np.tile(board_poses(board, STILLS, rng), (4, 1, 1, 1))
    found = calibrated(rig, see_corners(rig, at_once, board.corners, 0.3, rng), tmp_path)
    assert found.left_out == () and worst_mm(found, rig) < 2
    assert bend_of(found.seen, found.solution, board) < 0.0005


def test_the_still_of_the_table_must_be_of_one_moment(rig, board, tmp_path) -> None:
    rng = np.random.default_rng(1)
    poses = other_moments(board_poses(board, STILLS, rng), 4, 0.0, 0.0, rng)
    poses[1, 0, 2, 3] += 0.02
    found = calibrated(rig, see_corners(rig, poses, board.corners, 0.15, rng), tmp_path)
    with pytest.raises(CalibrationError, match="still '0': the cameras saw the board in different places"):
        cam0_from_table(found, board, "0")


@pytest.mark.parametrize("sag_m", [0.002, -0.004])
@pytest.mark.parametrize("seed", range(2))
def test_a_bent_board_is_measured(rig, board, tmp_path, sag_m, seed) -> None:
    rng = np.random.default_rng(seed)
    at_once = np.tile(board_poses(board, STILLS, rng), (4, 1, 1, 1))
    found = calibrated(rig, see_corners(rig, at_once, bent(board, sag_m), 0.15, rng), tmp_path)
    assert found.left_out == ()
    assert bend_of(found.seen, found.solution, board) == pytest.approx(abs(sag_m), rel=0.2)
