"""All cameras of a rig from stills of the board: first poses, adjustment, rejection of wrong corners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.calibration.bundle import Free, adjust
from sparsedff.calibration.graph import first_boards, first_cameras
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.state import State, residual_lengths_px, residuals
from sparsedff.calibration.view_pose import ViewPose, view_pose
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float

_MEDIAN_OF_RAYLEIGH = 1.1774  # the median length of a 2D Gaussian error, in its standard deviations
_ROUNDS = 8
_WORST = 4.0  # times the tolerance: no camera's corners may be this far off, however many of them are


@dataclass(frozen=True, eq=False)
class Solution:
    """What was found.

    Attributes:
        state: lenses and poses; boards of stills that are not `placed` mean nothing.
        placed: (S,) which stills' boards have a pose.
        residual_px: (N, 2) of every observation, also of the wrong ones; infinite where there is no board pose.
        kept: (N,) which observations are right.
    """

    state: State
    placed: NDArray[np.bool_]
    residual_px: Float
    kept: NDArray[np.bool_]


def solve(
    seen: Observations,
    intrinsics: Float,
    distortion: Float,
    settings: CalibrationSettings,
    camera_from_cam0: Float | None = None,
    solve_lenses: bool = False,
) -> Solution:
    """Poses of all cameras, and their lenses where asked for; or, by cameras that are known, of the board alone.

    1. Each image by itself: the board's pose and the corners that agree with it.
    2. First poses of all cameras and boards, along the stills that cameras share.
    3. Adjustment of everything at once; corners are judged again by its residuals, until the same ones stay.

    Args:
        seen: what all cameras saw; the first camera is cam0 unless their poses are given.
        intrinsics: (C, 3, 3) [px], the lenses or where the search for them begins.
        distortion: (C, 8), the same.
        settings: the board, and how corners are judged; `tolerance_px` is for images of these cameras' size.
        camera_from_cam0: (C, 4, 4) poses that stay as they are, as do the lenses then; None looks for them.
        solve_lenses: whether `settings.solve_terms` of the lenses are solved for; else they stay as given.

    Raises:
        CalibrationError: too few stills, or a camera that is not linked to the others; names it.
    """
    corners, min_stills = settings.board.corners, settings.fewest_stills(solve_lenses)
    views = view_poses(seen, intrinsics, distortion, settings)
    kept = np.zeros(len(seen), dtype=bool)
    usable = np.zeros(len(seen), dtype=bool)
    for camera, still, rows in seen.views():
        if (camera, still) in views:
            usable[rows], kept[rows] = True, views[camera, still].inliers
    looking = camera_from_cam0 is None
    if camera_from_cam0 is None:
        check_counts(Counter(camera for camera, _ in views), seen.serials, min_stills)
        camera_from_cam0 = first_cameras(seen.serials, views)
    elif not views:
        raise CalibrationError(
            f"stills {', '.join(seen.stills)}: no camera sees enough of the board ({settings.min_corners} corners); "
            "lay it where a camera sees it whole"
        )
    nowhere = np.tile(np.eye(4), (len(seen.stills), 1, 1))
    state = State(intrinsics, distortion, camera_from_cam0, nowhere)
    state = first_boards(state, seen.select(kept), corners, views)
    for turn in range(_ROUNDS):
        # Lenses wait for the second round: the first may still have a wrong corner or a mirrored board in it.
        free = Free(cameras=looking, lens=settings.solve_terms if turn and looking and solve_lenses else ())
        state = adjust(state, seen.select(kept), corners, free, settings.loss_px)
        judged = usable & right_corners(residual_lengths_px(state, seen, corners), kept, seen.camera, settings)
        settled = turn > 0 and bool((judged == kept).all())
        kept = judged
        if looking:
            stills_of = {(int(c), int(s)) for c, s in zip(seen.camera[kept], seen.still[kept], strict=True)}
            check_counts(Counter(camera for camera, _ in stills_of), seen.serials, min_stills)
        if settled or not kept.any():
            break
    if not kept.any():
        raise CalibrationError(
            f"stills {seen.stills[0]} ...: the cameras do not agree where the board is; a camera has moved since it "
            "was calibrated, or the stills of one name were not taken at the same moment"
        )
    placed = np.isin(np.arange(len(seen.stills)), seen.still[kept])
    residual = residuals(state, seen, corners)
    residual[~placed[seen.still]] = np.inf
    return Solution(state, placed, residual, kept)


def view_poses(
    seen: Observations, intrinsics: Float, distortion: Float, settings: CalibrationSettings
) -> dict[tuple[int, int], ViewPose]:
    """The board's pose by (camera, still), for every image that shows enough of it."""
    corners, views = settings.board.corners, {}
    for camera, still, rows in seen.views():
        found = view_pose(
            corners[seen.corner[rows]],
            seen.pixels[rows],
            intrinsics[camera],
            distortion[camera],
            settings.tolerance_px,
            settings.min_corners,
        )
        if found:
            views[camera, still] = found
    return views


def check_counts(counts: Counter[int], serials: Sequence[str], min_stills: int) -> None:
    """Refuse cameras that saw the board too rarely.

    Raises:
        CalibrationError: names the first such camera and how often it saw the board.
    """
    for camera, serial in enumerate(serials):
        if counts[camera] < min_stills:
            raise CalibrationError(
                f"camera {serial}: sees the board in {counts[camera]} stills that agree with the others, but "
                f"{min_stills} are needed; take more with the whole board in view, and check calibration.board"
            )


def right_corners(
    length_px: Float, trusted: NDArray[np.bool_], camera: NDArray[np.int64], settings: CalibrationSettings
) -> NDArray[np.bool_]:
    """(N,) which corners lie within the error of their camera, as the median of the trusted ones gives it."""
    right = np.zeros(len(length_px), dtype=bool)
    for index in np.unique(camera):
        here = camera == index
        sigma = np.median(length_px[here & trusted]) / _MEDIAN_OF_RAYLEIGH if (here & trusted).any() else 0.0
        limit = min(max(settings.reject_sigmas * sigma, settings.reject_floor_px), _WORST * settings.tolerance_px)
        right[here] = length_px[here] < limit
    return right
