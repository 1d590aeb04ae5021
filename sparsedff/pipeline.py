"""The whole story on one page: read both scenes, distil them, build fields, transfer the grasp, save what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from sparsedff.capture.lookup import find_capture
from sparsedff.capture.model import Capture
from sparsedff.capture.storage import load_capture
from sparsedff.config import Config
from sparsedff.distill.backbones import make_backbone
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import SegmentedView, distil, segment_views
from sparsedff.distill.prune import prune
from sparsedff.distill.segment import PhysicsSegmenter, Segmenter, Workspace
from sparsedff.errors import ConfigError, HandError
from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.hands.shadow import ShadowHand
from sparsedff.runs import point_to_newest, report, run_folder, write_arrays, write_json
from sparsedff.synthetic.sample import MONKEYS, ensure_sample
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.optimise import Schedule
from sparsedff.transfer.result import TransferResult
from sparsedff.transfer.starts import starts_above
from sparsedff.transfer.transfer import field_of, make_energy, transfer
from sparsedff.visualize.page import open_page, write_page
from sparsedff.visualize.result import draw_result
from sparsedff.visualize.transfer import describe, transfer_scenes

SAMPLE_FOLDER = Path("data/sample")
NEWEST = Path("data/output")


@dataclass
class _Clock:
    """Seconds spent per stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin


@dataclass(frozen=True)
class Inputs:
    """Everything a run reads, checked before any work is done."""

    captures: tuple[Capture, Capture]
    demonstration: HandPose
    segmenters: tuple[Segmenter, Segmenter]
    workspace: Workspace


@dataclass(frozen=True)
class Transferred:
    """What the computation gives, before anything is written."""

    views: tuple[tuple[SegmentedView, ...], tuple[SegmentedView, ...]]
    clouds: tuple[FeatureCloud, FeatureCloud]
    hand: ShadowHand
    energy: Energy
    result: TransferResult


def run(config: Config) -> Path:
    """Do the main job as configured and return the new run's folder.

    Raises:
        SparseDFFError: anything the user can mend; nothing is left half written.
    """
    clock = _Clock()
    device = choose_device(config.device)
    torch.set_num_threads(config.threads or 1)
    with clock.stage("load"):
        inputs = read_inputs(config)
    done = compute(config, inputs, device, clock)
    label = f"{inputs.captures[0].name}-to-{inputs.captures[1].name}-seed{config.seed}"
    with run_folder(Path(config.output_path), label) as (building, final):
        with clock.stage("save"):
            write_arrays(building, done.clouds, done.hand, done.energy, done.result)
        with clock.stage("picture"):
            titles = (inputs.captures[0].name, inputs.captures[1].name)
            scenes = transfer_scenes(done.views, done.hand, done.result, titles)
            draw_result(*scenes, building / "result.png", caption=describe(done.result))
            if config.visualize:
                write_page(*scenes, building / "result.html")
        sizes = {
            "points_reference": len(done.clouds[0]),
            "points_test": len(done.clouds[1]),
            "channels": done.energy.field.channels,
            "starts": len(done.result.starts),
            "hand_points": len(done.energy.targets),
            "iterations": config.alignment.opt_iterations,
        }
        write_json(building / "result.json", report(asdict(config), str(device), clock.seconds, sizes, done.result))
    if NEWEST.parent.is_dir():
        point_to_newest(NEWEST, final)
    if config.visualize:
        open_page(final / "result.html")
    return final


def read_inputs(config: Config) -> Inputs:
    """Find and read both captures and the demonstration; make the packaged sample if it is asked for and not there.

    Raises:
        SparseDFFError: what is missing, malformed or not built yet.
    """
    if config.mode != "hand":
        raise ConfigError(f"mode: {config.mode} is not built yet; use mode=hand")
    if config.model_path is not None:
        raise ConfigError("model_path: refinement networks are not built yet; use model_path=null")
    names = (config.data1, str(config.data2))
    if any(name in MONKEYS for name in names) and SAMPLE_FOLDER in map(Path, config.capture_paths):
        ensure_sample(SAMPLE_FOLDER)
    pose = find_pose(config.hand_ref_pose_name, config.pose_paths)
    demonstration = load_reference_pose(pose, config.hand_ref_pose_convention)
    paths = [find_capture(name, [Path(p) for p in config.capture_paths]) for name in names]
    captures = (load_capture(paths[0], Path(config.extrinsics_path)), load_capture(paths[1], Path(config.extrinsics_path)))
    segmenters = (make_segmenter(config.img_preprocess[0], config), make_segmenter(config.img_preprocess[1], config))
    box = config.workspace
    return Inputs(captures, demonstration, segmenters, Workspace(box.x, box.y, box.z))


