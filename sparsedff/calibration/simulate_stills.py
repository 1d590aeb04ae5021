"""A folder of stills as scripts/capture.py would write it, to try calibration without a camera.

python -m sparsedff.calibration.simulate_stills DIR [--rig configs/rig] [--stills 20] [--width 1920] [--seed 0]
sparsedff calibrate cameras DIR --table 0000
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from sparsedff.calibration.board import Board
from sparsedff.calibration.simulate import StillNoise, board_poses, render_still
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Rig, RigCamera
from sparsedff.common.packaged import packaged
from sparsedff.common.progress import bar
from sparsedff.errors import CalibrationError, SparseDFFError
from sparsedff.geometry import Float, inverse


def at_width(camera: RigCamera, width_px: int) -> RigCamera:
    """The same camera with images of another width; pixel centres are integers, so -0.5 is the image's edge."""
    height_px = round(camera.image_size[1] * width_px / camera.image_size[0])
    scale = np.array([width_px, height_px]) / camera.image_size
    intrinsics = np.array(camera.intrinsics)
    intrinsics[:2] *= scale[:, None]
    intrinsics[:2, 2] += 0.5 * scale - 0.5
    return replace(camera, image_size=(width_px, height_px), intrinsics=intrinsics)


def write_stills(
    folder: Path,
    rig: Rig,
    board: Board,
    world_from_board: Float,
    rng: np.random.Generator,
    noise: StillNoise | None = None,
    missing_share: float = 0.0,
) -> None:
    """Write DIR/SERIAL/NNNN.png and the lenses beside them.

    Args:
        folder: DIR, made if needed.
        rig: the cameras.
        board: what they see.
        world_from_board: (S, 4, 4), the board's poses; still NNNN shows the pose of that index.
        rng: of the noise.
        noise: what the cameras add; None takes StillNoise's own.
        missing_share: share of the stills that a camera lacks; the first is always there.
    """
    with bar(len(rig.cameras) * len(world_from_board), "render", "still") as shown:
        for camera in rig.cameras:
            (folder / camera.serial).mkdir(parents=True, exist_ok=True)
            np.save(folder / camera.serial / "intrinsic.npy", camera.intrinsics)
            np.save(folder / camera.serial / "distortion.npy", camera.distortion)
            camera_from_world = inverse(rig.world_from_camera(camera.serial))
            for index, pose in enumerate(world_from_board):
                if index == 0 or rng.random() >= missing_share:
                    image = render_still(board, camera, camera_from_world @ pose, noise or StillNoise(), rng)
                    cv2.imwrite(str(folder / camera.serial / f"{index:04d}.png"), image)
                shown.update()


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--rig", type=Path, default=packaged("configs/rig"), help="where the cameras stand")
    parser.add_argument("--stills", type=int, default=20, help="the board lies on the table in the first (%(default)s)")
    parser.add_argument("--width", type=int, default=1920, help="of the images [px] (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        if options.folder.exists():
            raise CalibrationError(f"{options.folder}: exists; stills are never mixed, choose another folder")
        rig = load_rig(options.rig)
        rig = Rig(tuple(at_width(camera, options.width) for camera in rig.cameras), rig.cam0_from_world)
        rng = np.random.default_rng(options.seed)
        write_stills(options.folder, rig, Board(), board_poses(Board(), options.stills, rng), rng, missing_share=0.1)
    except SparseDFFError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"stills: {options.folder}; next: sparsedff calibrate cameras {options.folder} --table 0000")
    return 0


if __name__ == "__main__":
    sys.exit(main())
