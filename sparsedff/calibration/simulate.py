"""Stills of the board by cameras that are known exactly, for tests of calibration and trials without a camera."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline
from scipy.spatial.transform import Rotation

from sparsedff.calibration.board import Board
from sparsedff.calibration.observations import Observations
from sparsedff.capture.lens import project, rays
from sparsedff.capture.model import Rig, RigCamera
from sparsedff.geometry import Float, apply, inverse, transform

_SQUARE_PX = 96  # of the texture
_PAPER_M = 0.015  # white around the squares
_SUBPIXELS = (np.arange(4) - 1.5) / 4


@dataclass(frozen=True)
class StillNoise:
    """What a camera adds: Gaussian blur [px] and brightness noise [of 255], both standard deviations."""

    blur_px: float = 0.7
    brightness: float = 3.0


def render_still(
    board: Board, camera: RigCamera, camera_from_board: Float, noise: StillNoise, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A grey image (H, W) of the board on a grey table.

    Every pixel near the board is the mean of 4 x 4 rays through the lens, each met with the board's plane.
    """
    width, height = camera.image_size
    down = np.linspace(-1, 1, height)[:, None]
    image = np.broadcast_to(118.0 + 18.0 * down * np.linspace(-1, 1, width), (height, width)).copy()
    box = _box(board, camera, camera_from_board)
    if box is not None and inverse(camera_from_board)[2, 3] < 0:  # z goes into the paper: the camera is before it
        left, top, right, bottom = box
        shades, cover = _board_pixels(board, camera, camera_from_board, box)
        part = image[top:bottom, left:right]
        image[top:bottom, left:right] = part * (1 - cover) + shades
    if noise.blur_px > 0:
        image = cv2.GaussianBlur(image, (0, 0), noise.blur_px)
    image = image + noise.brightness * rng.standard_normal(image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def _box(board: Board, camera: RigCamera, camera_from_board: Float) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom [px] of the part of the image that the paper reaches; None where it does not."""
    (width, height), pad = board.size_m, _PAPER_M
    side = np.linspace(0, 1, 20)
    edge = np.concatenate([np.stack([side, side * 0 + k], 1) for k in (0, 1)])
    edge = np.concatenate([edge, edge[:, ::-1]]) * [width + 2 * pad, height + 2 * pad] - pad
    points = apply(camera_from_board, np.column_stack([edge, np.zeros(len(edge))]))
    if points[:, 2].min() < 0.05 or np.abs(points[:, :2] / points[:, 2:]).max() > 2:
        return None
    pixels = project(points, camera.intrinsics, camera.distortion)
    low = np.clip(np.floor(pixels.min(axis=0)) - 2, 0, camera.image_size).astype(int)
    high = np.clip(np.ceil(pixels.max(axis=0)) + 3, 0, camera.image_size).astype(int)
    return (low[0], low[1], high[0], high[1]) if (high > low).all() else None


def _board_pixels(
    board: Board, camera: RigCamera, camera_from_board: Float, box: tuple[int, int, int, int]
) -> tuple[Float, Float]:
    """Brightness, already multiplied by cover, and cover in [0, 1] of the pixels in a box, each (h, w)."""
    left, top, right, bottom = box
    texture = np.pad(board.picture(_SQUARE_PX), _SQUARE_PX, constant_values=255).astype(np.float32)
    x_at, y_at = _rays(camera, box)
    per_m = _SQUARE_PX / board.square_m
    size, pose = np.array(board.size_m), inverse(camera_from_board)
    u, v = np.arange(left, right), np.arange(top, bottom)
    shades, cover = np.zeros((len(v), len(u))), np.zeros((len(v), len(u)))
    for du in _SUBPIXELS:
        for dv in _SUBPIXELS:
            x, y = x_at(v + dv, u + du), y_at(v + dv, u + du)
            along = np.stack([x, y, np.ones_like(x)], axis=-1) @ pose[:3, :3].T
            depth = -pose[2, 3] / along[..., 2]
            xy = pose[:2, 3] + depth[..., None] * along[..., :2]
            on = (depth > 0) & (xy > -_PAPER_M).all(axis=-1) & (xy < size + _PAPER_M).all(axis=-1)
            place = np.moveaxis((xy + board.square_m) * per_m - 0.5, -1, 0).astype(np.float32)
            ink = np.asarray(cv2.remap(texture, place[0], place[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
            shades += on * (28.0 + ink * (198.0 / 255.0)) / len(_SUBPIXELS) ** 2
            cover += on / len(_SUBPIXELS) ** 2
    return shades, cover


def _rays(camera: RigCamera, box: tuple[int, int, int, int]) -> list[RectBivariateSpline]:
    """Normalised x and y as functions of (v, u) [px] in a box; lenses are smooth, so splines over a grid are exact."""
    left, top, right, bottom = box
    u = np.linspace(left - 1, right, max(4, (right - left) // 12))
    v = np.linspace(top - 1, bottom, max(4, (bottom - top) // 12))
    pixels = np.stack(np.meshgrid(u, v), axis=-1)
    seen = rays(pixels.reshape(-1, 2), camera.intrinsics, camera.distortion).reshape(*pixels.shape[:2], 3)
    return [RectBivariateSpline(v, u, seen[..., axis]) for axis in (0, 1)]


def board_poses(board: Board, count: int, rng: np.random.Generator) -> Float:
    """world_from_board (count, 4, 4): first flat on the table, its table frame being the world; then held up."""
    poses = [inverse(board.board_from_table)]
    for _ in range(count - 1):
        tilt = Rotation.from_rotvec(np.deg2rad(rng.uniform(10, 50)) * _unit(rng.normal(size=2)))
        turn = Rotation.from_rotvec([0, 0, rng.uniform(-np.pi, np.pi)])
        place = np.append(rng.uniform(-0.22, 0.22, 2), rng.uniform(0.08, 0.35))
        world_from_flat = transform((tilt * turn).as_matrix(), place)
        poses.append(world_from_flat @ inverse(board.board_from_table))
    return np.stack(poses)


def _unit(xy: Float) -> Float:
    return np.append(xy / np.linalg.norm(xy), 0.0)


def bent(board: Board, sag_m: float) -> Float:
    """The board's corners (K, 3) [m] on a cylinder along its shorter side, whose middle stands off by `sag_m`."""
    corners, length = np.array(board.corners), max(board.size_m)
    along = corners[:, int(np.argmax(board.size_m))] / length
    corners[:, 2] = 4 * sag_m * along * (1 - along)
    return corners


def other_moments(
    world_from_board: Float, cameras: int, share: float, shift_m: float, rng: np.random.Generator
) -> Float:
    """world_from_board (C, S, 4, 4) as each camera sees it, where a share of the stills is of different moments.

    In these every camera sees the board shifted by a random vector of the length `shift_m`.
    """
    poses = np.tile(world_from_board, (cameras, 1, 1, 1))
    stills = len(world_from_board)
    late = rng.choice(np.arange(1, stills), round(share * stills), replace=False)
    ways = rng.normal(size=(cameras, len(late), 3))
    shifts = np.zeros((cameras, stills, 3))
    shifts[:, late] = shift_m * ways / np.linalg.norm(ways, axis=-1, keepdims=True)
    poses[:, :, :3, 3] += shifts
    return poses


def see_corners(
    rig: Rig, world_from_board: Float, corners: Float, noise_px: float, rng: np.random.Generator
) -> Observations:
    """What a detector with Gaussian noise would find, without rendering.

    Args:
        rig: the cameras.
        world_from_board: (C, S, 4, 4), the board's poses as each camera saw them.
        corners: (K, 3) [m] in the board frame; they need not be flat (`bent`) nor of the size that is believed.
        noise_px: standard deviation.
        rng: of the noise.
    """
    rows: list[tuple[NDArray, ...]] = []
    for index, camera in enumerate(rig.cameras):
        camera_from_world = inverse(rig.world_from_camera(camera.serial))
        for still, pose in enumerate(world_from_board[index]):
            camera_from_board = camera_from_world @ pose
            points = apply(camera_from_board, corners)
            if points[:, 2].min() < 0.1 or camera_from_board[:3, 2] @ camera_from_board[:3, 3] < 0.2:
                continue  # behind the camera, or the board's back
            near_axis = np.linalg.norm(points[:, :2] / points[:, 2:], axis=1) < 1.1  # where a fitted lens is a lens
            pixels = project(points, camera.intrinsics, camera.distortion)
            inside = near_axis & ((pixels > 2) & (pixels < np.array(camera.image_size) - 3)).all(axis=1)
            ids = np.flatnonzero(inside)
            pixels = pixels[ids] + noise_px * rng.standard_normal((len(ids), 2))
            rows.append((np.full(len(ids), index), np.full(len(ids), still), ids, pixels))
    names = tuple(map(str, range(world_from_board.shape[1])))
    return Observations(
        tuple(camera.serial for camera in rig.cameras),
        names,
        *(np.concatenate(part) for part in zip(*rows, strict=True)),
    )


def with_wrong_corners(seen: Observations, share: float, rng: np.random.Generator) -> tuple[Observations, NDArray]:
    """Observations of which a share is wrong, and which (N,) those are.

    Half of them are off by 3 to 60 px in any direction, half have changed places with another corner of their image.
    """
    pixels = np.array(seen.pixels)
    wrong = np.zeros(len(seen), dtype=bool)
    wrong[rng.choice(len(seen), round(share * len(seen)), replace=False)] = True
    off = rng.permutation(np.flatnonzero(wrong))
    off, swapped = off[: len(off) // 2], off[len(off) // 2 :]
    direction = rng.uniform(0, 2 * np.pi, len(off))
    pixels[off] += rng.uniform(3, 60, (len(off), 1)) * np.stack([np.cos(direction), np.sin(direction)], axis=1)
    for row in swapped:
        others = np.flatnonzero((seen.camera == seen.camera[row]) & (seen.still == seen.still[row]))
        pixels[row] = seen.pixels[rng.choice(others[others != row])] if len(others) > 1 else pixels[row] + 25.0
    return Observations(seen.serials, seen.stills, seen.camera, seen.still, seen.corner, pixels), wrong
