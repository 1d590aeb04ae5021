"""The configuration: one YAML file, typed here, changed by key=value on the command line, refused before any work.

To add a key, add one line here and run `python -m sparsedff.config > configs/config.yaml`, which writes the defaults
with their meaning and range as comments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sparsedff.common.schema import key, section
from sparsedff.common.schema_values import build
from sparsedff.config.calibration import CalibrationConfig
from sparsedff.config.camera import CameraConfig
from sparsedff.config.check import CheckConfig
from sparsedff.config.models import FeaturesConfig, SamConfig
from sparsedff.config.overrides import read_values
from sparsedff.distill.pruning.settings import PruningSettings
from sparsedff.errors import ConfigError
from sparsedff.refine.settings import TrainingSettings


@dataclass(frozen=True)
class WorkspaceConfig:
    """The box over the table in which objects are looked for."""

    x: tuple[float, float] = key((-0.42, 0.42), "[min, max] in m, along the table", order="rising")
    y: tuple[float, float] = key((-0.56, 0.56), "[min, max] in m, across the table", order="rising")
    z: tuple[float, float] = key((-0.2, 0.8), "[min, max] in m, up from the table", order="rising")


@dataclass(frozen=True)
class SegmentationConfig:
    """The physics segmenter: what stands on the table."""

    plane_tolerance_m: float = key(0.01, "distance from the table plane that still is table [m]", above=0, at_most=0.2)
    min_height_m: float = key(0.02, "objects are what is higher over the table [m]", at_least=0, at_most=1)
    plane_max_tilt_deg: float = key(20.0, "greatest tilt of the table against z [deg]", above=0, at_most=90)
    ransac_iterations: int = key(200, "planes tried per view", at_least=1, at_most=100_000)
    min_object_pixels: int = key(50, "a smaller connected region is noise", at_least=1)
    max_depth_step_m: float = key(0.02, "pixels whose depth jumps more to a neighbour are flying pixels [m]", above=0)


@dataclass(frozen=True)
class HandModelConfig:
    """Surface points of the hand."""

    tip_aug: float = key(4.0, "how much denser points lie on the finger tips than elsewhere", above=0, at_most=100)
    pt_nums: int = key(500, "number of points on the hand's surface", at_least=21, at_most=100_000)


@dataclass(frozen=True)
class FieldConfig:
    """The feature field."""

    power: float = key(4.0, "exponent of the inverse distance; 2 = as published, 4 = more local", at_least=1, at_most=8)
    rank: int | None = key(
        None,
        "factor features to this rank; null = exact up to 128 channels, else as rank_error allows",
        at_least=1,
        at_most=4096,
    )
    rank_error: float = key(0.05, "what factoring may change, as a share of the features' spread", above=0, at_most=1)
    max_points: int = key(6000, "a larger feature cloud is thinned evenly to this many points", at_least=10)


@dataclass(frozen=True)
class WeightsConfig:
    """Weights of the energy's terms."""

    feature: float = key(1.0, "difference of the features under the hand, the method's own term", at_least=0)
    penetration: float = key(10.0, "hand inside the object or the table [1/m]", at_least=0)
    self_penetration: float = key(10.0, "links of the hand inside each other", at_least=0)
    joint_limits: float = key(0.01, "joints near the ends of their range", at_least=0)
    approach: float = key(
        0.1,
        "palm turned away from facing down further than approach_free_angle_deg and the demonstration [1/rad]",
        at_least=0,
    )
    posture: float = key(1.0, "joints away from the demonstrated ones (mean squared share of range)", at_least=0)


@dataclass(frozen=True)
class AlignmentConfig:
    """The optimisation of the hand's pose."""

    opt_iterations: int = key(300, "optimisation steps", at_least=1, at_most=1_000_000)
    start_orientations: str = key(
        "demonstration",
        "demonstration = as shown, all around the vertical; yaws = palm down, all around; paper = palm down, one yaw",
        choices=("demonstration", "yaws", "paper"),
    )
    yaws: int = key(12, "yaw angles among the starts, evenly around the vertical", at_least=1, at_most=3600)
    starts: int = key(12, "hands optimised at the same time", at_least=1, at_most=10_000)
    start_back_off_m: tuple[float, float] = key(
        (0.0, 0.08), "[min, max] of starts from the demonstrated place, along the back of the hand [m]", at_least=0
    )
    aligned_start: bool = key(True, "one start more: the hand moved by a rigid alignment of both clouds' features")
    start_height_m: tuple[float, float] = key(
        (0.2, 0.3), "the same for yaws and paper: over the object's top [m]", at_least=0
    )
    learning_rate: float = key(0.01, "Adam's step for the palm at first [m and rad]", above=0, at_most=10)
    joint_learning_rate: float = key(0.05, "Adam's step for the joints at first", above=0, at_most=10)
    final_learning_rate: float = key(1e-4, "Adam's step at the end, reached along a cosine", above=0, at_most=10)
    jitter_m: float = key(0.001, "noise on surface points at first, halved each step [m]", at_least=0, at_most=0.1)
    drop_at: tuple[int, ...] = key(
        (20, 120), "steps at which the worst starts are given up", at_least=1, order="rising"
    )
    keep_starts: tuple[int, ...] = key((8, 2), "how many starts stay after each drop_at", at_least=1, order="falling")
    focus_at: int = key(50, "step from which hand points near the contacts count more; 0 = always", at_least=0)
    focus_distance_m: float = key(0.02, "hand points much further from the reference then count a tenth [m]", above=0)
    weights: WeightsConfig = section(WeightsConfig, "weights of the energy's terms")
    approach_free_angle_deg: float = key(30.0, "tilt of the palm that costs nothing [deg]", at_least=0, at_most=180)


