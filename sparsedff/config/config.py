"""The configuration: the rooms' settings composed into one value, read from one YAML file, refused before any work.

A setting is declared in the settings file of the room that uses it. What is declared here concerns a run as a whole.
`python -m sparsedff.config > configs/config.yaml` writes the defaults with their meaning and range as comments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.capture.cameras.settings import CameraSettings
from sparsedff.common.schema import key, section
from sparsedff.common.schema_values import build
from sparsedff.config.default import settings_file
from sparsedff.config.overrides import read_values
from sparsedff.distill.pruning.settings import PruningSettings
from sparsedff.distill.settings import DistilSettings
from sparsedff.errors import ConfigError
from sparsedff.hands.registry import MODES, SHIPPED
from sparsedff.hands.settings import ApproachSettings, HandSettings
from sparsedff.judge.settings import JudgeSettings
from sparsedff.physics.settings import LiftSettings
from sparsedff.quality.settings import CheckSettings
from sparsedff.refine.settings import TrainingSettings
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.transfer.settings import AlignmentSettings, FieldSettings


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
    mode: str = key(
        "hand",
        f"end effector where end_effector is null: {', '.join(f'{mode} = {name}' for mode, name in MODES.items())}",
        choices=tuple(MODES),
    )
    end_effector: str | None = key(
        None,
        f"{', '.join(SHIPPED)}, or the path of a .yaml that describes another (docs/hands.md); null = as mode says",
    )
    demonstrated_with: str | None = key(
        None, "end effector of the demonstrated pose, where it is another: roles of fingers carry it over"
    )
    output_path: str = key(
        "data/runs", "folder that gets a new folder per run; `output` (the newest run) and `evaluations` lie beside it"
    )
    visualize_path: str = key("visualize", "folder that gets pictures of captures and runs")
    model_path: str | None = key(None, "a trained refinement network (.pth); null = features as they are")
    distil: DistilSettings = section(DistilSettings, "capture to feature cloud", flat=True)
    pruning: PruningSettings = section(
        PruningSettings, "thinning of the feature cloud", flat=("method", "dis_threshold", "quotient_threshold")
    )
    refinement: TrainingSettings = section(TrainingSettings, "training of the refinement network")
    hand_model: HandSettings = section(HandSettings, "points on the hand's surface")
    field: FieldSettings = section(FieldSettings, "interpolation of the features in space")
    alignment: AlignmentSettings = section(AlignmentSettings, "optimisation of the hand's pose")
    execution: ApproachSettings = section(ApproachSettings, "the path to the grasp, execution_traj.npy")
    pairs: PairSettings = section(PairSettings, "scenes of `sparsedff evaluate`; suites change some of these")
    physics: LiftSettings = section(LiftSettings, "lift trials of `sparsedff evaluate`")
    judge: JudgeSettings = section(JudgeSettings, "when `sparsedff evaluate` says held at the right place")
    camera: CameraSettings = section(CameraSettings, "cameras that take captures")
    check: CheckSettings = section(CheckSettings, "when `sparsedff check` finds fault with a capture")
    calibration: CalibrationSettings = section(CalibrationSettings, "calibration of cameras, table and robot")

    @property
    def effector(self) -> str:
        """Name of the end effector, or the path of its file."""
        return self.end_effector or MODES[self.mode]

    @property
    def newest_run(self) -> Path:
        """The link to the newest run, beside output_path."""
        return Path(self.output_path).parent / "output"

    @property
    def evaluations_path(self) -> Path:
        """Folder of the benchmark's results, beside output_path."""
        return Path(self.output_path).parent / "evaluations"

    @property
    def batches_path(self) -> Path:
        """Folder of batches, beside output_path."""
        return Path(self.output_path).parent / "batches"


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """Read a YAML file and apply key=value overrides; keys that are left out keep their defaults.

    A preset of the package is named by its word; a file that is not there and is the package's is read from there.

    Raises:
        ConfigError: no such file, no YAML, an unknown key, a wrong type, a value out of range; names key and value.
    """
    values = read_values(settings_file(path), overrides, Config)
    try:
        return build(Config, values)
    except ConfigError as error:
        raise ConfigError(f"{path}{' with overrides' if overrides else ''}: {error}") from None
