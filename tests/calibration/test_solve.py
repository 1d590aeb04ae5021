"""The whole rig from corners: what must be found, what must be refused."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.calibration.board import Board
from sparsedff.calibration.first_lens import first_lens
from sparsedff.calibration.observations import Observations, gather
from sparsedff.calibration.rotations import angle_between
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.simulate import board_poses, with_wrong_corners
from sparsedff.calibration.solve import Solution, solve
from sparsedff.calibration.state import State
from sparsedff.capture.model import Rig
from sparsedff.errors import CalibrationError
from sparsedff.geometry import inverse
from tests.support.known_rig import see, truth_of

LENS = ("fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2", "k3")


def assert_near(found: Solution, truth: State, millimetres: float, degrees: float) -> None:
    """Camera centres in cam0's frame and directions."""
    places = [[inverse(pose)[:3, 3] for pose in state.camera_from_cam0] for state in (found.state, truth)]
    off = 1000 * np.linalg.norm(np.subtract(*places), axis=1)
    turn = np.rad2deg(angle_between(found.state.camera_from_cam0[:, :3, :3], truth.camera_from_cam0[:, :3, :3]))
    assert off.max() < millimetres and turn.max() < degrees, (off, turn)


@pytest.mark.parametrize("seed", range(4))
def test_cameras_and_table_with_a_tenth_of_wrong_corners(rig: Rig, board: Board, seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = truth_of(rig, board_poses(board, 12, rng))
    seen, wrong = with_wrong_corners(see(rig, truth, board, 0.15, rng), 0.1, rng)
    found = solve(seen, truth.intrinsics, truth.distortion, CalibrationSettings())
    assert_near(found, truth, 1.0, 0.1)
    table, true_table = (
        boards[0] @ board.board_from_table for boards in (found.state.cam0_from_board, truth.cam0_from_board)
    )
    assert np.linalg.norm(table[:3, 3] - true_table[:3, 3]) < 1e-3
    assert (found.kept & wrong).sum() == 0 and found.kept.sum() > 0.97 * (~wrong).sum()


def test_lenses_can_be_solved_for_without_the_factorys(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(7)
    truth = truth_of(rig, board_poses(board, 25, rng))
    seen, wrong = with_wrong_corners(see(rig, truth, board, 0.1, rng), 0.1, rng)
    starts = [first_lens(k, seen, board.corners, camera.image_size, 8) for k, camera in enumerate(rig.cameras)]
    k, d = (np.stack(parts) for parts in zip(*starts, strict=True))
    assert np.abs(k - truth.intrinsics).max() > 2  # the start is a start
    found = solve(seen, k, d, CalibrationSettings(solve_terms=LENS, min_stills_solve=3), solve_lenses=True)
    assert_near(found, truth, 3.0, 0.3)
    assert np.abs(found.state.intrinsics - truth.intrinsics).max() < 4
    assert (found.kept & wrong).sum() == 0
    with pytest.raises(
        CalibrationError, match=r"camera 000299113912: a lens needs the board in 99 stills, it is in \d+"
    ):
        first_lens(0, seen, board.corners, rig.cameras[0].image_size, 99)


def pairs_only(seen: Observations, pairs: dict[int, tuple[int, ...]]) -> Observations:
    """Only these cameras in these stills."""
    keep = np.array([c in pairs[s] for c, s in zip(seen.camera, seen.still, strict=True)])
    return seen.select(keep)


def all_seeing(rig: Rig, board: Board, stills: int, rng: np.random.Generator) -> tuple[State, Observations]:
    """The board nearly flat in the middle, where every camera sees it."""
    poses = []
    while len(poses) < stills:
        pose = board_poses(board, 2, rng)[1]
        truth = truth_of(rig, pose[None])
        if all((see(rig, truth, board, 0.0, rng).camera == c).sum() > 40 for c in range(len(rig.cameras))):
            poses.append(pose)
    truth = truth_of(rig, np.stack(poses))
    return truth, see(rig, truth, board, 0.1, rng)


def test_cameras_linked_only_in_a_chain(rig: Rig, board: Board) -> None:
    truth, seen = all_seeing(rig, board, 9, np.random.default_rng(0))
    chain = {s: ((0, 2), (2, 3), (1, 3))[s % 3] for s in range(9)}
    found = solve(pairs_only(seen, chain), truth.intrinsics, truth.distortion, CalibrationSettings())
    assert_near(found, truth, 3.0, 0.3)
    assert found.placed.all()


def test_a_camera_that_shares_no_still_is_named(rig: Rig, board: Board) -> None:
    truth, seen = all_seeing(rig, board, 9, np.random.default_rng(0))
    alone = {s: (0, 1, 2) if s < 5 else (3,) for s in range(9)}
    with pytest.raises(CalibrationError, match="camera 000262413912: shares no still of the board with camera 0002991"):
        solve(pairs_only(seen, alone), truth.intrinsics, truth.distortion, CalibrationSettings())
    rare = {s: (0, 1, 2) if s < 7 else (0, 3) for s in range(9)}
    with pytest.raises(
        CalibrationError, match="camera 000262413912: sees the board in 2 stills that agree with the others, but 3 are"
    ):
        solve(pairs_only(seen, rare), truth.intrinsics, truth.distortion, CalibrationSettings())


def test_a_still_with_a_moving_board_is_given_up_and_the_rest_stays_right(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(0)
    truth, seen = all_seeing(rig, board, 10, rng)
    late = (seen.camera == 1) & (seen.still == 4)  # camera 1 took this one after the board had moved by 30 px
    pixels = np.array(seen.pixels)
    pixels[late] += [30, 10]
    seen = Observations(seen.serials, seen.stills, seen.camera, seen.still, seen.corner, pixels)
    found = solve(seen, truth.intrinsics, truth.distortion, CalibrationSettings())
    assert_near(found, truth, 1.0, 0.1)
    assert not found.kept[late].any() and found.kept[~late].mean() > 0.97


def test_known_cameras_give_the_board_alone(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(5)
    truth = truth_of(rig, board_poses(board, 1, rng))
    seen, _ = with_wrong_corners(see(rig, truth, board, 0.1, rng), 0.1, rng)
    settings = CalibrationSettings(min_stills=1, solve_terms=LENS)
    poses = truth.camera_from_cam0
    # The lenses of known cameras stay, whatever is asked for.
    found = solve(seen, truth.intrinsics, truth.distortion, settings, camera_from_cam0=poses, solve_lenses=True)
    np.testing.assert_array_equal(found.state.camera_from_cam0, poses)
    np.testing.assert_array_equal(found.state.intrinsics, truth.intrinsics)
    np.testing.assert_allclose(found.state.cam0_from_board[0], truth.cam0_from_board[0], atol=5e-4)
    with pytest.raises(CalibrationError, match="no camera sees enough of the board"):
        solve(seen.select(seen.corner < 3), truth.intrinsics, truth.distortion, settings, poses)


def test_observations_check_themselves() -> None:
    none = gather(["a"], ["0"], {})
    assert len(none) == 0 and none.views() == []
    zero = np.zeros(1, dtype=np.int64)
    with pytest.raises(ValueError, match="do not fit"):
        Observations(("a",), ("0",), zero + 1, zero, zero, np.zeros((1, 2)))
    with pytest.raises(ValueError, match="finite"):
        Observations(("a",), ("0",), zero, zero, zero, np.full((1, 2), np.nan))
