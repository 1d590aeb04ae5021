"""Hand-eye: exact data give exact answers, noise a little noise, and what cannot be told is refused."""

from __future__ import annotations

import types
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sparsedff.calibration.board import Board
from sparsedff.calibration.hand_eye import check_motion, solve_by_motions, solve_jointly, solvers
from sparsedff.calibration.hand_eye_rig import RobotViews, hand_eye_lines, solve_hand_eye
from sparsedff.calibration.robot_poses import find_robot_poses, read_robot_poses
from sparsedff.calibration.rotations import angle_between
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.simulate import with_wrong_corners
from sparsedff.capture.model import Rig
from sparsedff.errors import CalibrationError
from sparsedff.geometry import inverse, transform
from tests.support.known_rig import see, truth_of
from tests.support.robot_scenes import poses, robot_scene

SETTINGS = CalibrationSettings(min_stills=1)


@pytest.mark.parametrize("solve", [solve_jointly, solve_by_motions])
@pytest.mark.parametrize("seed", range(5))
def test_exact_poses_give_exact_answers(solve: types.FunctionType, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, z = poses(2, rng, 3.0, 2.0)
    robot = poses(8, rng)
    board = inverse(x) @ robot @ z
    found = solve(robot, board)
    np.testing.assert_allclose(found.x, x, atol=1e-9)
    np.testing.assert_allclose(found.z, z, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_cam2base_from_corners_a_tenth_of_them_wrong(rig: Rig, board: Board, seed: int) -> None:
    rng = np.random.default_rng(seed)
    base_from_cam0, gripper_from_board, robot = robot_scene(rig, rng)
    world_from_board = inverse(base_from_cam0 @ rig.cam0_from_world) @ robot @ gripper_from_board
    seen, _ = with_wrong_corners(see(rig, truth_of(rig, world_from_board), board, 0.15, rng), 0.1, rng)
    found = solve_hand_eye(RobotViews(seen, rig.cameras, robot), SETTINGS, eye_in_hand=False)
    assert np.linalg.norm((found.refined.x - base_from_cam0)[:3, 3]) < 5e-4
    assert angle_between(found.refined.x[:3, :3], base_from_cam0[:3, :3]) < np.deg2rad(0.03)
    np.testing.assert_allclose(found.refined.z, gripper_from_board, atol=1e-3)
    for pair in found.by_solver.values():
        assert np.linalg.norm((pair.x - base_from_cam0)[:3, 3]) < 3e-3
    assert max(found.still_off_m.values()) < 1e-3


def test_a_slipped_pose_of_the_robot_is_named(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(0)
    base_from_cam0, gripper_from_board, robot = robot_scene(rig, rng, 14)
    world_from_board = inverse(base_from_cam0 @ rig.cam0_from_world) @ robot @ gripper_from_board
    seen = see(rig, truth_of(rig, world_from_board), board, 0.1, rng)
    robot[6, :3, 3] += [0.03, 0, 0]
    found = solve_hand_eye(RobotViews(seen, rig.cameras, robot), SETTINGS, eye_in_hand=False)
    assert np.linalg.norm((found.refined.x - base_from_cam0)[:3, 3]) < 2e-3  # the closed forms are off by more
    assert np.linalg.norm((found.by_solver["joint"].x - base_from_cam0)[:3, 3]) > 2e-3
    assert any("still 6 is far off" in line for line in hand_eye_lines(found))


def test_eye_in_hand(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(1)
    camera = rig.cameras[0]
    alone = Rig((camera,), np.eye(4))
    gripper_from_camera, base_from_board = poses(2, rng, 2.0, 0.5)
    camera_from_board = poses(10, rng, 0.5, 0.1)
    camera_from_board[:, :3, 3] += [-0.1, -0.15, 0.6]
    robot = np.stack([base_from_board @ inverse(gripper_from_camera @ pose) for pose in camera_from_board])
    truth = truth_of(alone, camera_from_board)
    seen = see(alone, truth, board, 0.1, rng)
    found = solve_hand_eye(RobotViews(seen, (camera,), robot), SETTINGS, eye_in_hand=True)
    np.testing.assert_allclose(found.refined.x, gripper_from_camera, atol=2e-3)


def test_motions_that_tell_nothing_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(CalibrationError, match="2 robot poses with the board in view, but 3 are needed"):
        check_motion(poses(2, rng))
    one_axis = poses(9, rng)
    one_axis[:, :3, :3] = Rotation.from_rotvec(np.outer(rng.uniform(-1, 1, 9), [0.6, 0, 0.8])).as_matrix()
    with pytest.raises(CalibrationError, match="turns about one axis only"):
        check_motion(one_axis)
    check_motion(poses(9, rng))


def test_opencvs_solvers_take_part_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV 5.0.0 has none in Python; their contract, AX = XB with moving_from_base, is checked on a stand-in."""
    rng = np.random.default_rng(3)
    x, z = poses(2, rng, 3.0, 1.0)
    robot = poses(8, rng)
    board = inverse(x) @ robot @ z
    if not hasattr(cv2, "calibrateHandEye"):

        def stand_in(r_moving: list, t_moving: list, r_board: list, t_board: list, method: int) -> tuple:
            moving = np.stack([transform(r, t) for r, t in zip(r_moving, t_moving, strict=True)])
            seen = np.stack([transform(r, t) for r, t in zip(r_board, t_board, strict=True)])
            still = [m @ x @ s for m, s in zip(moving, seen, strict=True)]  # gripper2base X target2cam is constant
            np.testing.assert_allclose(still, np.tile(still[0], (8, 1, 1)), atol=1e-9)
            return x[:3, :3], x[:3, 3:]

        monkeypatch.setattr(cv2, "calibrateHandEye", stand_in, raising=False)
    found = solvers()
    assert len(found) == 7
    for name, solve in found.items():
        np.testing.assert_allclose(solve(robot, board).x, x, atol=1e-6, err_msg=name)
        np.testing.assert_allclose(solve(robot, board).z, z, atol=1e-6, err_msg=name)


CSV = "name,x,y,z,qx,qy,qz,qw\n0000, 0.1,0.2,0.3, 0,0,0,1\n0001,0.1,0.2,0.4,0,0,1,1\n"


def test_robot_poses_are_read(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"robot_poses.csv: no such file; write it \(name,x,y,z,qx"):
        find_robot_poses(tmp_path)
    (tmp_path / "robot_poses.csv").write_text(CSV)
    found = read_robot_poses(find_robot_poses(tmp_path), ["0000", "0001"])
    np.testing.assert_allclose(found["0001"][:3, 3], [0.1, 0.2, 0.4])
    np.testing.assert_allclose(found["0001"][:3, 0], [0, 1, 0], atol=1e-12)  # a quarter turn about z
    np.save(tmp_path / "p.npy", np.stack([found["0000"], found["0001"]]))
    again = read_robot_poses(tmp_path / "p.npy", ["0000", "0001"])
    np.testing.assert_allclose(again["0001"], found["0001"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: must be name,x,y,z"),
        ("name,x,y,z\n", "line 1: must be name,x,y,z"),
        (CSV.replace("0.4", "far"), "line 3: must be a name and seven numbers"),
        (CSV.replace("0.4", "nan"), "line 3: must be a name and seven numbers"),
        (CSV.replace("0,0,1,1", "0,0,0,0"), "line 3: must be a name and seven numbers"),
        (CSV.replace(",1,1", ",1"), "line 3: must be a name and seven numbers"),
        (CSV.replace("0001", "0000"), "line 3: still '0000' has a pose already"),
        (CSV.replace("0001", "0002"), "has no pose for still '0001'"),
    ],
)
def test_robot_poses_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "robot_poses.csv"
    path.write_text(text)
    with pytest.raises(CalibrationError, match=message) as caught:
        read_robot_poses(path, ["0000", "0001"])
    assert "\n" not in str(caught.value)


def test_robot_poses_in_npy_refused(tmp_path: Path) -> None:
    path = tmp_path / "poses.npy"
    for array, message in (
        (np.zeros((3, 4, 4)), r"must be \(2, 4, 4\)"),
        (np.zeros((2, 4, 4)), "pose 0000: is singular"),
        (np.array([None, {}]), "holds pickled objects"),
    ):
        np.save(path, array, allow_pickle=True)
        with pytest.raises(CalibrationError, match=message):
            read_robot_poses(path, ["0000", "0001"])
    with pytest.raises(CalibrationError, match="no such file"):
        read_robot_poses(tmp_path / "none.npy", ["0000"])
