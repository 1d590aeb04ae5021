"""The whole story on one page: read both scenes, distil them, build fields, transfer the grasp, save the result."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from sparsedff.capture.model import Capture
from sparsedff.common.clock import Clock
from sparsedff.common.progress import bar
from sparsedff.common.schema_text import to_plain
from sparsedff.config.config import Config
from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.backbones.registry import make_backbone
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.prune import prune
from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.prepare.inputs import Inputs, choose_device, read_inputs
from sparsedff.prepare.models import Models, choose_models, choose_refiner, feature_settings
from sparsedff.prepare.scenes import TwoClouds, TwoViews, distil_both
from sparsedff.runs.write import point_to_newest, report, run_folder, write_arrays, write_json
from sparsedff.transfer.align import align_by_features
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.optimise import Schedule
from sparsedff.transfer.rank import sufficient_rank
from sparsedff.transfer.result import TransferResult
from sparsedff.transfer.starts import starts_above, starts_around
from sparsedff.transfer.transfer import field_of, make_energy, transfer
from sparsedff.visualize.page import open_page, write_page
from sparsedff.visualize.pictures.result import draw_result
from sparsedff.visualize.transfer import describe, transfer_scenes

NEWEST = Path("data/output")


@dataclass(frozen=True)
class Transferred:
    """What the computation gives, before anything is written.

    Attributes:
        views: segmented views of reference and test.
        clouds: their feature clouds, pruned.
        hand, energy: what the optimiser worked with.
        result: what it found.
    """

    views: TwoViews
    clouds: TwoClouds
    hand: ShadowHand
    energy: Energy
    result: TransferResult


def run(config: Config) -> Path:
    """Do the main job as configured and return the new run's folder.

    Raises:
        SparseDFFError: anything the user can mend; nothing is left half written.
    """
    clock = Clock()
    device = choose_device(config.device)
    # One thread: slices of the field fit one core's cache, and a second thread mostly waits (DESIGN section 8).
    torch.set_num_threads(config.threads or 1)
    with clock.stage("load"):
        models = choose_models(config, device)
        inputs = read_inputs(config)
    for line in models.reasons:
        tqdm.write(line, file=sys.stderr)
    done = compute(config, inputs, device, clock)
    return save_run(config, inputs.captures, done, models, clock)


def save_run(
    config: Config, captures: tuple[Capture, Capture], done: Transferred, models: Models, clock: Clock
) -> Path:
    """Write everything that a transfer from the first capture to the second leaves; returns the new run's folder."""
    names = (captures[0].name, captures[1].name)
    with run_folder(Path(config.output_path), f"{names[0]}-to-{names[1]}-seed{config.seed}") as (building, final):
        with clock.stage("save"):
            write_arrays(building, done.clouds, done.hand, done.energy, done.result)
        with clock.stage("picture"):
            scenes = transfer_scenes(done.views, done.hand, done.result, names)
            draw_result(*scenes, building / "result.png", caption=describe(done.result))
            if config.visualize:
                write_page(scenes, building / "result.html")
        content = report(to_plain(config), str(done.hand.device), clock.seconds, _sizes(config, done), done.result)
        paths = [str(capture.path) for capture in captures]
        write_json(building / "result.json", content | models.record() | {"captures": paths})
    if NEWEST.parent.is_dir():
        point_to_newest(NEWEST, final)
    if config.visualize:
        open_page(final / "result.html")
    return final


def compute(config: Config, inputs: Inputs, device: torch.device, clock: Clock | None = None) -> Transferred:
    """Distil both scenes, build their fields and transfer the demonstration; writes nothing."""
    clock = clock or Clock()
    backbone = make_backbone(config.backbone, feature_settings(config, device))
    with clock.stage("distil"):
        views, raw = distil_both(config, inputs, backbone)
    with clock.stage("features"):
        clouds = refine_both(config, raw, backbone)
    with clock.stage("optimise"):
        hand, energy, result = transfer_clouds(config, clouds, raw[1].points, inputs.demonstration, device)
    return Transferred(views, clouds, hand, energy, result)


def refine_both(config: Config, raw: TwoClouds, backbone: Backbone) -> TwoClouds:
    """The field's features of raw clouds: reduced as the backbone learns on the reference, or reduced and refined as
    the network at model_path was trained; then pruned and thinned.
    """
    reduce = (choose_refiner(config, backbone) or backbone).fit(raw[0])
    rng = np.random.default_rng(config.seed)
    reference, test = (_pruned(reduce(cloud), config, rng) for cloud in raw)
    return reference, test


def transfer_clouds(
    config: Config, clouds: TwoClouds, solid: NDArray[np.floating], demonstration: HandPose, device: torch.device
) -> tuple[ShadowHand, Energy, TransferResult]:
    """Build both fields and minimise the energy from all starts.

    The hand keeps out of `solid` (M, 3) [m], all that was seen of the test object: pruning distrusts features, but
    what it leaves out is as hard as the rest.
    """
    a = config.alignment
    rng = np.random.default_rng(config.seed)
    with bar(a.opt_iterations, "optimise", "step") as shown:
        hand = ShadowHand(config.hand_model.pt_nums, config.hand_model.tip_aug, config.seed, device)
        reference, test = (field_of(cloud, hand, config.field.power, _rank(config, cloud)) for cloud in clouds)
        weights, free = asdict(a.weights), a.approach_free_angle_deg
        points = clouds[0].points, clouds[1].points
        energy = make_energy(hand, reference, test, demonstration, solid, weights, free, a.focus_distance_m)
        if a.start_orientations == "demonstration":
            starts = starts_around(*points, demonstration, a.starts, a.yaws, a.start_back_off_m, rng)
        else:
            yaws = 1 if a.start_orientations == "paper" else a.yaws
            starts = starts_above(points[1], demonstration, a.starts, yaws, a.start_height_m, rng)
        if a.aligned_start:
            motion = align_by_features(*clouds, np.random.default_rng(config.seed))
            starts.append(demonstration.moved(motion))

        def show(step: int, lowest: float) -> None:
            shown.set_postfix(energy=f"{lowest:.4f}", refresh=False)
            shown.update()

        way = config.execution.opening_m, config.execution.back_off_m
        return hand, energy, transfer(energy, demonstration, starts, schedule(config), config.seed, show, *way)


def schedule(config: Config) -> Schedule:
    """The optimiser's settings out of the config's."""
    a = config.alignment
    return Schedule(
        a.opt_iterations,
        a.learning_rate,
        a.joint_learning_rate,
        a.final_learning_rate,
        a.jitter_m,
        a.drop_at,
        a.keep_starts,
        a.focus_at,
    )


def _sizes(config: Config, done: Transferred) -> dict[str, int]:
    return {
        "points_reference": len(done.clouds[0]),
        "points_test": len(done.clouds[1]),
        "channels": done.energy.field.channels,
        "rank": done.energy.field.coefficients.shape[1],
        "starts": len(done.result.starts),
        "hand_points": len(done.energy.targets),
        "iterations": config.alignment.opt_iterations,
    }


def _rank(config: Config, cloud: FeatureCloud) -> int | None:
    return config.field.rank or sufficient_rank(torch.from_numpy(cloud.features), config.field.rank_error)


def _pruned(cloud: FeatureCloud, config: Config, rng: np.random.Generator) -> FeatureCloud:
    kept = prune(cloud, config.pruning)
    if len(kept) <= config.field.max_points:
        return kept
    return kept.select(np.sort(rng.choice(len(kept), config.field.max_points, replace=False)))
