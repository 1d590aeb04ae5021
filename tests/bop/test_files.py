"""BOP's files: what is written is read back, the layouts of downloaded sets are read, damaged files give one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sparsedff.bop.captures import load_views, save_views
from sparsedff.bop.dataset import Dataset
from sparsedff.bop.frame import NOWHERE
from sparsedff.bop.images import read_color, read_mask, write_mask
from sparsedff.bop.index_files import TEST, TRAIN, read_indices, write_indices
from sparsedff.bop.models import Axis, ModelInfo, read_mesh, read_models_info, write_mesh, write_models_info
from sparsedff.bop.results import Estimate, read_results, write_results
from sparsedff.bop.scene_files import read_scene
from sparsedff.bop.visibility import box_of, visibility_of
from sparsedff.capture.model import Capture, View
from sparsedff.errors import BopError
from sparsedff.geometry import transform
from sparsedff.jobs.bop_eval import split_images
from tests.support.bop_toys import HALF_TURN, box, make_dataset
from tests.support.captures import make_capture


def pinholes(count: int = 3) -> Capture:
    views = [
        View(v.serial, v.color_rgb, v.depth_m, v.intrinsics, np.zeros(8), v.world_from_camera)
        for v in make_capture(count).views
    ]
    return Capture("toy", tuple(views))


def test_a_capture_comes_back(tmp_path: Path) -> None:
    capture = pinholes()
    save_views(capture.views, tmp_path)
    back = load_views(tmp_path)
    assert [view.serial for view in back.views] == ["000000", "000001", "000002"]
    for ours, theirs in zip(capture.views, back.views, strict=True):
        assert np.array_equal(ours.color_rgb, theirs.color_rgb)
        assert np.abs(ours.depth_m - theirs.depth_m).max() <= 0.0001
        assert np.array_equal(ours.depth_m == 0, theirs.depth_m == 0)
        np.testing.assert_allclose(ours.world_from_camera, theirs.world_from_camera, atol=1e-9)
        np.testing.assert_allclose(ours.intrinsics, theirs.intrinsics)
    assert [view.serial for view in load_views(tmp_path, [2, 0]).views] == ["000002", "000000"]


def test_far_depth_is_kept_to_half_a_millimetre(tmp_path: Path) -> None:
    view = pinholes(1).views[0]
    far = np.where(view.depth_m > 0, view.depth_m + 7.0004, 0).astype(np.float32)
    save_views([View("far", view.color_rgb, far, view.intrinsics, np.zeros(8), view.world_from_camera)], tmp_path)
    assert np.abs(load_views(tmp_path).views[0].depth_m - far).max() <= 0.0005 + 1e-6


def test_what_bop_cannot_hold_is_refused(tmp_path: Path) -> None:
    view = make_capture(1).views[0]
    with pytest.raises(BopError, match="undistort"):
        save_views([view], tmp_path)
    deep = np.full_like(view.depth_m, 70.0)
    with pytest.raises(BopError, match=r"70\.0 m"):
        save_views([View("deep", view.color_rgb, deep, view.intrinsics, np.zeros(8), np.eye(4))], tmp_path)


def test_models_and_their_symmetries_come_back(tmp_path: Path) -> None:
    axis = Axis(np.array([0.0, 0.6, 0.8]), np.array([0.01, 0.0, -0.02]))
    turn = transform(HALF_TURN[:3, :3], np.array([0.03, -0.01, 0.0]))
    infos = {4: ModelInfo(0.12, np.array([-0.1, 0.0, 0.1]), np.array([0.1, 0.2, 0.3]), (turn,), (axis,))}
    write_models_info(infos, tmp_path)
    (back,) = read_models_info(tmp_path).values()
    assert back.diameter_m == pytest.approx(0.12) and back.is_symmetric
    np.testing.assert_allclose([back.low, back.size], [infos[4].low, infos[4].size])
    np.testing.assert_allclose(back.discrete[0], turn, atol=1e-12)
    np.testing.assert_allclose([back.continuous[0].direction, back.continuous[0].point], [axis.direction, axis.point])
    written = json.loads((tmp_path / "models_info.json").read_text())["4"]
    assert written["diameter"] == 120 and written["symmetries_discrete"][0][3] == pytest.approx(30)
    mesh = box()
    mesh.visual.vertex_colors = np.arange(32, dtype=np.uint8).reshape(8, 4)
    write_mesh(mesh, tmp_path / "obj_000004.ply")
    again = read_mesh(tmp_path / "obj_000004.ply")
    np.testing.assert_allclose(again.vertices, mesh.vertices, atol=1e-9)
    assert np.array_equal(again.faces, mesh.faces)
    assert np.array_equal(again.visual.vertex_colors[:, :3], mesh.visual.vertex_colors[:, :3])


def test_results_come_back_and_are_the_challenges_table(tmp_path: Path) -> None:
    pose = transform(Rotation.from_euler("xyz", [0.1, 0.2, 0.3]).as_matrix(), np.array([0.1, 0.2, 1.0]))
    write_results([Estimate(1, 2, 3, 0.5, pose, 0.25)], tmp_path / "a.csv")
    (back,) = read_results(tmp_path / "a.csv")
    assert (back.scene_id, back.im_id, back.obj_id, back.score, back.time_s) == (1, 2, 3, 0.5, 0.25)
    np.testing.assert_allclose(back.camera_from_model, pose, atol=1e-12)
    head, line = (tmp_path / "a.csv").read_text().splitlines()
    assert head == "scene_id,im_id,obj_id,score,R,t,time"
    assert [float(word) for word in line.split(",")[5].split()] == pytest.approx([100, 200, 1000])
    (tmp_path / "b.csv").write_text("1,2,3,0.9,1 0 0 0 1 0 0 0 1,0 0 500,-1\n")  # without a head
    assert read_results(tmp_path / "b.csv")[0].camera_from_model[2, 3] == 0.5


GOOD = "1,2,3,0.9,1 0 0 0 1 0 0 0 1,0 0 500,-1"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1,2,3,0.9,1 0 0 0 1 0 0 0 1,0 0 500", "has 6 cells"),
        (GOOD.replace("0 0 500", "0 500"), "t 2"),
        (GOOD.replace("0.9", "high"), "high"),
        (GOOD.replace("500", "nan"), "NaN"),
        (GOOD.replace("1 0 0 0 1 ", "2 0 0 0 1 "), "no rotation"),
    ],
)
def test_a_wrong_line_of_results_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "a.csv").write_text(f"scene_id,im_id,obj_id,score,R,t,time\n{GOOD}\n{line}\n")
    with pytest.raises(BopError, match=rf"row 3: .*{says}"):
        read_results(tmp_path / "a.csv")


def test_a_set_as_it_is_downloaded(tmp_path: Path) -> None:
    """LM: train_real without world poses, jpg; YCB-V: models_eval, image numbers from 1 on, depth_scale 0.1."""
    folder = make_dataset(tmp_path / "ycbv")
    (folder / "models").rename(folder / "models_eval")
    scene = (folder / "test").rename(folder / "train_real") / "000001"
    for name in ("scene_camera.json", "scene_gt.json", "scene_gt_info.json"):
        entries = {str(int(key) + 1): value for key, value in json.loads((scene / name).read_text()).items()}
        for entry in entries.values() if name == "scene_camera.json" else ():
            del entry["cam_R_w2c"], entry["cam_t_w2c"]
        (scene / name).write_text(json.dumps(entries))
    for kind in ("rgb", "depth"):
        for image in sorted((scene / kind).iterdir(), reverse=True):
            image.rename(image.with_name(f"{int(image.stem) + 1:06d}.png"))
    for image in sorted((scene / "rgb").iterdir()):
        cv2.imwrite(str(image.with_suffix(".jpg")), cv2.imread(str(image)))
        image.unlink()
    dataset = Dataset(folder)
    assert dataset.splits == ["train_real"] and dataset.models.name == "models_eval"
    assert [(t.scene_id, t.im_id) for t in dataset.targets("train_real")] == [(1, 1), (1, 2), (2, 0), (2, 1)]
    assert read_color(scene, 2).shape == (36, 48, 3)
    assert np.array_equal(load_views(scene, [2]).views[0].world_from_camera, np.eye(4))
    with pytest.raises(BopError, match="cam_R_w2c"):
        load_views(scene)
    with pytest.raises(BopError, match="--split"):
        dataset.split(None)
    list(split_images(folder, "train_real", 0.5, 42))
    assert sorted(read_indices(scene, TRAIN) + read_indices(scene, TEST)) == [1, 2]
    (scene / "scene_gt.json").unlink()  # private truth
    assert all(not frame.instances for frame in read_scene(scene).values())


def test_index_files(tmp_path: Path) -> None:
    scene = tmp_path
    (scene / "rgb").mkdir()
    for im_id in range(10):
        (scene / "rgb" / f"{im_id:06d}.png").touch()
    assert write_indices(scene, 0.8, 42) == (8, 2)
    assert (scene / TEST).read_text() == "".join(f"{i:04d}\n" for i in read_indices(scene, TEST))
    assert sorted(read_indices(scene, TRAIN) + read_indices(scene, TEST)) == list(range(10))
    with pytest.raises(BopError, match="exists"):
        write_indices(scene, 0.8, 42)
    (scene / TEST).write_text("0012\n")
    with pytest.raises(BopError, match="has 12"):
        read_indices(scene, TEST)
    (scene / TEST).write_text("one\n")
    with pytest.raises(BopError, match="whole number"):
        read_indices(scene, TEST)


def test_visibility_and_masks(tmp_path: Path) -> None:
    silhouette = np.zeros((5, 6), dtype=bool)
    silhouette[1:4, 2:6] = True
    shown = silhouette.copy()
    shown[:, 4:] = False
    depth = np.ones((5, 6))
    depth[1] = 0
    found = visibility_of(silhouette, shown, depth)
    assert (found.bbox_obj, found.bbox_visib) == ((2, 1, 4, 3), (2, 1, 2, 3))
    assert (found.px_count_all, found.px_count_valid, found.px_count_visib, found.visib_fract) == (12, 8, 6, 0.5)
    assert box_of(np.zeros((2, 2), dtype=bool)) == NOWHERE
    write_mask(shown, tmp_path, "mask_visib", 3, 1)
    assert np.array_equal(read_mask(tmp_path, "mask_visib", 3, 1), shown)


def changed(name: str, change: Callable[[dict], object]) -> Callable[[Path], object]:
    def mend(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return mend


CAMERA, TRUTH, INFO = (f"test/000001/scene_{name}.json" for name in ("camera", "gt", "gt_info"))
SMALL = cv2.imencode(".png", np.ones((3, 4), np.uint16))[1].tobytes()
DAMAGES = {
    "camera cut": (lambda f: (f / CAMERA).write_text('{"0": '), "not valid JSON"),
    "camera list": (lambda f: (f / CAMERA).write_text("[]"), "object"),
    "key": (changed(CAMERA, lambda c: c.update(x=c["0"])), "keys are numbers"),
    "no K": (changed(CAMERA, lambda c: c["0"].pop("cam_K")), "has no cam_K"),
    "short K": (changed(CAMERA, lambda c: c["0"].update(cam_K=[1, 2])), "9 finite numbers"),
    "ragged K": (changed(CAMERA, lambda c: c["0"].update(cam_K=[[1], [2, 3]])), "9 finite numbers"),
    "singular K": (changed(CAMERA, lambda c: c["0"].update(cam_K=[0] * 9)), "singular"),
    "scale": (changed(CAMERA, lambda c: c["0"].update(depth_scale=0)), "above 0"),
    "mirror": (changed(CAMERA, lambda c: c["0"].update(cam_R_w2c=[1, 0, 0, 0, 1, 0, 0, 0, -1])), "no rotation"),
    "stray": (changed(TRUTH, lambda c: c.update({"7": []})), "annotates image 7"),
    "no list": (changed(TRUTH, lambda c: c.update({"0": 3})), "must be a list"),
    "id": (changed(TRUTH, lambda c: c["0"][0].update(obj_id="1")), "whole number"),
    "nan": (changed(TRUTH, lambda c: c["0"][0].update(cam_t_m2c=[0, 0, float("nan")])), "3 finite numbers"),
    "counts": (changed(INFO, lambda c: c.update({"0": []})), "has 0 entries"),
    "info": (changed(INFO, lambda c: c["0"][0].pop("visib_fract")), "has no visib_fract"),
    "depth": (lambda f: (f / "test/000001/depth/000000.png").write_bytes(b"\x89PNG"), "not a readable image"),
    "color": (lambda f: (f / "test/000001/rgb/000000.png").unlink(), "no such image"),
    "size": (
        lambda f: cv2.imwrite(str(f / "test/000001/depth/000000.png"), np.ones((3, 4), np.uint16)),
        "differ in size",
    ),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = make_dataset(tmp_path_factory.mktemp("bop") / "toy", scenes=1)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_scenes_give_one_line_with_the_file(tmp_path: Path, sound: dict[str, bytes], name: str) -> None:
    damage, says = DAMAGES[name]
    for file, content in sound.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(content)
    damage(tmp_path)
    with pytest.raises(BopError, match=says) as caught:
        load_views(tmp_path / "test/000001")
    assert "\n" not in str(caught.value) and "test/000001" in str(caught.value)


def test_damaged_models_give_one_line_with_the_file(tmp_path: Path) -> None:
    folder = make_dataset(tmp_path / "toy", scenes=1)
    info = folder / "models/models_info.json"
    for change, says in (
        (lambda c: c["1"].pop("diameter"), "has no diameter"),
        (lambda c: c["1"].update(diameter=0), "above 0"),
        (lambda c: c["1"].update(symmetries_discrete=[[1, 2]]), "16 finite"),
        (lambda c: c["1"].update(symmetries_discrete={}), "must be a list"),
        (lambda c: c["1"].update(symmetries_continuous=[{"axis": [0, 0, 0], "offset": [0, 0, 0]}]), "zero"),
        (lambda c: c.update({"1": 5}), "object"),
    ):
        before = info.read_bytes()
        changed("models/models_info.json", change)(folder)
        with pytest.raises(BopError, match=says):
            read_models_info(folder / "models")
        info.write_bytes(before)
    mesh = folder / "models/obj_000001.ply"
    for content in (b"", b"ply\nformat ascii 1.0\nelement vertex 9\n", mesh.read_bytes()[:400]):
        mesh.write_bytes(content)
        with pytest.raises(BopError, match=r"obj_000001\.ply"):
            Dataset(folder).mesh(1)
    with pytest.raises(BopError, match="no object 5"):
        Dataset(folder).info(5)
    with pytest.raises(BopError, match="no such folder"):
        Dataset(tmp_path / "gone")
    info.unlink()
    with pytest.raises(BopError, match="has no models"):
        Dataset(folder)
