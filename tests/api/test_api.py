"""The functions of `import sparsedff`: light to import, and the same work as the command line."""

from __future__ import annotations

import ast
import atexit
import inspect
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

import sparsedff
from sparsedff import finished, pipeline
from sparsedff.api.settings import as_config
from sparsedff.config.config import Config, load_config
from tests.support.box_scenes import box_scene
from tests.support.paths import REPOSITORY
from tests.support.small_world import QUICK, make_world
from tests.support.transfer_toys import demonstration

CACHE = tempfile.mkdtemp(prefix="sparsedff-test-")
SETTINGS = load_config(REPOSITORY / "configs" / "config.yaml", [*QUICK, f"cache_path={CACHE}"])
atexit.register(shutil.rmtree, CACHE, ignore_errors=True)


def test_importing_is_light_and_every_name_is_there() -> None:
    code = (
        "import sys, sparsedff\n"
        "assert not {'torch', 'numpy', 'cv2', 'omegaconf'} & set(sys.modules)\n"
        "import sparsedff.transfer.settings, sparsedff.evaluate.row\n"  # rooms of the names of two functions
        "assert all(callable(getattr(sparsedff, name)) for name in sparsedff.__all__)\n"
        "assert set(sparsedff.__all__) <= set(dir(sparsedff))\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, timeout=60)
    with pytest.raises(AttributeError, match="no attribute 'fly'"):
        _ = sparsedff.fly  # type: ignore[attr-defined]


def test_type_checkers_see_what_is_imported_lazily() -> None:
    tree = ast.parse(Path(inspect.getfile(sparsedff)).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert seen == sparsedff._MODULE_OF and set(seen) == set(sparsedff.__all__)


def test_everything_public_is_documented_and_typed() -> None:
    for name in sparsedff.__all__:
        thing = getattr(sparsedff, name)
        assert inspect.getdoc(thing), name
        if inspect.isfunction(thing):
            signature = inspect.signature(thing)
            assert signature.return_annotation is not inspect.Signature.empty, name
            assert all(each.annotation is not inspect.Parameter.empty for each in signature.parameters.values()), name


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    make_world(folder)
    return folder


def test_a_transfer_is_the_command_lines(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finished, "draw_result", lambda *_, **__: None)
    overrides = [*make_world(tmp_path), *QUICK]
    folder = pipeline.run(load_config(REPOSITORY / "configs" / "config.yaml", overrides))
    result = sparsedff.transfer(world / "shown", world / "test", world / "ref_pose_box.npy", SETTINGS)
    np.testing.assert_array_equal(result.pose.row(), np.load(folder / "best_X.npy"))
    np.testing.assert_array_equal([pose.row() for pose in result.trajectory], np.load(folder / "execution_traj.npy"))
    np.testing.assert_allclose(result.demonstration.row(), demonstration().row(), atol=1e-12)
    weights = SETTINGS.alignment.weights
    total = sum(getattr(weights, name) * value for name, value in result.energies.items())
    assert result.energy == pytest.approx(total, rel=1e-4)
    saved = result.save(tmp_path / "mine")
    assert saved.parent == tmp_path / "mine" and {p.name for p in folder.iterdir()} == {p.name for p in saved.iterdir()}
    mesh, moved = result.mesh(), result.mesh(result.demonstration)
    np.testing.assert_allclose(mesh.vertices, result.hand.mesh(result.pose)[0])
    assert np.abs(mesh.vertices - moved.vertices).max() > 1e-3


def test_one_demonstration_serves_many_scenes(world: Path) -> None:
    shown = sparsedff.demonstrate(world / "shown", sparsedff.load_pose(world / "ref_pose_box.npy"), SETTINGS)
    once = sparsedff.transfer(world / "shown", world / "test", world / "ref_pose_box.npy", SETTINGS)
    first = shown.transfer(sparsedff.load_capture(world / "test"))
    np.testing.assert_array_equal(first.pose.row(), once.pose.row())
    assert first.finished.config.data2 == str(world / "test") and "test" in first.finished.done.scrutiny.record


def test_contact_says_how_near_each_touching_link_comes(world: Path) -> None:
    """The hand moved onto the shown object touches it as shown; moved 3 cm away, every gap grows by at most that."""
    result = sparsedff.transfer(world / "shown", world / "shown", world / "ref_pose_box.npy", SETTINGS)
    points = result.finished.done.scenes[0].cloud.points
    surface = result.hand.surface_of(result.demonstration)
    nearest = np.linalg.norm(surface[:, None] - points[None], axis=2).min(axis=1)
    by_link = {
        link: min(gap for one, gap in zip(result.hand.surface_links, nearest, strict=True) if one == link)
        for link in set(result.hand.surface_links)
    }
    for contact in result.contact:
        assert contact.shown_m < 0.01 and by_link[contact.link] < 0.04  # collision shapes against visual meshes
    from sparsedff.hands.contact import link_gaps

    up = np.eye(4)
    up[2, 3] = 0.03
    gaps, away = (link_gaps(result.hand, pose, points) for pose in (result.pose, result.pose.moved(up)))
    assert all(abs(away[link] - gap) < 0.03 + 1e-5 for link, gap in gaps.items()) and away != gaps


def test_arrays_become_a_capture_folder_and_come_back(tmp_path: Path) -> None:
    views = [box_scene(angle, serial=name).view for angle, name in ((0.4, "left"), (1.6, "right"))]
    arrays = {
        "colors": [view.color_rgb for view in views],
        "intrinsics": [view.intrinsics for view in views],
        "world_from_cameras": [view.world_from_camera for view in views],
        "serials": ["left", "right"],
    }
    millimetres = [np.round(1000 * view.depth_m).astype(np.uint16) for view in views]
    written = sparsedff.save_capture(tmp_path / "mine", depths=millimetres, **arrays)
    assert written.path == tmp_path / "mine" and written.name == "mine"
    read = sparsedff.load_capture(tmp_path / "mine")
    metres = sparsedff.make_capture("mine", depths=[depth / 1000 for depth in millimetres], **arrays)
    for capture in (read, metres):
        for view, wanted in zip(capture.views, written.views, strict=True):
            assert view.serial == wanted.serial
            np.testing.assert_array_equal(view.color_rgb, wanted.color_rgb)
            np.testing.assert_allclose(view.depth_m, wanted.depth_m, atol=1e-6)
            np.testing.assert_allclose(view.world_from_camera, wanted.world_from_camera, atol=1e-9)
    with pytest.raises(sparsedff.SparseDFFError, match="one entry per camera, got colors 2, depths 1"):
        sparsedff.make_capture("mine", depths=millimetres[:1], **arrays)


def test_clouds_and_fields(world: Path) -> None:
    capture = sparsedff.load_capture(world / "shown")
    cloud = sparsedff.distil(capture, demonstration(), settings=SETTINGS)
    test = sparsedff.distil(sparsedff.load_capture(world / "test"), reference=capture, settings=SETTINGS)
    once = sparsedff.transfer(capture, world / "test", demonstration(), SETTINGS).finished.done
    np.testing.assert_array_equal(test.points, once.clouds[1].points)
    np.testing.assert_array_equal(test.features, once.clouds[1].features)
    field = sparsedff.make_field(cloud, SETTINGS)
    import torch

    at_points = field.values(torch.tensor(cloud.points[:5], dtype=field.points.dtype))
    np.testing.assert_allclose(at_points.numpy(), cloud.features[:5], atol=1e-3)


def test_settings_are_a_config_or_changes() -> None:
    assert as_config(None) == Config() and as_config(SETTINGS) is SETTINGS
    changed = as_config({"workspace.x": [-0.1, 0.2], "backbone": "learned", "data2": None, "seed": 3})
    assert changed.distil.workspace.x == (-0.1, 0.2) and changed.seed == 3 and changed.data2 is None
    assert sparsedff.load_config("paper", {"seed": 1}).alignment.starts == 10
    with pytest.raises(sparsedff.SparseDFFError, match="did you mean seed"):
        as_config({"sed": 1})
