"""Faults of stills and board that small residuals can hide: different moments, a bent board."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sparsedff.calibration.bend import bend_of
from sparsedff.calibration.board import Board
from sparsedff.calibration.cameras import Calibrated, calibrate_cameras, cam0_from_table
from sparsedff.calibration.depth_size import board_by_depth
from sparsedff.calibration.faults import fault_lines
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.simulate import (
    StillNoise,
    bent,
    board_poses,
    other_moments,
    render_still,
    see_corners,
)
from sparsedff.calibration.stills import CameraStills
from sparsedff.capture.lens import rays
from sparsedff.capture.model import Rig
from sparsedff.errors import CalibrationError
from sparsedff.geometry import inverse
from tests.support.known_rig import known_rig

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


def board_capture(folder: Path, rig: Rig, board: Board, rng: np.random.Generator) -> None:
    """Colour and depth of the true board lying on the table."""
    pose = board_poses(board, 1, rng)[0]
    for camera in rig.cameras:
        (folder / camera.serial).mkdir(parents=True)
        camera_from_board = inverse(rig.world_from_camera(camera.serial)) @ pose
        grey = render_still(board, camera, camera_from_board, StillNoise(), rng)
        np.save(folder / camera.serial / "colors.npy", np.repeat(grey[..., None], 3, axis=2))
        size = camera.image_size
        u, v = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
        pixels = np.stack([u, v], axis=-1).reshape(-1, 2).astype(float)
        normal, place = camera_from_board[:3, 2], camera_from_board[:3, 3]
        with np.errstate(divide="ignore", invalid="ignore"):
            depth = (normal @ place) / (rays(pixels, camera.intrinsics, camera.distortion) @ normal)
        depth = np.where((depth > 0.1) & (depth < 3), depth + 0.002 * rng.standard_normal(len(depth)), 0)
        np.save(folder / camera.serial / "depth.npy", np.rint(1000 * depth).astype(np.uint16).reshape(size[::-1]))


@pytest.mark.parametrize("scale", [1.0, 1.01, 0.99])
def test_a_board_of_another_size_is_told_by_depth(rig, tmp_path, scale) -> None:
    """A board printed 1 % too large puts the cameras 11 mm off, and its own residuals cannot tell."""
    rng, believed = np.random.default_rng(0), Board()
    true = Board(square_m=believed.square_m * scale, marker_m=believed.marker_m * scale)
    board_capture(tmp_path / "depth", rig, true, rng)
    at_once = np.tile(board_poses(true, STILLS, rng), (4, 1, 1, 1))
    found = calibrated(rig, see_corners(rig, at_once, true.corners, 0.15, rng), tmp_path)
    assert found.left_out == ()
    *_, last = fault_lines(found, CalibrationSettings(), tmp_path / "depth")
    factor, cameras = board_by_depth(found.cameras, tmp_path / "depth", CalibrationSettings()) or (0.0, 0)
    assert factor == pytest.approx(scale, abs=0.002) and cameras == 4
    assert bool(re.match(r"warning: by the depth of 4 cameras the board is (0\.9|1\.0|1\.1) %", last)) == (scale != 1)
    assert ("larger" in last) == (scale > 1) or scale == 1


def test_faults_are_said_in_lines_that_begin_with_warning(rig, board, tmp_path) -> None:
    rng = np.random.default_rng(0)
    late = other_moments(board_poses(board, STILLS, rng), 4, 0.19, 0.02, rng)
    found = calibrated(rig, see_corners(rig, late, bent(board, 0.003), 0.15, rng), tmp_path)
    lines = list(fault_lines(found, CalibrationSettings(), None))
    assert len(lines) == len(found.left_out) + 1 and all(line.startswith("warning: ") for line in lines)
    assert "is left out: the cameras saw the board in different places" in lines[0] and "is bent by about" in lines[-1]


def test_a_capture_of_other_cameras_or_size_is_refused(rig, board, tmp_path) -> None:
    small = known_rig(640)
    board_capture(tmp_path / "depth", small, board, np.random.default_rng(0))
    with pytest.raises(CalibrationError, match="is 640 x 360 but cam0 was calibrated at 1280 x 720"):
        board_by_depth(rig.cameras, tmp_path / "depth", CalibrationSettings())
    with pytest.raises(CalibrationError, match="holds no folder of a camera that was calibrated"):
        board_by_depth(rig.cameras, tmp_path, CalibrationSettings())
