"""`sparsedff calibrate` from files to files: rendered stills of four cameras in, a rig out."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from sparsedff.calibration.board import Board
from sparsedff.calibration.detect import detect
from sparsedff.calibration.plane import depth_points, find_table
from sparsedff.calibration.rotations import angle_between
from sparsedff.calibration.simulate import StillNoise, board_poses, render_still
from sparsedff.calibration.simulate_stills import write_stills
from sparsedff.calibration.state import residuals
from sparsedff.calibration.stills import look, read_stills
from sparsedff.capture.files.rig_files import load_cam2base, load_cameras, load_rig, save_rig
from sparsedff.capture.model import Rig
from sparsedff.cli.main import main
from sparsedff.geometry import backproject, inverse, transform
from tests.support.known_rig import known_rig, truth_of
from tests.support.robot_scenes import robot_scene

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


@pytest.fixture(scope="module")
def rig_folder(stills_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `calibrate cameras` makes of the stills; rig.yaml says that cam0 is not the first serial.

    What it prints is kept beside it in said.txt.
    """
    folder = tmp_path_factory.mktemp("rig") / "rig"
    shutil.copy(REPOSITORY / "configs" / "rig" / "rig.yaml", stills_folder)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert main(["calibrate", "cameras", str(stills_folder), "--table", "0000", "--out", str(folder)]) == 0
    (folder / "said.txt").write_text(said.getvalue())
    return folder


def assert_same_place(found: np.ndarray, truth: np.ndarray, millimetres: float = 1.0, degrees: float = 0.1) -> None:
    assert 1000 * np.linalg.norm((found - truth)[:3, 3]) < millimetres
    assert np.rad2deg(angle_between(found[:3, :3], truth[:3, :3])) < degrees


def test_rendered_stills_give_the_rig_back(rig_folder: Path, rig: Rig) -> None:
    found = load_rig(rig_folder)
    assert [(c.name, c.serial, c.image_size) for c in found.cameras] == [
        (c.name, c.serial, c.image_size) for c in rig.cameras
    ]
    for camera, truth in zip(found.cameras, rig.cameras, strict=True):
        assert_same_place(inverse(camera.camera_from_cam0), inverse(truth.camera_from_cam0))
        np.testing.assert_allclose(camera.intrinsics, truth.intrinsics, atol=1e-12)  # the factory's stay
        assert_same_place(found.world_from_camera(camera.serial), rig.world_from_camera(camera.serial))
    assert_same_place(found.cam0_from_world, rig.cam0_from_world)


