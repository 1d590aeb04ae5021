"""Stills in which cameras saw the board in different places: they were not taken at the same moment.

One camera's still always explains itself by some pose of the board. Cameras that saw the board at one moment agree on
it: what one pose for all leaves over is not much more than what each camera's own pose leaves over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sparsedff.calibration.observations import Observations
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.solve import Solution, view_poses
from sparsedff.calibration.state import points_in_camera
from sparsedff.capture.lens import project
from sparsedff.errors import CalibrationError
from sparsedff.geometry import apply

_TIMES_OWN = 4.0  # one pose for all cameras may leave over so many times what a camera's own pose does
_HOPELESS = 0.6  # of the stills that cameras share apart in the first solution: no search for the right ones
_TRIED = 4  # stills of which each is left out on trial


@dataclass(frozen=True)
class Apart:
    """A still whose cameras disagree where the board was.

    Attributes:
        still: its name.
        px: median residual of the camera that disagrees most [px].
        metres: about as much at the board [m].
    """

    still: str
    px: float
    metres: float


def stills_apart(seen: Observations, found: Solution, settings: CalibrationSettings) -> list[Apart]:
    """Stills whose cameras saw the board in different places, the worst first.

    Args:
        seen: what was solved.
        found: the solution.
        settings: `moment_px` is for images of these cameras' size.
    """
    corners, state = settings.board.corners, found.state
    views = view_poses(seen, state.intrinsics, state.distortion, settings)
    depth = points_in_camera(state, seen, corners)[1][:, 2]
    length = np.linalg.norm(found.residual_px, axis=1)
    worst: dict[int, Apart] = {}
    for camera, still, rows in seen.views():
        view = views.get((camera, still))
        if view is None or sum(at == still for _, at in views) < 2:
            continue
        right = rows[view.inliers]
        points = apply(view.camera_from_board, corners[seen.corner[right]])
        own = project(points, state.intrinsics[camera], state.distortion[camera]) - seen.pixels[right]
        limit = max(settings.moment_px, _TIMES_OWN * float(np.median(np.linalg.norm(own, axis=1))))
        px = float(np.median(length[right]))
        if px > limit and px > (worst[still].px if still in worst else 0.0):
            metres = px * float(np.median(np.abs(depth[right]))) / float(state.intrinsics[camera, 0, 0])
            worst[still] = Apart(seen.stills[still], px, metres)
    return sorted(worst.values(), key=lambda apart: -apart.px)


def solve_without(
    seen: Observations, settings: CalibrationSettings, solved: Callable[[Observations], Solution]
) -> tuple[Observations, Solution, tuple[Apart, ...]]:
    """Solve, leave out the stills of different moments, and solve again until none is left.

    Returns:
        what was used, the solution, and what was left out.

    Raises:
        CalibrationError: more than `max_moment_share` of the stills that cameras share would have to be left
            out; or as `solved`.
    """
    left_out: list[Apart] = []
    cameras = Counter(still for _, still, _ in seen.views())
    shared = sum(count > 1 for count in cameras.values())
    found = solved(seen)
    while apart := stills_apart(seen, found, settings):
        hopeless = len(apart) > _HOPELESS * shared
        if hopeless or len(left_out) + 1 > settings.max_moment_share * shared:
            worst = [*left_out, *apart]
            names = ", ".join(still.still for still in worst[:6]) + (" ..." if len(worst) > 6 else "")
            raise CalibrationError(
                f"stills {names}: the cameras saw the board in different places, by {apart[0].px:.1f} px or about "
                f"{1000 * apart[0].metres:.0f} mm in {apart[0].still}; lay or clamp the board for every still, and "
                "take all cameras' stills at the same moment"
            )
        # A bad still drags cameras along and makes good ones look worse than itself: what is left tells.
        trials = [_without(seen, still, settings, solved) for still in apart[:_TRIED]]
        best = min(range(len(trials)), key=lambda index: trials[index].left_px)
        left_out.append(apart[best])
        seen, found = trials[best].seen, trials[best].found
    return seen, found, tuple(left_out)


@dataclass(frozen=True, eq=False)
class _Trial:
    """The solution without one still, and how far [px] its other stills are apart in sum."""

    seen: Observations
    found: Solution
    left_px: float


def _without(
    seen: Observations, gone: Apart, settings: CalibrationSettings, solved: Callable[[Observations], Solution]
) -> _Trial:
    rest = seen.select(seen.still != seen.stills.index(gone.still))
    found = solved(rest)
    return _Trial(rest, found, sum(still.px for still in stills_apart(rest, found, settings)))
