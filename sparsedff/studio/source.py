"""The source of what the studio shows: a run, or captures to demonstrate on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sparsedff.common.schema_values import build
from sparsedff.config.config import Config
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.errors import ConfigError, HandError
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.demonstration import acting_demonstration, shown_hand
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import make_hand, open_capture, read_demonstration
from sparsedff.runs.read import SavedCloud, SavedRun, load_run
from sparsedff.transfer.starts import PALM_DOWN


@dataclass(frozen=True)
class Source:
    """The scenes that are open, with their settings.

    Attributes:
        config: settings of transfers that are started here; data1 and data2 are the captures shown.
        clouds: of the reference and of the test scene.
        demonstration: the hand to begin with on the reference.
        run: the run they come from, None for captures.
    """

    config: Config
    clouds: tuple[SavedCloud, SavedCloud]
    demonstration: HandPose
    run: SavedRun | None = None

    @property
    def names(self) -> tuple[str, str]:
        """Names of both captures."""
        if self.run is not None:
            return self.run.names
        return Path(self.config.data1).name, Path(self.config.data2 or "test").name


def open_source(name: str | None, config: Config) -> Source:
    """Open a run's folder or a capture.

    Args:
        name: of a run's folder, or of a capture (a path, or a name among `capture_paths`); None for the newest run, or
            where there is none the configuration's captures.
        config: settings; those of a run come from the run.

    Raises:
        SparseDFFError: there is neither, or it cannot be read.
    """
    newest = config.newest_run
    if name is None:
        return open_run(newest) if (newest / "points_0.npy").is_file() else open_captures(config)
    if (Path(name) / "points_0.npy").is_file():
        return open_run(Path(name), config)
    return open_captures(replace(config, data1=name))


def open_run(folder: Path, fallback: Config | None = None) -> Source:
    """A run as it was saved; the settings are the run's own, or `fallback` where it has none that are valid here."""
    run = load_run(folder)
    try:
        config = build(Config, run.report["config"])
    except (KeyError, ConfigError):  # the paper's release, or an older version with other keys
        config = fallback or Config()
    return Source(config, run.clouds, run.demonstration or _above(run.clouds[0], config), run)


def open_captures(config: Config) -> Source:
    """The feature clouds of data1 and data2, made as for a transfer between them, which finds them in the cache.

    Raises:
        ConfigError: data2 is null.
        SparseDFFError: a capture cannot be found, read or distilled.
    """
    if config.data2 is None:
        raise ConfigError(
            "data2: null (capture now) cannot be opened in the studio; give the name or path of a capture"
        )
    reference, test = (open_capture(name, config) for name in (config.data1, config.data2))
    distiller = make_distiller(config)
    known = _known_pose(config)
    hand = None if known is None else shown_hand(config).surface_of(known)
    first, second = distiller.distil_both((reference, test), hand)
    clouds = distiller.features((first.cloud, second.cloud))
    known = None if known is None else acting_demonstration(config, known, first.cloud.points)
    saved = _saved(clouds[0]), _saved(clouds[1])
    return Source(config, saved, known or _above(saved[0], config))


def _known_pose(config: Config) -> HandPose | None:
    """The configured demonstration, where the reference is the capture that it was shown on."""
    if config.data1 != Config().data1:
        return None
    try:
        return read_demonstration(config)
    except HandError:  # it is being authored: that there is none yet is no fault
        return None


def _above(cloud: SavedCloud, config: Config, height_m: float = 0.12) -> HandPose:
    """An open hand, palm down, over the object."""
    low, high = cloud.points.min(axis=0), cloud.points.max(axis=0)
    x, y = (low + high)[:2] / 2
    back = -0.09 * PALM_DOWN[:, 2]  # the palm's middle lies that far from its origin, along the fingers
    hand = make_hand(config)
    joints = hand.spec.posture({}, hand.limits_rad)
    return HandPose(np.array([x, y, high[2] + height_m]) + back, PALM_DOWN, joints)


def _saved(cloud: FeatureCloud) -> SavedCloud:
    return SavedCloud(cloud.points, cloud.features, cloud.colors, cloud.view_index)
