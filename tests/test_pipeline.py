"""The main job end to end: every file of a run, nothing overwritten, nothing left behind, and how well it transfers."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sparsedff import finished, pipeline
from sparsedff.config.config import Config, load_config
from sparsedff.distill.backbones.learned.network import CHANNELS
from sparsedff.errors import RunError
from sparsedff.evaluate.metrics import contact_error, palm_error, penetration, surface_error
from sparsedff.evaluate.turn import turned, yaw
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import read_inputs
from sparsedff.synthetic.truth import load_truth
from sparsedff.transfer.align import align_by_features
from sparsedff.transfer.starts import part_near
from sparsedff.visualize.drawing import Mesh, Path3D
from sparsedff.visualize.pictures.result import draw_result
from sparsedff.visualize.transfer import describe, transfer_drawings
from tests.support.box_scenes import standing_box
from tests.support.paths import REPOSITORY, kitchen
from tests.support.small_world import make_world
from tests.support.transfer_toys import demonstration

FILES = {f"{name}_{index}.npy" for name in ("points", "features", "colors") for index in (0, 1)}
FILES |= {"des_ori.npy", "des_final.npy", "execution_traj.npy", "pcd_traj.npy", "best_X.npy", "result.json"}
FILES |= {"X_mesh.stl", "vquery_mesh.stl", "result.png", "views_0.npy", "views_1.npy", "history.npz"}
FILES |= {"object_0.ply", "object_1.ply"}
SIZES = {"points_reference", "points_test", "channels", "starts", "hand_points", "iterations"}
REPORT = SIZES | {"config", "versions", "device", "seed", "seconds", "energy", "energy_terms", "starts_energy"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs find the repository's files; what they write, with the link to the newest, is the test's own."""
    monkeypatch.chdir(REPOSITORY)
    return tmp_path


def settings(*overrides: str) -> Config:
    return load_config(REPOSITORY / "configs" / "config.yaml", overrides)


@pytest.fixture
def small_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finished, "draw_result", functools.partial(draw_result, width=240))


