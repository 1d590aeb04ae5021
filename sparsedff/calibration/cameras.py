"""From stills of the board to the cameras of a rig."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sparsedff.calibration.board import Board
from sparsedff.calibration.first_lens import first_lens
from sparsedff.calibration.moments import Apart, solve_without
from sparsedff.calibration.observations import Observations
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.solve import Solution, solve
from sparsedff.calibration.stills import CameraStills
from sparsedff.capture.model import RigCamera
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float, inverse, transform


@dataclass(frozen=True)
class Calibrated:
    """The cameras, and what says how good they are.

    Attributes:
        cameras: cam0 first.
        seen: every corner that was found in the stills that were used.
        solution: its residuals, and which corners were kept.
        left_out: stills whose cameras saw the board at different moments; `seen` is without them.
    """

    cameras: tuple[RigCamera, ...]
    seen: Observations
    solution: Solution
    left_out: tuple[Apart, ...] = ()


def in_rig_order(
    stills: Sequence[CameraStills], serial_by_name: Mapping[str, str] | None
) -> tuple[list[CameraStills], list[str]]:
    """Stills and names of the cameras, cam0 first.

    Args:
        stills: of all cameras, in natural order of the serials.
        serial_by_name: which serial is which camera (rig.yaml); None calls them cam0, cam1, ... in natural order.

    Raises:
        CalibrationError: a camera that rig.yaml does not name, or no stills of cam0.
    """
    if serial_by_name is None:
        return list(stills), [f"cam{index}" for index in range(len(stills))]
    names = {serial: name for name, serial in serial_by_name.items()}
    for camera in stills:
        if camera.serial not in names:
            raise CalibrationError(
                f"{camera.folder}: rig.yaml does not say which camera this is; add the serial there, or move the folder"
            )
    order = list(serial_by_name)
    ordered = sorted(stills, key=lambda camera: order.index(names[camera.serial]))
    if names[ordered[0].serial] != "cam0":
        raise CalibrationError(
            f"cam0: rig.yaml names {serial_by_name.get('cam0', 'no serial')} but {ordered[0].folder.parent} holds no "
            "stills of it; all poses are relative to cam0"
        )
    return ordered, [names[camera.serial] for camera in ordered]


def calibrate_cameras(
    stills: Sequence[CameraStills],
    names: Sequence[str],
    seen: Observations,
    settings: CalibrationSettings,
    factory: bool,
    known_width: float = 1920.0,
) -> Calibrated:
    """Poses of all cameras, with the factory's lenses, or with lenses that are solved for as well.

    Args:
        stills: cam0's first.
        names: cam0, cam1, ...
        seen: what they show of the board.
        settings: the board, and how corners are judged; its `tolerance_px` is for images `known_width` wide.
        factory: take the lens beside the stills as it is; else solve for it, from the factory's where there is one.
        known_width: [px].

    Raises:
        CalibrationError: no lens, too few stills, a camera that is not linked to the others, or many stills whose
            cameras saw the board at different moments; names it.
    """
    lenses = []
    for index, camera in enumerate(stills):
        if factory or (camera.folder / "intrinsic.npy").exists():
            intrinsics, distortion = camera.factory_lens()
            lenses.append((intrinsics, np.concatenate([distortion, np.zeros(8 - distortion.size)])))
        else:
            lenses.append(first_lens(index, seen, settings.board.corners, camera.image_size, settings.min_stills_solve))
    widest = max(camera.image_size[0] for camera in stills)
    wider = max(1.0, widest / known_width)
    settings = replace(settings, tolerance_px=settings.tolerance_px * wider, moment_px=settings.moment_px * wider)
    intrinsics, distortion = (np.stack(parts) for parts in zip(*lenses, strict=True))
    seen, solution, left_out = solve_without(
        seen, settings, lambda used: solve(used, intrinsics, distortion, settings, solve_lenses=not factory)
    )
    state = solution.state
    cameras = [
        RigCamera(
            name=name,
            serial=camera.serial,
            image_size=camera.image_size,
            intrinsics=state.intrinsics[index],
            distortion=state.distortion[index],
            camera_from_cam0=state.camera_from_cam0[index] if index else np.eye(4),
        )
        for index, (name, camera) in enumerate(zip(names, stills, strict=True))
    ]
    return Calibrated(tuple(cameras), seen, solution, left_out)


def cam0_from_table(found: Calibrated, board: Board, still: str) -> Float:
    """(4, 4): the table frame from the still in which the board lies on the table, face up.

    Raises:
        CalibrationError: no camera saw enough of the board in it.
    """
    if any(still == apart.still for apart in found.left_out):
        raise CalibrationError(
            f"still {still!r}: the cameras saw the board in different places in it; take it again, with the board at "
            "rest"
        )
    index = found.seen.stills.index(still) if still in found.seen.stills else -1
    if index < 0 or not found.solution.placed[index]:
        raise CalibrationError(
            f"still {still!r}: no camera sees enough of the board in it; lay the board where a camera sees it whole"
        )
    return below_board(found.solution.state.cam0_from_board[index], board)


def below_board(cam0_from_board: Float, board: Board) -> Float:
    """cam0_from_table (4, 4) of a board whose plate lies on the table."""
    board_surface_from_table = transform(np.eye(3), np.array([0.0, 0.0, -board.thickness_m]))
    return cam0_from_board @ board.board_from_table @ board_surface_from_table


def board_poses_in_cam0(cameras: Sequence[RigCamera], seen: Observations, settings: CalibrationSettings) -> Solution:
    """Poses of the board alone, by cameras whose lenses and poses are known.

    Args:
        cameras: in the order of `seen.serials`; cam0 need not be among them.
        seen: what they saw.
        settings: the board, and how corners are judged.

    Raises:
        CalibrationError: the board has a pose in no still.
    """
    poses = np.stack([camera.camera_from_cam0 for camera in cameras])
    intrinsics = np.stack([camera.intrinsics for camera in cameras])
    distortion = np.stack([camera.distortion for camera in cameras])
    return solve(seen, intrinsics, distortion, settings, camera_from_cam0=poses)


def world_from_cameras(cameras: Sequence[RigCamera], cam0_from_world: Float) -> Float:
    """(C, 4, 4): where the cameras stand on the table."""
    return np.stack([inverse(camera.camera_from_cam0 @ cam0_from_world) for camera in cameras])