def compute(config: Config, inputs: Inputs, device: torch.device, clock: _Clock | None = None) -> Transferred:
    """Distil both scenes, build their fields and transfer the demonstration; writes nothing."""
    clock = clock or _Clock()
    backbone = make_backbone(config.backbone)
    views, raw = [], []
    with clock.stage("distil"), _bar(sum(len(c.views) for c in inputs.captures) + 2, "distil", "view") as bar:
        for capture, segmenter in zip(inputs.captures, inputs.segmenters, strict=True):
            seen = segment_views(capture, segmenter, inputs.workspace, lambda _: bar.update())
            raw.append(distil(seen, backbone, config.scale))
            views.append(seen)
            bar.update()
    with clock.stage("features"):
        reduce = backbone.fit(raw[0])
        rng = np.random.default_rng(config.seed)
        reference, test = (_pruned(reduce(cloud), config, rng) for cloud in raw)
    a = config.alignment
    with clock.stage("optimise"), _bar(a.opt_iterations, "optimise", "step") as bar:
        hand = ShadowHand(config.hand_model.pt_nums, config.hand_model.tip_aug, config.seed, device)
        fields = [field_of(cloud, hand, config.field.power, config.field.rank) for cloud in (reference, test)]
        energy = make_energy(
            hand, *fields, inputs.demonstration, test.points, asdict(a.weights), a.approach_free_angle_deg
        )
        yaws = a.yaws if a.start_orientations == "yaws" else 1
        starts = starts_above(test.points, inputs.demonstration, a.starts, yaws, a.start_height_m, rng)
        schedule = Schedule(
            a.opt_iterations, a.learning_rate, a.joint_learning_rate, a.final_learning_rate, a.jitter_m, a.drop_at, a.keep_starts
        )

        def show(step: int, lowest: float) -> None:
            bar.update()
            bar.set_postfix(energy=f"{lowest:.4f}", refresh=False)

        result = transfer(energy, inputs.demonstration, starts, schedule, config.seed, show)
    return Transferred((views[0], views[1]), (reference, test), hand, energy, result)


def choose_device(name: str | None) -> torch.device:
    """The named device, or CUDA where there is one, else the CPU.

    Raises:
        ConfigError: there is no such device here.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"device: {name!r} cannot be used here ({reason}); use device=null or device=cpu") from None
    return device


def make_segmenter(name: str, config: Config) -> Segmenter:
    """The segmenter of this name.

    Raises:
        ConfigError: it is not built yet.
    """
    if name != "physics":
        raise ConfigError(f"img_preprocess: {name} is not built yet; use img_preprocess=[physics,physics]")
    s = config.segmentation
    return PhysicsSegmenter(
        s.plane_tolerance_m, s.min_height_m, s.plane_max_tilt_deg, s.ransac_iterations, s.min_object_pixels, s.max_depth_step_m
    )


def find_pose(name_or_path: str, folders: tuple[str, ...]) -> Path:
    """The file of a reference pose: a path that exists, or ref_pose_NAME.npy in one of the folders.

    Raises:
        HandError: there is none; lists the names there are.
    """
    if Path(name_or_path).is_file():
        return Path(name_or_path)
    for folder in map(Path, folders):
        if (folder / f"ref_pose_{name_or_path}.npy").is_file():
            return folder / f"ref_pose_{name_or_path}.npy"
    known = sorted({p.stem.removeprefix("ref_pose_") for f in folders for p in Path(f).glob("ref_pose_*.npy")})
    raise HandError(
        f"hand_ref_pose_name: no file {name_or_path} and no ref_pose_{name_or_path}.npy in {', '.join(folders)}; "
        f"there are {', '.join(known) or 'none'}"
    )


def _pruned(cloud: FeatureCloud, config: Config, rng: np.random.Generator) -> FeatureCloud:
    kept = prune(cloud, config.method, config.dis_threshold, config.quotient_threshold, config.pruning.keep_fraction)
    if len(kept) <= config.field.max_points:
        return kept
    return kept.select(np.sort(rng.choice(len(kept), config.field.max_points, replace=False)))


def _bar(total: int, name: str, unit: str) -> tqdm:
    return tqdm(total=total, desc=f"{name:>9}", unit=unit)
