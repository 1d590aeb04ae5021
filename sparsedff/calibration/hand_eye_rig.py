"""Hand-eye calibration of a rig: from what its cameras saw of the board to cam2base, and how far solvers agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sparsedff.calibration.cameras import board_poses_in_cam0
from sparsedff.calibration.hand_eye import HandEye, check_motion, refine, solvers
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.rotations import angle_between
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.capture.model import RigCamera
from sparsedff.geometry import Float, inverse

_WORTH_A_WORD_M = 0.003


@dataclass(frozen=True)
class RobotViews:
    """What calibrated cameras saw of the board at each pose of the robot.

    Attributes:
        seen: every corner that was found.
        cameras: in the order of `seen.serials`.
        base_from_gripper: (S, 4, 4), one per still.
    """

    seen: Observations
    cameras: tuple[RigCamera, ...]
    base_from_gripper: Float


@dataclass(frozen=True)
class HandEyeResult:
    """What was found.

    Attributes:
        refined: X and Z on which the corners agree best; X is base_from_cam0, or gripper_from_cam0 for eye-in-hand.
        by_solver: the closed forms' X and Z by name.
        rms_px: of the corners under `refined`.
        still_off_m: how far the board lies from where the robot says, by still [m].
    """

    refined: HandEye
    by_solver: Mapping[str, HandEye]
    rms_px: float
    still_off_m: dict[str, float]


def solve_hand_eye(views: RobotViews, settings: CalibrationSettings, eye_in_hand: bool) -> HandEyeResult:
    """Board poses by the cameras, closed forms from them, refinement on the corners.

    Raises:
        CalibrationError: too few poses with the board in view, or turns about one axis only.
    """
    solution = board_poses_in_cam0(views.cameras, views.seen, settings)
    robot = views.base_from_gripper
    if eye_in_hand:
        robot = np.stack([inverse(pose) for pose in robot])
    placed = np.flatnonzero(solution.placed)
    check_motion(robot[placed])
    boards = solution.state.cam0_from_board
    by_solver = {name: solve(robot[placed], boards[placed]) for name, solve in solvers().items()}
    right = views.seen.select(solution.kept)
    start = by_solver["joint"]
    refined, residual_px = refine(start, robot, solution.state, right, settings.board.corners, settings.loss_px)
    off = {
        views.seen.stills[index]: float(
            np.linalg.norm((boards[index] - inverse(refined.x) @ robot[index] @ refined.z)[:3, 3])
        )
        for index in placed
    }
    return HandEyeResult(refined, by_solver, float(np.sqrt(np.mean(np.sum(residual_px**2, axis=1)))), off)


def hand_eye_lines(found: HandEyeResult) -> list[str]:
    """What is printed: the robot's and the cameras' agreement, and that of the solvers."""
    off = np.array(list(found.still_off_m.values()))
    worst = max(found.still_off_m, key=lambda still: found.still_off_m[still])
    lines = [
        f"{len(off)} poses; from where the robot says the board lies {1000 * np.sqrt(np.mean(off**2)):.2f} mm (rms), "
        f"at most {1000 * off.max():.2f} mm (still {worst}); corners {found.rms_px:.2f} px rms",
        "solver            from the refined result",
    ]
    for name, pair in found.by_solver.items():
        shift = np.linalg.norm((pair.x - found.refined.x)[:3, 3])
        turn = np.rad2deg(angle_between(pair.x[:3, :3], found.refined.x[:3, :3]))
        lines.append(f"{name:16}  {1000 * shift:7.2f} mm  {turn:6.3f} degrees")
    if off.max() > max(_WORTH_A_WORD_M, 4 * float(np.median(off))):
        lines.append(f"still {worst} is far off: check its pose of the robot, and that the board did not slip")
    return lines