@pytest.mark.slow
def test_the_packaged_sample_end_to_end(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make demo`: every file with its shape, a second run beside the first, and the hand where the truth says."""
    embedded = ("backbone=handcrafted", "img_preprocess=[physics,physics]")
    config = settings(*embedded, f"output_path={place / 'runs'}", f"cache_path={place / 'cache'}")
    first = pipeline.run(config)
    assert {path.name for path in first.iterdir()} == FILES
    with Image.open(first / "result.png") as picture:
        assert picture.width >= 1600 and picture.height >= 900
        pixels = np.asarray(picture.convert("L"), dtype=float)
    assert pixels.std() > 10  # something is drawn in each of the four panels
    half = pixels.shape[0] // 2, pixels.shape[1] // 2
    for rows in (slice(None, half[0]), slice(half[0], None)):
        for columns in (slice(None, half[1]), slice(half[1], None)):
            assert pixels[rows, columns].std() > 5
    found = json.loads((first / "result.json").read_text())
    assert set(found) >= REPORT
    n0, n1, channels, points = (found[k] for k in ("points_reference", "points_test", "channels", "hand_points"))
    assert (points, found["starts"], found["iterations"], found["seed"]) == (500, 15, 150, 0)
    shapes = {name: np.load(first / name, allow_pickle=False).shape for name in FILES if name.endswith(".npy")}
    poses = shapes["execution_traj.npy"][0]
    assert shapes == {
        "points_0.npy": (n0, 3),
        "points_1.npy": (n1, 3),
        "views_0.npy": (n0,),
        "views_1.npy": (n1,),
        "colors_0.npy": (n0, 3),
        "colors_1.npy": (n1, 3),
        "features_0.npy": (n0, channels),
        "features_1.npy": (n1, channels),
        "des_ori.npy": (500, channels),
        "des_final.npy": (500, channels),
        "execution_traj.npy": (poses, 30),
        "pcd_traj.npy": (poses, 500, 3),
        "best_X.npy": (30,),
    }
    assert found["config"]["alignment"]["opt_iterations"] == 150 and poses > 10
    assert {"load", "distil", "optimise", "save", "picture"} <= set(found["seconds"])
    assert tuple(found["best_pose"]["joints_rad"]) == JOINT_NAMES
    weights = found["config"]["alignment"]["weights"]
    total = sum(weights[name] * value for name, value in found["energy_terms"].items())
    assert found["energy"] == pytest.approx(total, rel=1e-4)
    assert len(found["starts_energy"]) == 15 and all(e["first"] is not None for e in found["starts_energy"])
    newest = place / "output"
    assert newest.resolve() == first.resolve()

    monkeypatch.setattr(finished, "draw_result", functools.partial(draw_result, width=240))
    before = {path.name: path.read_bytes() for path in first.iterdir()}
    second = pipeline.run(config)
    assert second != first and newest.resolve() == second.resolve()
    assert before == {path.name: path.read_bytes() for path in first.iterdir()}
    for name in FILES - {"result.png", "result.json"}:  # the same seed gives the same bytes
        assert before[name] == (second / name).read_bytes(), name
    assert sorted(path.name for path in (place / "runs").iterdir()) == sorted((first.name, second.name))

    truth, hand = load_truth("data/sample"), ShadowHand(config.hand_model, config.seed)
    shown = hand.surface_of(read_inputs(config).demonstration)
    landed = hand.surface_of(HandPose.from_row(np.load(first / "best_X.npy")))
    assert contact_error(landed, truth.map_points(shown), truth.reference.distance(shown)) < 0.02
    assert penetration(truth.test.distance(landed)) < 0.005


def best(overrides: list[str], *more: str) -> np.ndarray:
    config = settings(*overrides, *more)
    return pipeline.compute(config, read_inputs(config), make_distiller(config)).result.pose.row()


def test_the_same_seed_gives_the_same_pose_and_another_seed_another(place: Path) -> None:
    world, cached = make_world(place), f"cache_path={place / 'cache'}"
    first = best(world, "seed=5", cached)
    assert any((place / "cache").iterdir())
    # Neither does it matter whether the scenes come from the cache.
    np.testing.assert_array_equal(first, best(world, "seed=5", cached))
    np.testing.assert_array_equal(first, best(world, "seed=5"))
    assert np.abs(first - best(world, "seed=6", cached)).max() > 1e-6


def test_the_learned_backbone_serves_with_and_without_the_cache(place: Path) -> None:
    world = [*make_world(place), "backbone=learned"]
    config = settings(*world)
    done = pipeline.compute(config, read_inputs(config), make_distiller(config))
    assert done.clouds[0].features.shape[1] > CHANNELS
    cached = f"cache_path={place / 'cache'}"
    first = best(world, cached)
    np.testing.assert_array_equal(first, best(world, cached))
    np.testing.assert_array_equal(first, done.result.pose.row())


@pytest.mark.slow
def test_the_learned_backbone_carries_the_packaged_grasp(place: Path) -> None:
    config = settings("backbone=learned", "img_preprocess=[physics,physics]", "cache_path=null")
    inputs = read_inputs(config)
    done = pipeline.compute(config, inputs, make_distiller(config))
    truth = load_truth("data/sample")
    shown, landed = (done.hand.surface_of(pose) for pose in (inputs.demonstration, done.result.pose))
    assert contact_error(landed, truth.map_points(shown), truth.reference.distance(shown)) < 0.02


@pytest.mark.usefixtures("small_picture")
def test_of_several_things_the_object_alone_is_transferred_to(place: Path, capsys: pytest.CaptureFixture) -> None:
    """A tall red box beside the object; the hand holds the object, and the test object is like that one."""
    world = make_world(place, beside=(standing_box(-0.05, 0.17, 0.04, 0.05, 0.2),))
    run = pipeline.run(settings(*world))
    notes = json.loads((run / "result.json").read_text())["objects"]
    assert notes[0].startswith("shown: 2 things in the workspace; taken is the one that the hand holds (")
    assert notes[1].startswith("test: 2 things in the workspace; taken is the most like data1's object (")
    said = capsys.readouterr().err
    assert all(note in said for note in notes)
    for index in (0, 1):
        points = np.load(run / f"points_{index}.npy")
        assert len(points) > 20 and points[:, 1].max() < 0.05 and points[:, 2].max() < 0.13
    everything = pipeline.run(settings(*world, "object.choose=[all,all]"))
    assert np.load(everything / "points_1.npy")[:, 1].max() > 0.12


@pytest.mark.parametrize("where", ["write_arrays", "draw_result", "write_json", "describe"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "x"), KeyboardInterrupt()])
@pytest.mark.usefixtures("small_picture")
def test_a_run_that_fails_while_saving_leaves_nothing(place: Path, monkeypatch, where: str, error) -> None:
    def fail(*_, **__):
        raise error

    world = settings(*make_world(place))
    done = _computed(world)
    monkeypatch.setattr(pipeline, "compute", lambda *_: done)
    monkeypatch.setattr(finished, where, fail)
    with pytest.raises(RunError if isinstance(error, OSError) else KeyboardInterrupt):
        pipeline.run(world)
    assert not (place / "runs").exists() or list((place / "runs").iterdir()) == []
    assert not (place / "output").is_symlink()


_DONE: list[finished.Transferred] = []


def _computed(config: Config) -> finished.Transferred:
    """One computation serves all tests of saving."""
    if not _DONE:
        _DONE.append(pipeline.compute(config, read_inputs(config), make_distiller(config)))
    return _DONE[0]


@pytest.mark.usefixtures("small_picture")
def test_visualize_writes_a_page_and_opens_it(place: Path, monkeypatch) -> None:
    opened: list[Path] = []
    config = settings(*make_world(place), "visualize=true")
    done = _computed(config)
    monkeypatch.setattr(pipeline, "compute", lambda *_: done)
    monkeypatch.setattr(finished, "open_page", opened.append)
    folder = pipeline.run(config)
    assert opened == [folder / "result.html"]
    assert {path.name for path in folder.iterdir()} == FILES | {"result.html"}
    assert "<html" in (folder / "result.html").read_text()[:2000].lower()


@pytest.mark.usefixtures("small_picture")
def test_the_newest_run_is_linked_beside_the_folder_of_runs(place: Path, monkeypatch) -> None:
    config = settings(*make_world(place), f"output_path={place / 'elsewhere' / 'mine'}")
    done = _computed(config)
    monkeypatch.setattr(pipeline, "compute", lambda *_: done)
    folder = pipeline.run(config)
    assert (place / "elsewhere" / "output").resolve() == folder.resolve() and not (place / "output").exists()


def test_starts_and_seed_are_those_that_were_asked_for(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(place)
    done, asked = _computed(settings(*world)), {}
    for override in ("start_orientations=paper", "start_orientations=yaws", "start_orientations=demonstration"):
        for seed in (1, 2):
            config = settings(*world, f"alignment.{override}", f"seed={seed}")
            monkeypatch.setattr(pipeline, "transfer", lambda *arguments: arguments)
            shown = done.result.demonstration
            _, found = pipeline.transfer_clouds(config, done.clouds, done.clouds[1].points, shown)
            starts, plan, way, used = found[2:6]
            *around, near, wider, whole = starts.poses
            reference, test = done.clouds
            hand_points = pipeline.make_hand(config).surface_of(shown)
            held = [part_near(reference, hand_points, reach) for reach in (0.02, 0.04)]
            for pose, part in zip((near, wider, whole), (*held, reference), strict=True):
                aligned = shown.moved(align_by_features(part, test, np.random.default_rng(seed)))
                np.testing.assert_allclose(pose.row(), aligned.row(), atol=1e-12)
            assert starts.aligned == tuple(range(len(around), len(around) + 3)), "which ones are aligned is told"
            assert (
                used == seed
                and way == ApproachSettings(opening_m=0.03, back_off_m=0.1)
                and plan.opt_iterations == 6
                and plan.drop_at == (3,)
                and plan.keep_starts == (2,)
            )
            asked[override.partition("=")[2], seed] = around
    down = np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]])
    assert all(np.array_equal(pose.rotation, down) for pose in asked["paper", 1])
    for name in ("yaws", "demonstration"):
        turns = [pose.rotation @ asked[name, 1][0].rotation.T for pose in asked[name, 1]]
        angles = [np.degrees(np.arctan2(turn[1, 0], turn[0, 0])) % 360 for turn in turns]
        np.testing.assert_allclose(angles, [0, 120, 240], atol=1e-6)
        places = [np.array([pose.translation for pose in asked[name, seed]]) for seed in (1, 2)]
        assert len(places[0]) == 3 and np.abs(places[0] - places[1]).max() > 1e-3


def test_the_scenes_show_both_hands_and_the_path(place: Path) -> None:
    done = _computed(settings(*make_world(place)))
    result = done.result
    reference, test = transfer_drawings((done.scenes[0].views, done.scenes[1].views), done.hand, result, ("a", "b"))
    assert reference.title == "Demonstration: a" and test.title == "Transfer: b"
    for scene, pose in ((reference, result.demonstration), (test, result.pose)):
        (hand,) = (item for item in scene.items if isinstance(item, Mesh))
        np.testing.assert_allclose(hand.vertices, done.hand.mesh(pose)[0], atol=1e-6)
    (path,) = (item for item in test.items if isinstance(item, Path3D))
    np.testing.assert_allclose(path.positions, [pose.translation for pose in result.trajectory], atol=1e-9)
    line = describe(replace(result, terms=result.terms | {"feature": 0.1234, "penetration": 0.0056}))
    assert "0.123" in line and "best of 6 starts" in line and "5.6 mm" in line


def test_inputs_are_those_that_were_asked_for(place: Path) -> None:
    world = make_world(place)
    inputs = read_inputs(settings(*world))
    assert [capture.name for capture in inputs.captures] == ["shown", "test"]
    np.testing.assert_allclose(inputs.demonstration.row(), demonstration().row(), atol=1e-12)
    driver = read_inputs(settings(*world, "hand_ref_pose_convention=driver")).demonstration
    np.testing.assert_array_equal(driver.joints[[8, 19, 20, 21]], -demonstration().joints[[8, 19, 20, 21]])
    by_name = settings(
        *world, "data1=test", f"capture_paths=[{place}]", "hand_ref_pose_name=box", f"pose_paths=[{place}]"
    )
    inputs = read_inputs(by_name)
    assert [capture.name for capture in inputs.captures] == ["test", "test"]
    np.testing.assert_allclose(inputs.demonstration.row(), demonstration().row(), atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [0, 180])
def test_the_real_mug_is_grasped_wherever_the_table_frame_looks(degrees: int, place: Path) -> None:
    folder = kitchen()
    config = settings(
        f"data1={folder / 'white_mug_reference'}",
        f"data2={folder / 'white_mug_moved'}",
        f"hand_ref_pose_name={folder / 'ref_pose_mug.npy'}",
        "workspace.x=[-0.19,0.19]",
        "workspace.y=[-0.19,0.19]",
        "workspace.z=[0.0,0.2]",
        "backbone=handcrafted",
        "img_preprocess=[physics,physics]",
        "cache_path=null",
        f"output_path={place}",
    )
    turn = yaw(np.radians(degrees))
    inputs = read_inputs(config)
    inputs = replace(inputs, captures=(inputs.captures[0], turned(inputs.captures[1], turn)))
    moved = np.array(json.loads((folder / "truth.json").read_text())["moved_from_reference"])
    truth = inputs.demonstration.moved(turn @ moved)
    done = pipeline.compute(config, inputs, make_distiller(config))
    assert surface_error(done.hand.surface_of(done.result.pose), done.hand.surface_of(truth)) < 0.01
    distance, angle = palm_error(done.result.pose, truth)
    assert distance < 0.02 and angle < np.radians(15)
