"""Everything that reads files of somebody else's: how a sound set of files is made, and how it is read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sparsedff.bop import results as bop_results
from sparsedff.bop.captures import load_views
from sparsedff.bop.dataset import Dataset
from sparsedff.bop.index_files import TRAIN, read_indices, write_indices
from sparsedff.bop.score import score
from sparsedff.calibration.robot_poses import read_robot_poses
from sparsedff.capture.files.capture_folder import load_capture, save_capture
from sparsedff.capture.model import Capture
from sparsedff.config.config import load_config
from sparsedff.distill.cache import cached
from sparsedff.distill.cached_forms import CLOUD, VIEWS
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.undistort import undistort
from sparsedff.distill.weights.files import read_state
from sparsedff.distill.weights.hub import check_folder
from sparsedff.downloads.unpack import unpack
from sparsedff.errors import HandError, SparseDFFError
from sparsedff.evaluate.results import ResultsFile, read_rows
from sparsedff.evaluate.row import Row
from sparsedff.hands.pose import load_reference_pose, save_reference_pose
from sparsedff.hands.shadow.joints import JOINT_NAMES, SHADOW_JOINTS
from sparsedff.physics import parts
from sparsedff.refine.checkpoint import load_checkpoint, save_checkpoint
from sparsedff.refine.network import Probe, Shape
from sparsedff.refine.state import TrainingProgress, restore_state, save_state
from sparsedff.refine.storage import load_key, store
from sparsedff.runs.read import load_run
from sparsedff.runs.write import pose_entry
from sparsedff.studio.playback import Playback
from sparsedff.synthetic.truth import load_truth
from sparsedff.transfer.history import History
from tests.support.bop_toys import make_dataset
from tests.support.captures import make_capture
from tests.support.hand_oracle import random_pose
from tests.support.paths import REPOSITORY
from tests.support.refine_toys import scene

RECIPE = {"steps": 3}
METHODS = ("one", "two")
ROW = Row("mug-0", "mug", "rim", "x", 0, "one", *[1.5] * 7, 1, "held", 2.0, 300.0)


@dataclass(frozen=True)
class Target:
    """One kind of files.

    Attributes:
        make: writes a sound set of them into a new folder.
        read: reads them as the toolkit does.
        always: nothing may be refused: what is damaged is made anew.
    """

    make: Callable[[Path], None]
    read: Callable[[Path], Any]
    always: bool = False


def make_results(folder: Path) -> None:
    file = ResultsFile(folder, {"suite": "quick"})
    for index in range(3):
        file.add([Row(**{**vars(ROW), "pair": f"mug-{index}", "method": method}) for method in METHODS])


def read_results(folder: Path) -> None:
    error: Exception | None = None
    try:
        read_rows(folder)
    except SparseDFFError as refused:
        error = refused
    whole = ResultsFile(folder, {"suite": "quick"}).keep_whole([f"mug-{i}" for i in range(3)])
    assert {(row.pair, row.method) for row in read_rows(folder)} == whole if whole else True
    if error is not None:
        raise error


def read_cache(folder: Path) -> None:
    capture = make_capture(2)
    wanted_views, wanted = views_of(capture), cloud()
    for _ in range(2):
        found = cached(folder, capture, {"scale": 1}, CLOUD, cloud)
        assert np.array_equal(found.features, wanted.features) and np.array_equal(found.points, wanted.points)
        views = cached(folder, capture, {"scale": 1}, VIEWS, lambda: views_of(capture))
        assert np.array_equal(views[0].mask, wanted_views[0].mask)


def cloud() -> FeatureCloud:
    rng = np.random.default_rng(0)
    return FeatureCloud(
        rng.normal(size=(9, 3)).astype(np.float32),
        rng.integers(0, 256, (9, 3), dtype=np.uint8),
        rng.normal(size=(9, 4)).astype(np.float32),
        np.zeros(9, np.int64),
    )


def views_of(capture: Capture) -> tuple[SegmentedView, ...]:
    view = undistort(capture.views[0])
    return (SegmentedView(0, view, view.depth_m > 1),)


def make_run(folder: Path) -> None:
    rng, poses = np.random.default_rng(0), [random_pose(seed) for seed in range(3)]
    for index in (0, 1):
        np.save(folder / f"points_{index}.npy", rng.normal(size=(8, 3)).astype(np.float32))
        np.save(folder / f"features_{index}.npy", rng.normal(size=(8, 4)).astype(np.float32))
        np.save(folder / f"colors_{index}.npy", rng.integers(0, 256, (8, 3), dtype=np.uint8))
        np.save(folder / f"views_{index}.npy", np.zeros(8, np.int64))
    rows = np.stack([pose.row() for pose in poses])
    np.save(folder / "execution_traj.npy", rows)
    np.save(folder / "best_X.npy", rows[-1])
    energy = rng.random((3, 2))
    History(np.arange(3), np.stack([rows, rows], axis=1), energy, {"feature": energy}).save(folder / "history.npz")
    entry = pose_entry(poses[0], JOINT_NAMES)
    report: dict[str, Any] = {
        "config": {"data1": "a", "data2": "b", "field": {"power": 4}, "alignment": {"weights": {}}}
    }
    report |= {"best_pose": entry, "demonstrated_pose": entry, "best_start": 0, "energy_terms": {"feature": 1.0}}
    (folder / "result.json").write_text(json.dumps(report))


def read_run(folder: Path) -> None:
    run = load_run(folder)
    assert run.names and run.power is not None
    playback = Playback(run)
    for index in range(playback.frames):
        playback.frame(index)
    playback.table(playback.frames - 1, 0)


def make_checkpoint(folder: Path) -> None:
    shape = Shape("glayer", 4, 8, 3, 1)
    torch.manual_seed(0)
    reduction = {"mean": np.zeros(4, np.float32), "axes": np.eye(4, dtype=np.float32)}
    save_checkpoint(folder / "probe.pth", Probe(shape).state_dict(), shape, {"mode": "glayer"}, reduction)


def _training() -> tuple[torch.nn.Module, torch.optim.Optimizer, torch.Generator]:
    torch.manual_seed(0)
    network = torch.nn.Linear(3, 2)
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 3)).sum().backward()
    optimiser.step()
    return network, optimiser, torch.Generator().manual_seed(0)


def make_state(folder: Path) -> None:
    network, optimiser, generator = _training()
    progress = TrainingProgress(2, [1.0, 0.5], [[2, 0.5, 0.1]], 2, dict(network.state_dict()))
    save_state(folder / "training.pt", progress, network, optimiser, generator, RECIPE)


def read_training_state(folder: Path) -> None:
    network, optimiser, generator = _training()
    progress = restore_state(folder / "training.pt", network, optimiser, generator, RECIPE)
    assert progress.best_score is not None and progress.should_stop(3) in (True, False)
    optimiser.step()


def make_zip(folder: Path) -> None:
    content = io.BytesIO()
    np.save(content, np.zeros((4, 3)))
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("one/a.npy", "one/b.npy", "two.txt"):
            archive.writestr(name, content.getvalue())


def read_zip(folder: Path) -> None:
    unpack(folder / "a.zip", folder / "out", max_bytes=1 << 20)
    inside = [path.resolve() for path in (folder / "out").rglob("*")]
    assert all(path.is_relative_to((folder / "out").resolve()) for path in inside)


def make_hub(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"model_type": "dinov2", "hidden_size": 24}))
    (folder / "model.safetensors").write_bytes(b"x")


def make_robot_poses(folder: Path) -> None:
    lines = ["name,x,y,z,qx,qy,qz,qw", *(f"{i:04d},0.1,0.2,{i},0,0,0,1" for i in range(3))]
    (folder / "robot_poses.csv").write_text("\n".join(lines) + "\n")
    np.save(folder / "robot_poses.npy", np.stack([np.eye(4)] * 3))


def read_both_robot_poses(folder: Path) -> None:
    errors = []
    for name in ("robot_poses.csv", "robot_poses.npy"):
        try:
            read_robot_poses(folder / name, ["0000", "0001", "0002"])
        except SparseDFFError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def make_parts(folder: Path) -> None:
    parts._keep(folder / "a.npz", (np.eye(3), np.ones((4, 3))))


def make_truth(folder: Path) -> None:
    text = REPOSITORY / "data" / "sample" / "ground_truth.json"
    (folder / "ground_truth.json").write_text(text.read_text() if text.is_file() else '{"objects": {}}')


def make_bop(folder: Path) -> None:
    made = make_dataset(folder / "toy", scenes=1)
    bop_results.write_results([bop_results.Estimate(1, 0, 1, 0.5, np.eye(4))], folder / "results.csv")
    write_indices(made / "test/000001", 0.5, 0)
    (made / "test_targets_bop19.json").write_text('[{"im_id": 0, "inst_count": 1, "obj_id": 1, "scene_id": 1}]')


def read_bop(folder: Path) -> None:
    dataset = Dataset(folder / "toy")
    read_indices(dataset.scene("test", 1), TRAIN)
    load_views(dataset.scene("test", 1), [0])
    score(dataset, "test", bop_results.read_results(folder / "results.csv"))


TARGETS: Mapping[str, Target] = {
    "evaluation tables": Target(make_results, read_results),
    "cache": Target(read_cache, read_cache, always=True),
    "training data": Target(
        lambda folder: store(folder / "key0", scene(), {"a": np.eye(2)}, {"scale": 1}, {}),
        lambda folder: load_key(folder / "key0"),
    ),
    "checkpoints": Target(make_checkpoint, lambda folder: load_checkpoint(folder / "probe.pth")),
    "poses": Target(
        lambda folder: save_reference_pose(random_pose(0), folder / "ref_pose_a.npy"),
        lambda folder: load_reference_pose(folder / "ref_pose_a.npy", SHADOW_JOINTS),
    ),
    "training states": Target(make_state, read_training_state),
    "saved runs": Target(make_run, read_run),
    "captures": Target(
        lambda folder: save_capture(make_capture(2), folder / "toy") and None,
        lambda folder: load_capture(folder / "toy"),
    ),
    "zips": Target(make_zip, read_zip),
    "weights": Target(
        lambda folder: torch.save({"a": torch.ones(3, 4), "b": torch.zeros(2)}, folder / "w.pth"),
        lambda folder: read_state(folder / "w.pth"),
    ),
    "model folders": Target(make_hub, check_folder),
    "robot poses": Target(make_robot_poses, read_both_robot_poses),
    "settings": Target(
        lambda folder: (folder / "c.yaml").write_text((REPOSITORY / "configs/config.yaml").read_text()) and None,
        lambda folder: load_config(folder / "c.yaml"),
    ),
    "convex parts": Target(make_parts, lambda folder: parts._read(folder / "a.npz"), always=True),
    "BOP data sets": Target(make_bop, read_bop),
    "ground truth": Target(make_truth, lambda folder: load_truth(folder)),
}
assert issubclass(HandError, SparseDFFError)
