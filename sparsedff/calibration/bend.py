"""How far the board is from flat: the curvature of its surface that the cameras' residuals ask for.

The corners are let off their plane by z = a x^2 + b x y + c y^2 about the board's middle, the same in all stills. One
Gauss-Newton step over a, b, c and all poses gives them: residuals of a bent board are a pattern that no poses explain.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array, hstack
from scipy.sparse.linalg import lsqr

from sparsedff.calibration.board import Board
from sparsedff.calibration.bundle import Free, Problem
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.solve import Solution
from sparsedff.calibration.state import points_in_camera
from sparsedff.capture.lens import project_with_derivatives
from sparsedff.geometry import Float

_GRID = 9  # places along each side of the board whose heights are compared


def bend_of(seen: Observations, found: Solution, board: Board) -> float:
    """How far the board's surface reaches off its best plane, from lowest to highest [m].

    Args:
        seen: at least three stills, not all seen from straight above, or nothing tells.
        found: the solution with a flat board.
        board: which.
    """
    kept = seen.select(found.kept)
    boards, place = np.unique(kept.still, return_inverse=True)
    kept = Observations(
        kept.serials, tuple(kept.stills[i] for i in boards), kept.camera, place, kept.corner, kept.pixels
    )
    state = type(found.state)(
        found.state.intrinsics,
        found.state.distortion,
        found.state.camera_from_cam0,
        found.state.cam0_from_board[boards],
    )
    corners = board.corners
    points = points_in_camera(state, kept, corners)[1]
    by_height = np.zeros((len(kept), 2))
    for camera in range(len(kept.serials)):
        rows = np.flatnonzero(kept.camera == camera)
        by_point = project_with_derivatives(points[rows], state.intrinsics[camera], state.distortion[camera]).by_point
        axis = state.camera_from_cam0[camera, :3, :3] @ state.cam0_from_board[kept.still[rows], :3, 2, None]
        by_height[rows] = (by_point @ axis)[..., 0]
    size = np.array(board.size_m)
    by_shape = by_height[:, :, None] * _shapes(corners[kept.corner, :2], size)[:, None, :]
    problem = Problem(state, kept, corners, Free(cameras=True))
    step = np.zeros(problem.size)
    poses = problem.jacobian(step)
    scale = 1 / np.sqrt(np.maximum((poses.multiply(poses)).sum(axis=0), 1e-12))
    system = hstack([poses * scale, csr_array(by_shape.reshape(-1, 3))])
    found_step = lsqr(system, -problem.residuals(step), atol=1e-12, btol=1e-12, iter_lim=5000)[0]
    side = np.linspace(0, 1, _GRID)
    outline = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2) * size
    heights = _shapes(outline, size) @ found_step[-3:]
    flat = np.column_stack([outline, np.ones(len(outline))])
    heights -= flat @ np.linalg.lstsq(flat, heights, rcond=None)[0]
    return float(np.ptp(heights))


def _shapes(xy: Float, size: Float) -> Float:
    """(N, 3): x^2, x y and y^2 about the middle, in units of half the longer side."""
    x, y = ((xy - size / 2) / (size.max() / 2)).T
    return np.stack([x * x, x * y, y * y], axis=1)
