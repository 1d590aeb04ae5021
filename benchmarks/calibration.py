"""Calibration of four rendered cameras against the truth, with 10 % of all corners made wrong.

    python -m benchmarks.calibration [--seeds 5] [--stills 16] [--width 1920] [--wrong 0.1]

Per seed and way of treating lenses: the worst camera's error of its place and direction (relative to cam0, as
calibration.json has them), that of the table frame anywhere in the workspace
(0.84 x 1.12 m), and how many wrong corners were kept and right ones lost.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from sparsedff.calibration.board import Board
from sparsedff.calibration.cameras import below_board
from sparsedff.calibration.detect import detect
from sparsedff.calibration.first_lens import first_lens
from sparsedff.calibration.observations import Observations, gather
from sparsedff.calibration.rotations import angle_between
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.simulate import StillNoise, board_poses, render_still, with_wrong_corners
from sparsedff.calibration.simulate_stills import at_width
from sparsedff.calibration.solve import Solution, solve
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Rig
from sparsedff.geometry import Float, inverse


def take(rig: Rig, board: Board, stills: int, rng: np.random.Generator) -> Observations:
    """What the detector finds in rendered stills, a tenth of which each camera misses."""
    poses, found = board_poses(board, stills, rng), {}
    for index, world_from_board in enumerate(poses):
        for camera in rig.cameras:
            if index and rng.random() < 0.1:
                continue
            camera_from_board = inverse(rig.world_from_camera(camera.serial)) @ world_from_board
            found[camera.serial, str(index)] = detect(
                board, render_still(board, camera, camera_from_board, StillNoise(), rng)
            )
    return gather([camera.serial for camera in rig.cameras], [str(index) for index in range(stills)], found)


def errors(rig: Rig, board: Board, found: Solution) -> tuple[float, float, float, float]:
    """Worst camera [mm] and [deg]; the table [mm], where it is worst in the workspace, and [deg]."""
    truth = np.stack([camera.camera_from_cam0 for camera in rig.cameras])
    places = [np.stack([inverse(pose)[:3, 3] for pose in poses]) for poses in (found.state.camera_from_cam0, truth)]
    turns = angle_between(found.state.camera_from_cam0[:, :3, :3], truth[:, :3, :3])
    table = below_board(found.state.cam0_from_board[0], board)
    corners = np.array([[x, y, 0.0, 1.0] for x in (-0.42, 0.42) for y in (-0.56, 0.56)] + [[0, 0, 0, 1]])
    off = np.linalg.norm((corners @ (table - rig.cam0_from_world).T)[:, :3], axis=1)
    tilt = float(angle_between(table[:3, :3], rig.cam0_from_world[:3, :3]))
    return (
        1000 * float(np.linalg.norm(places[0] - places[1], axis=1).max()),
        float(np.rad2deg(turns.max())),
        1000 * float(off.max()),
        float(np.rad2deg(tilt)),
    )


def lenses(rig: Rig, board: Board, seen: Observations, factory: bool) -> tuple[Float, Float]:
    """Intrinsics and distortion to begin with: the true ones, or those that the board alone gives."""
    if factory:
        return np.stack([c.intrinsics for c in rig.cameras]), np.stack([c.distortion for c in rig.cameras])
    found = [first_lens(k, seen, board.corners, camera.image_size, 4) for k, camera in enumerate(rig.cameras)]
    return np.stack([lens[0] for lens in found]), np.stack([lens[1] for lens in found])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("seeds", 5), ("stills", 16), ("width", 1920)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--wrong", type=float, default=0.1, help="share of the corners that is made wrong")
    options = parser.parse_args()
    board, rig = Board(), load_rig("configs/rig")
    rig = Rig(tuple(at_width(camera, options.width) for camera in rig.cameras), rig.cam0_from_world)
    settings = CalibrationSettings(min_stills=3, min_stills_solve=3)
    width, height = rig.cameras[0].image_size
    print(f"{options.stills} stills by {len(rig.cameras)} cameras of {width} x {height}, {options.wrong:.0%} wrong")
    print("seed  lenses   corners  wrong kept  right lost  camera [mm]  [deg]   table [mm]  [deg]   solve [s]")
    for seed in range(options.seeds):
        rng = np.random.default_rng(seed)
        seen, wrong = with_wrong_corners(take(rig, board, options.stills, rng), options.wrong, rng)
        for factory in (True, False):
            begin = time.perf_counter()
            found = solve(seen, *lenses(rig, board, seen, factory), settings, solve_lenses=not factory)
            took = time.perf_counter() - begin
            camera_mm, camera_deg, table_mm, table_deg = errors(rig, board, found)
            print(
                f"{seed:4d}  {'factory' if factory else 'solved':7}  {len(seen):7d}  {(found.kept & wrong).sum():10d}  "
                f"{(~found.kept & ~wrong).sum():10d}  {camera_mm:11.3f}  {camera_deg:6.4f}  {table_mm:10.3f}  "
                f"{table_deg:6.4f}  {took:8.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
