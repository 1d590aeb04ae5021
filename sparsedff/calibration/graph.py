"""First poses of cameras and boards: from one still to the next wherever two cameras see the board together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from sparsedff.calibration.observations import Observations
from sparsedff.calibration.rotations import angle_between
from sparsedff.calibration.state import State, residual_lengths_px
from sparsedff.calibration.view_pose import ViewPose
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float, inverse

Views = Mapping[tuple[int, int], ViewPose]
"""The board's pose by (camera, still)."""

_NEAR_M, _NEAR_RAD = 0.05, 0.1  # two estimates of one pose this close to each other agree
_WORST_PX = 20.0  # how far off counts no further when candidates are compared


@dataclass(frozen=True)
class _Link:
    """Where camera `second` stands for camera `first`, and how many stills say so."""

    first_from_second: Float
    support: int


def first_cameras(serials: Sequence[str], views: Views) -> Float:
    """camera_from_cam0 (C, 4, 4) of all cameras, from the stills that they share.

    1. Every still that two cameras see gives an estimate of where one stands for the other; the estimate that most
       others agree with stays (wrong ones, such as a plane's mirrored pose, have no company).
    2. The tree of best supported links (maximum spanning tree) leads from cam0 to every camera.

    Raises:
        CalibrationError: a camera that no chain of shared stills leads to; names it.
    """
    count = len(serials)
    links = {(a, b): link for a in range(count) for b in range(a + 1, count) if (link := _link(views, a, b))}
    return _along_tree(links, serials)


def first_boards(state: State, seen: Observations, corners: Float, views: Views) -> State:
    """The state with a pose for the board of every still in `views`.

    A board stands where the camera puts it whose estimate explains all cameras' corners best: of the two poses that
    a plane far away can have, that tells the right one.
    """
    boards = np.array(state.cam0_from_board)
    for still in sorted({still for _, still in views}):
        candidates = [
            inverse(state.camera_from_cam0[camera]) @ view.camera_from_board
            for (camera, at), view in views.items()
            if at == still
        ]
        here = seen.select(seen.still == still)
        errors = []
        for candidate in candidates:
            boards[still] = candidate
            trial = replace(state, cam0_from_board=boards)
            errors.append(np.minimum(residual_lengths_px(trial, here, corners), _WORST_PX).sum())
        boards[still] = candidates[int(np.argmin(errors))]
    return replace(state, cam0_from_board=boards)


def _link(views: Views, first: int, second: int) -> _Link | None:
    shared = [still for camera, still in views if camera == first and (second, still) in views]
    if not shared:
        return None
    estimates = np.stack(
        [views[first, s].camera_from_board @ inverse(views[second, s].camera_from_board) for s in shared]
    )
    apart = np.linalg.norm(estimates[:, None, :3, 3] - estimates[None, :, :3, 3], axis=-1) / _NEAR_M
    apart += angle_between(estimates[:, None, :3, :3], estimates[None, :, :3, :3]) / _NEAR_RAD
    middle = int(np.argmin(np.minimum(apart, 2.0).sum(axis=1)))
    return _Link(estimates[middle], int((apart[middle] < 1).sum()))


def _along_tree(links: Mapping[tuple[int, int], _Link], serials: Sequence[str]) -> Float:
    """camera_from_cam0 (C, 4, 4) of all cameras."""
    count = len(serials)
    weights = np.zeros((count, count))
    for (first, second), link in links.items():
        weights[first, second] = 1 / link.support
    tree = minimum_spanning_tree(csr_array(weights))
    order, before = breadth_first_order(tree, 0, directed=False)
    lost = [serials[camera] for camera in range(count) if camera not in order]
    if lost:
        raise CalibrationError(
            f"camera {', '.join(lost)}: shares no still of the board with camera {serials[0]} (cam0) or one linked to "
            "it; take stills in which both see the board at the same moment"
        )
    poses = np.tile(np.eye(4), (count, 1, 1))
    for camera in order[1:]:
        parent = int(before[camera])
        first, second = min(parent, int(camera)), max(parent, int(camera))
        step = links[first, second].first_from_second
        poses[camera] = (inverse(step) if parent == first else step) @ poses[parent]
    return poses
