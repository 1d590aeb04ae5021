"""Bundle adjustment: all lenses, camera poses and board poses at once, so that the corners fall where they were seen.

Symbols: X (3,) a corner in the board frame; P0 = B X the same in cam0's frame, P = C P0 in the camera's; u(P) its
pixel. Poses move by (turn w, shift d): C -> (exp(w) R, t + d). With q = exp(w) R P0, the turned part of P,

    dP/dw = -[q]x J(w),   dP/dd = 1,   dP/dP0 = exp(w) R,   and the same for P0 under the board's (w, d).

Minimised is sum rho(|u - seen|^2 per coordinate) with the soft_l1 loss by scipy's trust region. Each row touches one
camera, one board and one lens: the Jacobian is sparse.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.sparse import csr_array

from sparsedff.calibration.observations import Observations
from sparsedff.calibration.rotations import cross_matrix, left_jacobian, retraction
from sparsedff.calibration.settings import LENS_TERMS
from sparsedff.calibration.state import State, points_in_camera, residuals
from sparsedff.capture.lens import project_with_derivatives
from sparsedff.geometry import Float

_FAR_PX = 1e4  # the residual of a corner that a step has put behind the camera: large, but finite


@dataclass(frozen=True)
class Free:
    """What may change.

    Attributes:
        cameras: the poses of all cameras but cam0.
        lens: names out of LENS_TERMS.
    """

    cameras: bool = True
    lens: tuple[str, ...] = ()


class Problem:
    """Residuals and Jacobian as functions of one step vector from a start."""

    def __init__(self, start: State, seen: Observations, corners: Float, free: Free) -> None:
        self.start, self.seen, self.corners = start, seen, corners
        self.terms = [LENS_TERMS.index(name) for name in free.lens]
        cameras = len(start.camera_from_cam0)
        self.moving = np.arange(1, cameras) if free.cameras else np.zeros(0, dtype=np.int64)
        boards, moving = len(start.cam0_from_board), len(self.moving)
        self.board_at = 6 * moving
        self.lens_at = self.board_at + 6 * boards
        self.size = self.lens_at + len(self.terms) * cameras

    def state(self, step: Float) -> State:
        """The start after a step (P,)."""
        poses = np.array(self.start.camera_from_cam0)
        poses[self.moving] = retraction(poses[self.moving], self._camera_steps(step)[self.moving])
        boards = retraction(self.start.cam0_from_board, self._board_steps(step))
        intrinsics, distortion = np.array(self.start.intrinsics), np.array(self.start.distortion)
        changes = step[self.lens_at :].reshape(len(poses), -1)
        for column, term in enumerate(self.terms):
            if term < 4:
                row, place = ((0, 0), (1, 1), (0, 2), (1, 2))[term]
                intrinsics[:, row, place] += changes[:, column]
            else:
                distortion[:, term - 4] += changes[:, column]
        return State(intrinsics, distortion, poses, boards)

    def _camera_steps(self, step: Float) -> Float:
        steps = np.zeros((len(self.start.camera_from_cam0), 6))
        steps[self.moving] = step[: self.board_at].reshape(-1, 6)
        return steps

    def _board_steps(self, step: Float) -> Float:
        return step[self.board_at : self.lens_at].reshape(-1, 6)

    def residuals(self, step: Float) -> Float:
        """(2 N,) [px]."""
        values = residuals(self.state(step), self.seen, self.corners)
        return np.where(np.isfinite(values), np.clip(values, -_FAR_PX, _FAR_PX), _FAR_PX).ravel()

    def jacobian(self, step: Float) -> csr_array:
        """(2 N, P), the derivative of the residuals."""
        state, seen = self.state(step), self.seen
        points_cam0, points = points_in_camera(state, seen, self.corners)
        by_point, by_lens = np.zeros((len(seen), 2, 3)), np.zeros((len(seen), 2, len(LENS_TERMS)))
        for camera in range(len(seen.serials)):
            rows = (seen.camera == camera) & (points[:, 2] > 1e-6)
            if rows.any():
                there = project_with_derivatives(points[rows], state.intrinsics[camera], state.distortion[camera])
                by_point[rows], by_lens[rows] = there.by_point, there.by_lens
        turned = points - state.camera_from_cam0[seen.camera, :3, 3]
        by_camera = _by_pose(by_point, turned, self._camera_steps(step)[seen.camera, :3])
        by_cam0 = by_point @ state.camera_from_cam0[seen.camera, :3, :3]
        turned = points_cam0 - state.cam0_from_board[seen.still, :3, 3]
        by_board = _by_pose(by_cam0, turned, self._board_steps(step)[seen.still, :3])
        blocks = [
            _block(by_camera, 6 * (seen.camera - 1), np.isin(seen.camera, self.moving)),
            _block(by_board, self.board_at + 6 * seen.still),
            _block(by_lens[:, :, self.terms], self.lens_at + len(self.terms) * seen.camera),
        ]
        values, rows, columns = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        return csr_array((values, (rows, columns)), shape=(2 * len(seen), self.size))


def _by_pose(by_point: Float, turned: Float, turns: Float) -> Float:
    """(N, 2, 6): derivative by a pose's turn and shift."""
    return np.concatenate([-by_point @ cross_matrix(turned) @ left_jacobian(turns), by_point], axis=2)


def _block(values: Float, first_column: NDArray, wanted: NDArray | None = None) -> tuple[NDArray, NDArray, NDArray]:
    """Entries, rows and columns of a (N, 2, K) block that begins at these columns (N,)."""
    count, _, width = values.shape
    rows = np.broadcast_to(2 * np.arange(count)[:, None, None] + np.arange(2)[:, None], values.shape)
    columns = np.broadcast_to(first_column[:, None, None] + np.arange(width), values.shape)
    chosen = slice(None) if wanted is None else wanted
    return values[chosen].ravel(), rows[chosen].ravel(), columns[chosen].ravel()


def adjust(start: State, seen: Observations, corners: Float, free: Free, loss_px: float) -> State:
    """The state near `start` under which the corners fall closest to where they were seen.

    Args:
        start: near enough; boards that nobody sees in `seen` stay where they are.
        seen: N observations.
        corners: `Board.corners`.
        free: what may change beside the boards' poses.
        loss_px: residuals well below count squared, well above linearly [px].
    """
    boards = np.unique(seen.still)  # without rows to hold them, other boards would make the problem singular
    place = np.zeros(len(start.cam0_from_board), dtype=np.int64)
    place[boards] = np.arange(len(boards))
    shown = replace(seen, stills=tuple(seen.stills[index] for index in boards), still=place[seen.still])
    problem = Problem(replace(start, cam0_from_board=start.cam0_from_board[boards]), shown, corners, free)
    solved = least_squares(
        problem.residuals,
        np.zeros(problem.size),
        problem.jacobian,
        method="trf",
        x_scale="jac",
        loss="soft_l1",
        f_scale=loss_px,
        tr_solver="lsmr",
        ftol=1e-10,
        xtol=1e-10,
        gtol=1e-10,
        max_nfev=100,
    )
    found = problem.state(solved.x)
    all_boards = np.array(start.cam0_from_board)
    all_boards[boards] = found.cam0_from_board
    return replace(found, cam0_from_board=all_boards)
