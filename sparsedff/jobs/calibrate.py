"""What `sparsedff calibrate` does, verb by verb: read, solve, write; every job yields lines as they become true."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from sparsedff.calibration.board import Board
from sparsedff.calibration.cameras import (
    Calibrated,
    below_board,
    board_poses_in_cam0,
    calibrate_cameras,
    cam0_from_table,
    in_rig_order,
    world_from_cameras,
)
from sparsedff.calibration.draw import draw_errors
from sparsedff.calibration.faults import fault_lines
from sparsedff.calibration.hand_eye_rig import RobotViews, hand_eye_lines, solve_hand_eye
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.page import print_board
from sparsedff.calibration.plane import cam0_from_plane, depth_points, find_table
from sparsedff.calibration.report import as_table, camera_errors
from sparsedff.calibration.robot_poses import find_robot_poses, read_robot_poses
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.stills import CameraStills, look, read_stills
from sparsedff.capture.files.rig_files import TRANSFORM, load_cameras, load_rig, save_cameras, save_table
from sparsedff.capture.files.serials import read_serials
from sparsedff.capture.model import RigCamera
from sparsedff.common.atomic import write_file
from sparsedff.common.progress import bar, working
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float
from sparsedff.prepare.writable import check_writable


def board(settings: CalibrationSettings, folder: Path) -> Iterator[str]:
    """Print the board into files."""
    paths, paper = print_board(settings.board, folder)
    yield from map(str, paths)
    yield f"print on {paper.name} at 100 %, then check the bar below the board with a ruler"


def cameras(
    settings: CalibrationSettings,
    stills: Path,
    rig: Path,
    factory: bool,
    table: str | None,
    depth: Path | None = None,
) -> Iterator[str]:
    """Calibrate the cameras, and with the name of a still in which the board lies on the table, the table.

    The board's size is compared with the depth of a capture that shows it: `depth`, or DIR/depth where there is one.
    """
    check_writable(rig, "--out")
    names_of = read_serials(stills) or _serials_that_fit(rig, stills)
    ordered, names = in_rig_order(read_stills(stills), names_of)
    if table is not None:
        read_stills(stills, [table])  # a wrong name ends here, not after minutes of looking
    seen = _look(settings.board, ordered)
    with working("adjust"):
        found = calibrate_cameras(ordered, names, seen, settings, factory)
    cam0_from_world = cam0_from_table(found, settings.board, table) if table else None
    faults = list(fault_lines(found, settings, depth or _beside(stills)))
    if cam0_from_world is not None:
        save_table(cam0_from_world, rig)
    save_cameras(found.cameras, rig)
    yield from _report(found, rig)
    yield from faults
    if cam0_from_world is not None:
        yield from _table_lines(found.cameras, cam0_from_world, rig)
    elif (rig / TRANSFORM).exists():
        yield f"{rig / TRANSFORM} is as before; if cam0 has moved since, find table and robot again"
    else:
        yield f"next: sparsedff calibrate table --rig {rig} --stills DIR | --capture DIR"


def table_from_board(settings: CalibrationSettings, stills: Path, rig: Path, name: str | None) -> Iterator[str]:
    """The table frame from stills of the board lying still on the table, seen by cameras of the rig."""
    rig_cameras, seen = _rig_views(settings.board, stills, rig, [name] if name else [])
    still = Observations(seen.serials, ("table",), seen.camera, 0 * seen.still, seen.corner, seen.pixels)
    solution = board_poses_in_cam0(rig_cameras, still, settings)
    if solution.kept.mean() < 0.5:
        raise CalibrationError(
            f"{stills}: the board is not in one place in {', '.join(seen.stills[:4])}, or the cameras have moved; name "
            "one still with --name, or calibrate the cameras again"
        )
    rms = float(np.sqrt(np.mean(np.sum(solution.residual_px[solution.kept] ** 2, axis=1))))
    yield f"board: {solution.kept.sum()} corners, rms {rms:.3f} px, {(~solution.kept).sum()} rejected"
    cam0_from_world = below_board(solution.state.cam0_from_board[0], settings.board)
    save_table(cam0_from_world, rig)
    yield from _table_lines(load_cameras(rig), cam0_from_world, rig)


def table_from_depth(settings: CalibrationSettings, capture: Path, rig: Path) -> Iterator[str]:
    """The table frame from the plane in a capture's depth."""
    rig_cameras = load_cameras(rig)
    there = [camera for camera in rig_cameras if (capture / camera.serial).is_dir()]
    if not there:
        raise CalibrationError(f"{capture}: holds no folder of a camera in {rig}; give a capture of this rig")
    points = np.concatenate([depth_points(camera, capture / camera.serial) for camera in there])
    plane = find_table(points, settings.plane_tolerance_m, np.random.default_rng(0))
    yield f"plane: {100 * plane.inliers.mean():.0f} % of {len(points)} readings, rms {1000 * plane.rms_m:.1f} mm"
    cam0_from_world = cam0_from_plane(plane, there)
    save_table(cam0_from_world, rig)
    yield from _table_lines(rig_cameras, cam0_from_world, rig)