def test_the_report_says_what_was_measured(rig_folder: Path, rig: Rig) -> None:
    lines = (rig_folder / "said.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line.startswith("cam")]
    places = [row for row in rows if row[1] == "stands"]
    for row, camera in zip(places, rig.cameras, strict=True):
        place = [float(row[k]) for k in (4, 6, 8)]
        np.testing.assert_allclose(place, rig.world_from_camera(camera.serial)[:3, 3], atol=0.0016)
    rows = rows[: -len(places)]
    assert [row[:2] for row in rows[1:]] == [[c.name, c.serial] for c in load_rig(rig_folder).cameras]
    assert rows[0][0] == "camera"
    assert all(0.01 < float(row[5]) < 0.3 and int(row[3]) > 50 for row in rows[1:])
    picture = np.asarray(Image.open(rig_folder / "errors_cam0.png").convert("RGB")).reshape(-1, 3)
    assert 0.01 < (picture != 255).any(axis=1).mean() < 0.5


def test_detected_corners_are_where_the_truth_puts_them(
    stills_folder: Path, rig: Rig, board: Board, still_poses: np.ndarray
) -> None:
    cameras = {camera.serial: camera for camera in read_stills(stills_folder, ["0000", "0001", "0002"])}
    seen = look(board, [cameras[camera.serial] for camera in rig.cameras], lambda: None)
    truth = truth_of(rig, still_poses)
    named = [truth.cam0_from_board[int(name)] for name in seen.stills]
    off = np.linalg.norm(
        residuals(
            type(truth)(truth.intrinsics, truth.distortion, truth.camera_from_cam0, np.stack(named)),
            seen,
            board.corners,
        ),
        axis=1,
    )
    assert np.median(off) < 0.1 and np.quantile(off, 0.85) < 0.5


def test_lenses_solved_from_the_factorys_stay_near_them(
    stills_folder: Path, rig: Rig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["calibrate", "cameras", str(stills_folder), "--intrinsics", "solve", "--out", str(tmp_path)]
    assert main([*arguments, "calibration.min_stills_solve=4"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("next: sparsedff calibrate table")  # none was asked for
    assert not (tmp_path / "transform.yaml").exists()
    for camera, truth in zip(load_cameras(tmp_path), rig.cameras, strict=True):
        assert 1e-6 < np.abs(camera.intrinsics - truth.intrinsics).max() < 4
        assert_same_place(inverse(camera.camera_from_cam0), inverse(truth.camera_from_cam0), 6, 0.5)


def test_table_from_a_board_on_a_plate(rig_folder: Path, stills_folder: Path, rig: Rig, tmp_path: Path) -> None:
    folder = shutil.copytree(rig_folder, tmp_path / "rig")
    arguments = ["calibrate", "table", "--stills", str(stills_folder), "--name", "0000", "--rig", str(folder)]
    assert main([*arguments, "calibration.board.thickness_m=0.005"]) == 0
    plate = transform(np.eye(3), np.array([0, 0, -0.005]))
    assert_same_place(load_rig(folder).cam0_from_world, rig.cam0_from_world @ plate)


def test_a_board_that_moves_is_no_table(
    rig_folder: Path, stills_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (rig_folder / "transform.yaml").read_bytes()
    (tmp_path / "moving").mkdir()
    serial = load_cameras(rig_folder)[0].serial
    shutil.copytree(stills_folder / serial, tmp_path / "moving" / serial)
    assert main(["calibrate", "table", "--stills", str(tmp_path / "moving"), "--rig", str(rig_folder)]) == 2
    assert "the board is not in one place" in last_line(capsys)
    assert (rig_folder / "transform.yaml").read_bytes() == before


def depth_capture(folder: Path, rig: Rig, world_from_plane: np.ndarray, rng: np.random.Generator) -> None:
    """Depth of a noisy plane with something on it, through pinhole lenses."""
    for camera in rig.cameras:
        (folder / camera.serial).mkdir(parents=True)
        rays = backproject(np.ones(camera.image_size[::-1]), camera.intrinsics)
        plane_from_camera = inverse(world_from_plane) @ rig.world_from_camera(camera.serial)
        depth = -plane_from_camera[2, 3] / (rays @ plane_from_camera[2, :3])
        depth[rng.random(depth.shape) < 0.2] *= 0.8
        depth = np.where((depth > 0.2) & (depth < 5), depth + 0.002 * rng.standard_normal(depth.shape), 0)
        np.save(folder / camera.serial / "depth.npy", np.round(1000 * depth).astype(np.uint16))
        np.save(folder / camera.serial / "intrinsic.npy", camera.intrinsics)
        np.save(folder / camera.serial / "distortion.npy", np.zeros(8))


def test_table_from_depth(tmp_path: Path) -> None:
    rig = known_rig(640)
    save_rig(rig, tmp_path / "rig", cam2base=np.eye(4))
    tilt = transform(cv2.Rodrigues(np.array([0.05, -0.03, 0.0]))[0], np.array([0, 0, 0.02]))
    depth_capture(tmp_path / "capture", rig, tilt, np.random.default_rng(0))
    arguments = ["calibrate", "table", "--capture", str(tmp_path / "capture"), "--rig", str(tmp_path / "rig")]
    assert main(arguments) == 0
    found = inverse(tilt) @ inverse(rig.cam0_from_world) @ load_rig(tmp_path / "rig").cam0_from_world  # in the plane
    assert abs(found[2, 3]) < 0.001 and np.rad2deg(np.arccos(found[2, 2])) < 0.1  # height and tilt to 1 mm, 0.1 degree
    assert np.linalg.norm(found[:2, 3]) < 0.3  # where the cameras look
    cam0_from_table = load_rig(tmp_path / "rig").cam0_from_world
    assert abs(cam0_from_table[1, 0]) < 1e-9 or cam0_from_table[0, 0] > 0.7  # x to the right as cam0 sees it
    np.testing.assert_array_equal(load_cam2base(tmp_path / "rig"), np.eye(4))


def test_depth_without_a_plane_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rig = known_rig(640)
    save_rig(rig, tmp_path / "rig")
    camera = rig.cameras[0]
    folder = tmp_path / "capture" / camera.serial
    folder.mkdir(parents=True)
    arguments = ["calibrate", "table", "--capture", str(tmp_path / "capture"), "--rig", str(tmp_path / "rig")]
    assert main(arguments) == 2 and "depth.npy: no such file" in last_line(capsys)
    size = camera.image_size[::-1]
    np.save(folder / "depth.npy", np.random.default_rng(0).integers(300, 3000, size).astype(np.uint16))
    assert main(arguments) == 2 and "% of the depth readings in the middle of the images; clear" in last_line(capsys)
    np.save(folder / "depth.npy", np.ones((20, 30), dtype=np.uint16))
    assert main(arguments) == 2 and "is 30 x 20 but cam0 was calibrated at 640 x 360" in last_line(capsys)
    assert main([*arguments[:3], str(tmp_path), *arguments[4:]]) == 2
    assert "holds no folder of a camera" in last_line(capsys)


def test_depth_points_follow_the_lens(tmp_path: Path, rig: Rig) -> None:
    """Points of a flat wall at z = 1 of a camera with distortion lie on that wall, also out at the sides."""
    camera = rig.cameras[1]
    np.save(tmp_path / "depth.npy", np.full(camera.image_size[::-1], 1000, dtype=np.uint16))
    points = depth_points(camera, tmp_path) @ camera.camera_from_cam0[:3, :3].T + camera.camera_from_cam0[:3, 3]
    np.testing.assert_allclose(points[:, 2], 1.0, atol=1e-9)
    plane = find_table(points, 0.001, np.random.default_rng(0))
    assert plane.inliers.all() and abs(abs(plane.normal[2]) - 1) < 1e-9


def test_hand_eye_from_rendered_stills(tmp_path: Path, board: Board, capsys: pytest.CaptureFixture[str]) -> None:
    full = known_rig(1280)
    rig = Rig(full.cameras[:1], full.cam0_from_world)
    rng = np.random.default_rng(0)
    base_from_cam0, gripper_from_board, robot = robot_scene(rig, rng, 8)
    world_from_board = inverse(base_from_cam0 @ rig.cam0_from_world) @ robot @ gripper_from_board
    save_rig(rig, tmp_path / "rig")
    write_stills(tmp_path / "stills", rig, board, world_from_board, rng)
    np.save(tmp_path / "stills" / "robot_poses.npy", robot)
    arguments = ["calibrate", "hand-eye", str(tmp_path / "stills"), "--rig", str(tmp_path / "rig")]
    assert main(arguments) == 0
    assert "mm (rms)" in capsys.readouterr().out
    assert_same_place(load_cam2base(tmp_path / "rig"), base_from_cam0, 2, 0.2)
    np.testing.assert_allclose(load_rig(tmp_path / "rig").cam0_from_world, rig.cam0_from_world, atol=1e-12)


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    lines = [line for line in capsys.readouterr().err.split("\r")[-1].splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    return lines[0]


def test_mistakes_end_in_one_line_and_code_2(
    stills_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    def refused(folder: Path, *more: str) -> str:
        assert main(["calibrate", "cameras", str(folder), "--out", str(out), *more]) == 2
        assert not out.exists()
        return last_line(capsys)

    assert "no such folder; take stills with" in refused(tmp_path / "none")
    (tmp_path / "empty" / "cam").mkdir(parents=True)
    assert "holds no stills" in refused(tmp_path / "empty")
    assert "no camera has a still '77'" in refused(stills_folder, "--table", "77")
    assert "calibration.min_stills: 0 is not allowed" in refused(stills_folder, "calibration.min_stills=0")
    one = tmp_path / "one" / "a"
    one.mkdir(parents=True)
    (one / "0.png").write_bytes(b"no image")
    assert "0.png: cannot be read as an image" in refused(tmp_path / "one")
    Image.new("L", (200, 100), 128).save(one / "0.png")
    assert "0.png: no corner of the board found, nor in any other still" in refused(tmp_path / "one")
    Image.new("L", (100, 100), 128).save(one / "1.png")
    assert "1.png: is 100 x 100, others of its camera 200 x 100" in refused(tmp_path / "one")


def test_lens_files_are_checked(
    stills_folder: Path, rig: Rig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    serial = rig.cameras[0].serial
    shutil.copytree(stills_folder / serial, tmp_path / "s" / serial)
    lens = tmp_path / "s" / serial / "intrinsic.npy"
    arguments = ["calibrate", "cameras", str(tmp_path / "s"), "--out", str(tmp_path / "out")]
    np.save(lens, np.diag([2, 2, 1]) @ rig.cameras[0].intrinsics)
    assert main(arguments) == 2 and "is not that of images of 1280 x 720" in last_line(capsys)
    lens.unlink()
    assert main(arguments) == 2 and "intrinsic.npy: no such file; copy the factory's" in last_line(capsys)


def test_partial_and_absent_boards(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(0)
    camera = rig.cameras[0]
    pose = inverse(rig.world_from_camera(camera.serial)) @ board_poses(board, 1, rng)[0]
    whole = detect(board, render_still(board, camera, pose, StillNoise(), rng))
    image = render_still(board, camera, pose, StillNoise(), rng)
    middle = whole.pixels.mean(axis=0).round().astype(int)
    image[: middle[1]] = 90  # the upper half is covered
    half = detect(board, cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
    assert 10 < len(half) < len(whole) - 20 and set(half.ids) <= set(whole.ids)
    assert len(detect(board, rng.integers(0, 255, (300, 400), dtype=np.uint8))) == 0


def test_calibrating_needs_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'trimesh', 'mujoco', 'skimage', 'plotly'):\n"
        "    sys.modules[name] = None\n"
        "import sparsedff.jobs.calibrate, sparsedff.calibration.simulate_stills\n"
        "from sparsedff.cli.main import main\n"
        "sys.exit(main(['calibrate', 'board', '--out', sys.argv[1]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "b")], cwd=REPOSITORY, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("print on A3 at 100 %")
