"""Where the robot stands: closed-form hand-eye solvers and their refinement on the corners themselves.

Eye-to-hand, this rig's case (the cameras stand, the gripper holds the board), for every pose i of the robot:

    X C_i = G_i Z      X = base_from_cam0, wanted     C_i = cam0_from_board     G_i = base_from_gripper
                       Z = gripper_from_board         (where the board was mounted; it is found as well)

Eye-in-hand (the gripper holds the camera, the board lies still) is the same with G_i^-1 in place of G_i: X is then
gripper_from_camera and Z base_from_board.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from sparsedff.calibration.observations import Observations
from sparsedff.calibration.rotations import retraction
from sparsedff.calibration.state import State, residuals
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float, inverse, nearest_rotation, transform

_OPENCV = ("TSAI", "PARK", "HORAUD", "ANDREFF", "DANIILIDIS")
_LEAST_TURN_RAD = np.deg2rad(5.0)


@dataclass(frozen=True)
class HandEye:
    """X and Z of the module's equation, each (4, 4)."""

    x: Float
    z: Float


def check_motion(robot: Float) -> None:
    """Refuse robot poses G (N, 4, 4) that cannot tell where the robot stands.

    Raises:
        CalibrationError: fewer than three poses, or turns about a single axis only.
    """
    if len(robot) < 3:
        raise CalibrationError(
            f"hand-eye: {len(robot)} robot poses with the board in view, but 3 are needed; take 10 to 20"
        )
    turns = Rotation.from_matrix(robot[1:, :3, :3] @ robot[0, :3, :3].T).as_rotvec()
    spread = np.linalg.svd(turns, compute_uv=False) / np.sqrt(len(turns))
    if spread[1] < _LEAST_TURN_RAD:
        raise CalibrationError(
            "hand-eye: the gripper turns about one axis only, which leaves a shift along it open; tilt it about at "
            "least two axes, by 20 degrees and more"
        )


def solve_jointly(robot: Float, board: Float) -> HandEye:
    """Both unknown rotations at once (Kronecker product and singular vectors), then both shifts by least squares.

    R_X R_C = R_G R_Z means vec(R_X) = (R_C (x) R_G) vec(R_Z): summed over i, R_X and R_Z are the first left and right
    singular vectors. Then R_X t_C + t_X = R_G t_Z + t_G is linear in t_X, t_Z.

    Args:
        robot: G (N, 4, 4).
        board: C (N, 4, 4).
    """
    total = sum(np.kron(c, g) for c, g in zip(board[:, :3, :3], robot[:, :3, :3], strict=True))
    u, _, vt = np.linalg.svd(total)
    x, z = (_rotation(vector.reshape(3, 3, order="F")) for vector in (u[:, 0], vt[0]))
    ones = np.tile(np.eye(3), (len(robot), 1, 1))
    left = np.concatenate([ones, -robot[:, :3, :3]], axis=2).reshape(-1, 6)
    right = (robot[:, :3, 3] - board[:, :3, 3] @ x.T).reshape(-1)
    shifts = np.linalg.lstsq(left, right, rcond=None)[0]
    return HandEye(transform(x, shifts[:3]), transform(z, shifts[3:]))


def solve_by_motions(robot: Float, board: Float) -> HandEye:
    """From the motions between all pairs of poses: A X = X B with A = G_j G_i^-1 and B = C_j C_i^-1.

    X turns the axes of all B onto those of A (the best rotation by SVD); then (R_A - 1) t_X = R_X t_B - t_A. Z follows
    as the mean of G_i^-1 X C_i.
    """
    first, second = np.triu_indices(len(robot), 1)
    a = robot[second] @ _inverses(robot)[first]
    b = board[second] @ _inverses(board)[first]
    axes_a, axes_b = (Rotation.from_matrix(motion[:, :3, :3]).as_rotvec() for motion in (a, b))
    x = _rotation(axes_a.T @ axes_b)
    left = (a[:, :3, :3] - np.eye(3)).reshape(-1, 3)
    shift = np.linalg.lstsq(left, (b[:, :3, 3] @ x.T - a[:, :3, 3]).reshape(-1), rcond=None)[0]
    return _with_z(transform(x, shift), robot, board)


def solvers() -> dict[str, Callable[[Float, Float], HandEye]]:
    """All solvers by name: ours, and OpenCV's five where the installed OpenCV has them.

    The wheels of OpenCV 5.0.0 lack calibrateHandEye in Python (opencv/opencv issue 29565); 4.x have it.
    """
    found: dict[str, Callable[[Float, Float], HandEye]] = {"joint": solve_jointly, "motions": solve_by_motions}
    opencv = getattr(cv2, "calibrateHandEye", None)
    if opencv is not None:
        found |= {f"OpenCV {name.title()}": _of_opencv(opencv, name) for name in _OPENCV}
    return found


def _of_opencv(solve: Callable[..., tuple[Float, Float]], name: str) -> Callable[[Float, Float], HandEye]:
    def run(robot: Float, board: Float) -> HandEye:
        moving = _inverses(robot)
        turn, shift = solve(
            list(moving[:, :3, :3]),
            list(moving[:, :3, 3]),
            list(board[:, :3, :3]),
            list(board[:, :3, 3]),
            method=getattr(cv2, f"CALIB_HAND_EYE_{name}"),
        )
        return _with_z(transform(turn, shift.reshape(3)), robot, board)

    return run


def refine(
    start: HandEye, robot: Float, cameras: State, seen: Observations, corners: Float, loss_px: float
) -> tuple[HandEye, Float]:
    """X and Z under which the corners themselves fall closest to where the cameras saw them, and what is left.

    Args:
        start: of a closed form.
        robot: G (S, 4, 4) of all stills.
        cameras: their lenses and poses; its boards are not looked at.
        seen: right corners only.
        corners: `Board.corners`.
        loss_px: residuals well above count linearly [px]; a robot that is off by a millimetre is off by a pixel.

    Returns:
        The refined pair, and residuals (N, 2) [px].
    """

    def pair(step: Float) -> HandEye:
        x, z = retraction(np.stack([start.x, start.z]), step.reshape(2, 6))
        return HandEye(x, z)

    def residual_px(step: Float) -> Float:
        now = pair(step)
        boards = inverse(now.x) @ robot @ now.z
        state = State(cameras.intrinsics, cameras.distortion, cameras.camera_from_cam0, boards)
        return np.nan_to_num(residuals(state, seen, corners), posinf=1e4).ravel()

    found = np.zeros(12)
    for _ in range(3):  # one wrong pose of the robot bends the start, and with it the scale of what counts as far off
        scale = max(loss_px, float(np.median(np.abs(residual_px(found)))))
        found = least_squares(residual_px, found, x_scale="jac", loss="cauchy", f_scale=scale).x
    return pair(found), residual_px(found).reshape(-1, 2)


def _rotation(matrix: Float) -> Float:
    """The rotation nearest to a multiple, of either sign, of one."""
    return nearest_rotation(matrix if np.linalg.det(matrix) >= 0 else -matrix)


def _inverses(poses: Float) -> Float:
    return np.stack([inverse(pose) for pose in poses])


def _with_z(x: Float, robot: Float, board: Float) -> HandEye:
    each = _inverses(robot) @ x @ board
    return HandEye(x, transform(_rotation(each[:, :3, :3].sum(axis=0)), each[:, :3, 3].mean(axis=0)))