def hand_eye(
    settings: CalibrationSettings, stills: Path, rig: Path, poses: Path | None, eye_in_hand: bool
) -> Iterator[str]:
    """cam2base from the board in the gripper; or the camera in the gripper from the board at rest."""
    path = poses or find_robot_poses(stills)
    cam0_from_world = load_rig(rig).cam0_from_world  # transform.yaml must be there before minutes of looking
    rig_cameras, seen = _rig_views(settings.board, stills, rig, [])
    base_from_gripper = read_robot_poses(path, seen.stills)
    views = RobotViews(seen, tuple(rig_cameras), np.stack([base_from_gripper[name] for name in seen.stills]))
    found = solve_hand_eye(views, settings, eye_in_hand)
    yield from hand_eye_lines(found)
    if eye_in_hand:
        content = io.BytesIO()
        np.save(content, found.refined.x)
        write_file(rig / "gripper_from_cam0.npy", content.getvalue())
        yield f"gripper_from_cam0: {rig / 'gripper_from_cam0.npy'}"
    else:
        save_table(cam0_from_world, rig, found.refined.x)
        yield f"cam2base: {rig / TRANSFORM}"


def _beside(stills: Path) -> Path | None:
    """A capture of the board that lies with the stills."""
    return stills / "depth" if (stills / "depth").is_dir() else None


def _serials_that_fit(rig: Path, stills: Path) -> dict[str, str] | None:
    """The names that an earlier calibration in the rig gave these very cameras."""
    serials = read_serials(rig)
    there = {camera.serial for camera in read_stills(stills)}
    return serials if serials is not None and there <= set(serials.values()) else None


def _look(board: Board, stills: Sequence[CameraStills]) -> Observations:
    with bar(sum(len(camera.paths) for camera in stills), "look", "still") as shown:
        return look(board, stills, shown.update)


def _rig_views(board: Board, folder: Path, rig: Path, only: Sequence[str]) -> tuple[list[RigCamera], Observations]:
    """The rig's cameras that have stills in the folder, and what these show of the board."""
    by_serial = {camera.serial: camera for camera in load_cameras(rig)}
    stills = read_stills(folder, only)
    for camera in stills:
        if camera.serial not in by_serial:
            raise CalibrationError(f"{camera.folder}: not a camera of {rig}, which has {', '.join(by_serial)}")
        if camera.image_size != by_serial[camera.serial].image_size:
            raise CalibrationError(
                f"{camera.folder}: stills are {camera.image_size[0]} x {camera.image_size[1]}, but the camera was "
                f"calibrated at {by_serial[camera.serial].image_size}; take them at that size"
            )
    return [by_serial[camera.serial] for camera in stills], _look(board, stills)


def _report(found: Calibrated, rig: Path) -> Iterator[str]:
    errors = camera_errors(found)
    yield from as_table(errors)
    for index, entry in enumerate(errors):
        content = io.BytesIO()
        draw_errors(found, index, entry).save(content, format="PNG")
        write_file(rig / f"errors_{entry.name}.png", content.getvalue())
        if entry.rms_px > 1 or entry.rejected > entry.corners:
            yield (
                f"{entry.name}: these errors are large; check that the board is flat and still, its size in the "
                f"configuration, and the picture {rig / f'errors_{entry.name}.png'}"
            )
    yield f"wrote {rig / 'calibration.json'}, rig.yaml and errors_*.png; use it: extrinsics_path={rig}"


def _table_lines(rig_cameras: Sequence[RigCamera], cam0_from_world: Float, rig: Path) -> Iterator[str]:
    """Where the cameras stand over the table: what a ruler can check."""
    for camera, pose in zip(rig_cameras, world_from_cameras(rig_cameras, cam0_from_world), strict=True):
        x, y, z = pose[:3, 3]
        down = np.rad2deg(np.arcsin(np.clip(-pose[2, 2], -1, 1)))
        yield f"{camera.name} stands at x {x:+.3f} y {y:+.3f} z {z:+.3f} m and looks {down:.0f} degrees down"
    yield f"table: {rig / TRANSFORM}"
