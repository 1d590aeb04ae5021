"""A rig that is known exactly, and what it sees of the board: as numbers, and as rendered stills."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sparsedff.calibration.board import Board
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.simulate import board_poses
from sparsedff.calibration.simulate_stills import at_width, write_stills
from sparsedff.calibration.state import State, points_in_camera
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.lens import project
from sparsedff.capture.model import Rig

AUTHORS = Path(__file__).parents[2] / "configs" / "rig"
STILLS = 8


def known_rig(width_px: int = 1280) -> Rig:
    """The authors' four cameras at another size."""
    rig = load_rig(AUTHORS)
    return Rig(tuple(at_width(camera, width_px) for camera in rig.cameras), rig.cam0_from_world)


def truth_of(rig: Rig, world_from_board: np.ndarray) -> State:
    return State(
        np.stack([camera.intrinsics for camera in rig.cameras]),
        np.stack([camera.distortion for camera in rig.cameras]),
        np.stack([camera.camera_from_cam0 for camera in rig.cameras]),
        rig.cam0_from_world @ world_from_board,
    )


def see(rig: Rig, truth: State, board: Board, noise_px: float, rng: np.random.Generator) -> Observations:
    """What a detector with this noise would find: every corner inside an image and seen from before the board."""
    cameras, stills = len(rig.cameras), len(truth.cam0_from_board)
    camera, still, corner = (
        part.ravel() for part in np.meshgrid(range(cameras), range(stills), range(len(board.corners)), indexing="ij")
    )
    everything = Observations(
        tuple(c.serial for c in rig.cameras), tuple(map(str, range(stills))), camera, still, corner,
        np.zeros((len(camera), 2)),
    )  # fmt: skip
    points = points_in_camera(truth, everything, board.corners)[1]
    pixels = np.zeros((len(points), 2))
    sizes = np.array([c.image_size for c in rig.cameras])[camera]
    for index in range(cameras):
        rows = camera == index
        pixels[rows] = project(points[rows], truth.intrinsics[index], truth.distortion[index])
    poses = truth.camera_from_cam0[camera] @ truth.cam0_from_board[still]
    before = np.einsum("ni,ni->n", poses[:, :3, 2], poses[:, :3, 3]) > 0.2  # z goes into the paper; not too grazing
    rays_inside = np.linalg.norm(points[:, :2] / points[:, 2:], axis=1) < 1.1  # where the fitted lenses are lenses
    inside = ((pixels > 2) & (pixels < sizes - 3)).all(axis=1) & (points[:, 2] > 0.1) & before & rays_inside
    pixels += noise_px * rng.standard_normal(pixels.shape)
    return Observations(
        everything.serials, everything.stills, camera[inside], still[inside], corner[inside], pixels[inside]
    )


@pytest.fixture(scope="session")
def board() -> Board:
    return Board()


@pytest.fixture(scope="session")
def rig() -> Rig:
    return known_rig()


@pytest.fixture(scope="session")
def still_poses(board: Board) -> np.ndarray:
    """world_from_board of the rendered stills; the first lies on the table."""
    return board_poses(board, STILLS, np.random.default_rng(4))


@pytest.fixture(scope="session")
def stills_folder(tmp_path_factory: pytest.TempPathFactory, rig: Rig, board: Board, still_poses: np.ndarray) -> Path:
    """DIR/SERIAL/NNNN.png of the four cameras, with blur, noise, boards cut off by the image and missing stills."""
    folder = tmp_path_factory.mktemp("stills") / "stills"
    write_stills(folder, rig, board, still_poses, np.random.default_rng(5), missing_share=0.1)
    return folder
