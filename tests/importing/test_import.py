"""Every layout: the capture that was written in it comes back with its images, lenses and poses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.capture.model import Capture, View
from sparsedff.cli.main import main
from sparsedff.distill.segmentation.base import world_points
from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.geometry import look_at
from sparsedff.importing.registry import LAYOUTS, layout_of
from sparsedff.importing.settings import Wanted
from sparsedff.importing.table import on_table
from tests.support.box_scenes import box_scene, capture_of
from tests.support.paths import REPOSITORY

SHOWN = capture_of(*(box_scene(angle, serial=f"c{i}", distance_m=0.7 + 0.05 * i) for i, angle in enumerate((0.4, 1.6))))


def save_images(view: View, color: Path, depth: Path) -> None:
    for path in (color, depth):
        path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(color), view.color_rgb[..., ::-1])
    cv2.imwrite(str(depth), np.round(1000 * view.depth_m).astype(np.uint16))


def write_images(folder: Path) -> Path:
    entries = []
    for view in SHOWN.views:
        save_images(view, folder / f"{view.serial}.png", folder / f"{view.serial}_depth.png")
        entries.append(
            {
                "serial": view.serial,
                "color": f"{view.serial}.png",
                "depth": f"{view.serial}_depth.png",
                "intrinsics": view.intrinsics.tolist(),
                "world_from_camera": view.world_from_camera.tolist(),
            }
        )
    (folder / "cameras.json").write_text(json.dumps({"cameras": entries}))
    return folder


def write_nerfstudio(folder: Path) -> Path:
    frames = []
    for view in SHOWN.views:
        save_images(view, folder / f"images/{view.serial}.png", folder / f"depths/{view.serial}.png")
        pose = view.world_from_camera @ np.diag([1.0, -1.0, -1.0, 1.0])
        names = {"file_path": f"images/{view.serial}.png", "depth_file_path": f"depths/{view.serial}.png"}
        frames.append(names | {"transform_matrix": pose.tolist()})
    k = SHOWN.views[0].intrinsics
    lens = {"fl_x": k[0, 0], "fl_y": k[1, 1], "cx": k[0, 2], "cy": k[1, 2]}
    (folder / "transforms.json").write_text(json.dumps(lens | {"frames": frames}))
    return folder


def write_redwood(folder: Path) -> Path:
    lines = []
    for index, view in enumerate(SHOWN.views):
        save_images(view, folder / f"color/{index:06d}.png", folder / f"depth/{index:06d}.png")
        lines += [
            f"{index} {index} {index + 1}",
            *(" ".join(map(repr, row)) for row in view.world_from_camera.tolist()),
        ]
    (folder / "trajectory.log").write_text("\n".join(lines) + "\n")
    k = SHOWN.views[0].intrinsics
    (folder / "intrinsic.json").write_text(
        json.dumps({"width": 400, "height": 300, "intrinsic_matrix": k.T.ravel().tolist()})
    )
    return folder


def write_rosbag(folder: Path) -> Path:
    pytest.importorskip("rosbags")
    from rosbags.rosbag2 import Writer
    from rosbags.typesys import Stores, get_typestore
    from scipy.spatial.transform import Rotation

    store = get_typestore(Stores.ROS2_HUMBLE)
    kinds: dict[str, Callable[..., Any]] = {
        name: store.types[f"{package}/msg/{name}"]
        for package, names in {
            "sensor_msgs": ("Image", "CameraInfo", "RegionOfInterest"),
            "std_msgs": ("Header",),
            "builtin_interfaces": ("Time",),
            "tf2_msgs": ("TFMessage",),
            "geometry_msgs": ("TransformStamped", "Transform", "Vector3", "Quaternion"),
        }.items()
        for name in names
    }

    def header(frame: str) -> Any:
        return kinds["Header"](kinds["Time"](1, 0), frame)

    bag = folder / "bag"
    with Writer(bag, version=9) as writer:

        def send(topic: str, kind: str, message: Any, when: int) -> None:
            known = {each.topic: each for each in writer.connections}
            connection = known.get(topic) or writer.add_connection(topic, kind, typestore=store)
            writer.write(connection, when, store.serialize_cdr(message, kind))

        for index, view in enumerate(SHOWN.views):
            pose, frame = view.world_from_camera, f"{view.serial}_optical"
            half = kinds["Transform"](
                kinds["Vector3"](*pose[:3, 3]), kinds["Quaternion"](*Rotation.from_matrix(pose[:3, :3]).as_quat())
            )
            tf = kinds["TFMessage"]([kinds["TransformStamped"](header("table"), frame, half)])
            height, width = view.depth_m.shape
            roi = kinds["RegionOfInterest"](0, 0, 0, 0, False)
            info = kinds["CameraInfo"](
                header(frame), height, width, "plumb_bob", np.zeros(5), view.intrinsics.ravel(), np.eye(3).ravel(),
                np.zeros(12), 0, 0, roi,
            )  # fmt: skip
            color = np.ascontiguousarray(view.color_rgb[..., ::-1]).reshape(-1)
            depth = np.round(1000 * view.depth_m).astype("<u2").view(np.uint8).reshape(-1)
            image, place = kinds["Image"], f"/{view.serial}"
            send("/tf_static", "tf2_msgs/msg/TFMessage", tf, 100 + index)
            send(f"{place}/color/camera_info", "sensor_msgs/msg/CameraInfo", info, 10)
            colored = image(header(frame), height, width, "bgr8", 0, 3 * width, color)
            send(f"{place}/color/image_raw", "sensor_msgs/msg/Image", colored, 11)
            far = image(header(frame), height, width, "16UC1", 0, 2 * width, depth)
            send(f"{place}/aligned_depth_to_color/image_raw", "sensor_msgs/msg/Image", far, 12)
    return bag


WRITERS = {"images": write_images, "nerfstudio": write_nerfstudio, "redwood": write_redwood, "rosbag": write_rosbag}


def alike(capture: Capture) -> None:
    assert len(capture.views) == len(SHOWN.views)
    for view, wanted in zip(capture.views, SHOWN.views, strict=True):
        np.testing.assert_array_equal(view.color_rgb, wanted.color_rgb)
        np.testing.assert_allclose(view.depth_m, wanted.depth_m, atol=6e-4)
        np.testing.assert_allclose(view.intrinsics, wanted.intrinsics)
        np.testing.assert_allclose(view.world_from_camera, wanted.world_from_camera, atol=1e-9)


@pytest.mark.parametrize("layout", LAYOUTS.names)
def test_a_layout_is_recognised_and_read(layout: str, tmp_path: Path) -> None:
    source = WRITERS[layout](tmp_path)
    assert layout_of(source) == layout
    alike(LAYOUTS.load(layout)(source, Wanted("new", frames=None)))


def test_the_command_writes_a_capture_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_images(tmp_path)
    options = ["--config", str(REPOSITORY / "configs/config.yaml")]
    assert main(["import", str(source), str(tmp_path / "mine"), *options]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "layout: images" and said[-1].startswith(f"capture: {tmp_path / 'mine'}; next: sparsedff check")
    alike(load_capture(tmp_path / "mine"))
    assert main(["import", str(source), str(tmp_path / "mine"), *options]) == 2
    assert "never overwritten" in capsys.readouterr().err


def test_the_table_is_found_wherever_the_world_is(tmp_path: Path) -> None:
    """Turned and moved as a whole, the capture comes back with the table at z = 0 and the box above it."""
    away = look_at(np.array([0.3, -0.4, 0.9]), np.array([0.2, 0.5, 0.1]))
    moved = Capture(
        "moved",
        tuple(
            View(v.serial, v.color_rgb, v.depth_m, v.intrinsics, v.distortion, away @ v.world_from_camera)
            for v in SHOWN.views
        ),
    )
    found = on_table(moved)
    for view, scene in zip(found.views, (box_scene(0.4), box_scene(1.6, distance_m=0.75)), strict=True):
        heights = world_points(view)[..., 2][view.depth_m > 0]
        np.testing.assert_allclose(heights, scene.height_m[view.depth_m > 0], atol=0.004)


@pytest.mark.parametrize("layout", ["images", "nerfstudio", "redwood"])
def test_faults_are_named(layout: str, tmp_path: Path) -> None:
    source = WRITERS[layout](tmp_path)
    read = LAYOUTS.load(layout)
    with pytest.raises(CaptureError, match="has no frame 7") if layout != "images" else pytest.raises(CaptureError):
        if layout == "images":
            (source / "c0.png").unlink()
        read(source, Wanted("new", frames=(7,)))
    for name in ("cameras.json", "transforms.json", "trajectory.log"):
        if (source / name).exists():
            (source / name).write_text("{]")
            with pytest.raises((CaptureError, CalibrationError), match=name):
                read(source, Wanted("new"))


def test_files_elsewhere_are_not_read(tmp_path: Path) -> None:
    source = write_images(tmp_path / "in")
    document = json.loads((source / "cameras.json").read_text())
    document["cameras"][0]["color"] = "../../etc/passwd"
    (source / "cameras.json").write_text(json.dumps(document))
    with pytest.raises(CaptureError, match=r"cameras\[0\].color: .* is not inside"):
        LAYOUTS.load("images")(source, Wanted("new"))


def test_a_picture_of_depth_is_not_depth(tmp_path: Path) -> None:
    source = write_images(tmp_path)
    cv2.imwrite(str(source / "c0_depth.png"), SHOWN.views[0].color_rgb)
    with pytest.raises(CaptureError, match=r"c0_depth.png: a depth image has one channel, got 3"):
        LAYOUTS.load("images")(source, Wanted("new"))


def test_exr_depth_is_metres(tmp_path: Path) -> None:
    exr = pytest.importorskip("OpenEXR")
    source = write_images(tmp_path)
    document = json.loads((source / "cameras.json").read_text())
    for entry, view in zip(document["cameras"], SHOWN.views, strict=True):
        entry["depth"] = f"{view.serial}.exr"
        head = {"compression": exr.ZIP_COMPRESSION, "type": exr.scanlineimage}
        exr.File(head, {"Z": np.array(view.depth_m)}).write(str(source / entry["depth"]))
    (source / "cameras.json").write_text(json.dumps(document))
    alike(LAYOUTS.load("images")(source, Wanted("new")))
    (source / "c0.exr").write_bytes(b"no exr")
    with pytest.raises(CaptureError, match=r"c0.exr: is not a readable OpenEXR"):
        LAYOUTS.load("images")(source, Wanted("new"))