@dataclass(frozen=True)
class ExecutionConfig:
    """The way to the grasp, execution_traj.npy."""

    opening_m: float = key(0.03, "how far each finger pad is drawn back on the way to the grasp [m]", at_least=0)
    back_off_m: float = key(0.10, "where the way begins: this far off the grasp [m]", above=0, at_most=1)


@dataclass(frozen=True)
class PhysicsConfig:
    """The lift trials of `sparsedff evaluate`."""

    mass_kg: float = key(0.2, "mass of every object [kg]; the reference grasps were chosen at 0.2", above=0, at_most=10)
    friction: float = key(0.9, "Coulomb friction between hand and object", above=0, at_most=5)


@dataclass(frozen=True)
class Config:
    """Everything a run takes from outside; see configs/config.yaml."""

    seed: int = key(0, "seed of all random numbers", at_least=0, at_most=2**32 - 1)
    device: str | None = key(None, "cpu, cuda, cuda:1, mps ...; null = best available")
    threads: int | None = key(None, "CPU threads; null = chosen by the program", at_least=1, at_most=1024)
    visualize: bool = key(False, "open the result in a window or page")
    verbose: bool = key(False, "say more on the way")
    extrinsics_path: str = key("configs/rig", "folder with the rig's calibration, for captures without their own")
    data1: str = key("monkey_original", "reference capture, on which the hand was demonstrated: a name or a path")
    data2: str | None = key("monkey_test", "test capture, to which it is carried: a name or a path; null = capture now")
    capture_paths: tuple[str, ...] = key(("data/sample", "data/captures"), "folders searched for captures")
    pose_paths: tuple[str, ...] = key(("data/sample", "data/poses"), "folders searched for poses")
    hand_ref_pose_name: str = key("monkey", "the demonstrated pose: NAME of ref_pose_NAME.npy, or a path")
    hand_ref_pose_convention: str = key(
        "mjcf", "joint signs in that file: driver = as the real robot's driver writes them", choices=("mjcf", "driver")
    )
    model_path: str | None = key(None, "a trained refinement network (.pth); null = features as they are")
    img_preprocess: tuple[str, str] = key(
        ("auto", "auto"),
        "segmentation of data1 and data2; auto = sam where its weights are, else physics",
        choices=("sam", "physics", "auto"),
    )
    backbone: str = key(
        "auto",
        "handcrafted (no weights), dinov2_vit[s,b,l,g]14 or the same with _reg, a folder in the hub's layout, "
        "hub:OWNER/NAME; auto = dinov2_vitb14 where its weights are, else handcrafted",
    )
    cache_path: str | None = key("data/cache", "folder that keeps distilled clouds; null = distil anew each time")
    scale: int = key(14, "one feature per square of this many pixels", at_least=1, at_most=512)
    pruning: PruningSettings = section(
        PruningSettings,
        "thinning of the feature cloud",
        flat=("method", "dis_threshold", "quotient_threshold"),
    )
    mode: str = key("hand", "end effector", choices=("hand", "gripper"))
    output_path: str = key("data/runs", "folder that gets a new folder per run")
    workspace: WorkspaceConfig = section(WorkspaceConfig, "box in the table's frame in which objects are looked for")
    segmentation: SegmentationConfig = section(SegmentationConfig, "segmentation without weights (physics)")
    sam: SamConfig = section(SamConfig, "segmentation by Segment Anything (sam)")
    features: FeaturesConfig = section(FeaturesConfig, "features of foundation models")
    refinement: TrainingSettings = section(TrainingSettings, "training of the refinement network")
    hand_model: HandModelConfig = section(HandModelConfig, "points on the hand's surface")
    field: FieldConfig = section(FieldConfig, "interpolation of the features in space")
    alignment: AlignmentConfig = section(AlignmentConfig, "optimisation of the hand's pose")

    execution: ExecutionConfig = section(ExecutionConfig, "the way to the grasp, execution_traj.npy")
    physics: PhysicsConfig = section(PhysicsConfig, "lift trials of `sparsedff evaluate`")
    camera: CameraConfig = section(CameraConfig, "cameras that take captures")
    check: CheckConfig = section(CheckConfig, "when `sparsedff check` finds fault with a capture")
    calibration: CalibrationConfig = section(CalibrationConfig, "calibration of cameras, table and robot")

    def __post_init__(self) -> None:
        """Refuse what only contradicts itself in combination."""
        a = self.alignment
        if len(a.drop_at) != len(a.keep_starts):
            raise ConfigError(
                f"alignment.keep_starts: {list(a.keep_starts)} must have as many numbers as drop_at {list(a.drop_at)}"
            )
        if a.keep_starts and a.keep_starts[0] > a.starts:
            raise ConfigError(f"alignment.keep_starts: keeps {a.keep_starts[0]}, but there are {a.starts} starts")
        if a.start_height_m[0] > a.start_height_m[1]:
            raise ConfigError(f"alignment.start_height_m: {list(a.start_height_m)} is not allowed; min is above max")
        if a.final_learning_rate > min(a.learning_rate, a.joint_learning_rate):
            raise ConfigError(
                f"alignment.final_learning_rate: {a.final_learning_rate:g} is above the first; it must be at most "
                f"{min(a.learning_rate, a.joint_learning_rate):g}"
            )


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML file and apply key=value overrides; keys that are left out keep their defaults.

    Raises:
        ConfigError: no such file, no YAML, an unknown key, a wrong type, a value out of range; names key and value.
    """
    values = read_values(Path(path), overrides, Config)
    try:
        return build(Config, values)
    except ConfigError as error:
        raise ConfigError(f"{path}{' with overrides' if overrides else ''}: {error}") from None
