"""What is doubtful about the scenes of a transfer, said before the optimisation; what is certainly wrong is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Capture
from sparsedff.common.progress import say
from sparsedff.config.config import Config
from sparsedff.distill.distil import Distilled
from sparsedff.distill.undistort import undistort
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.distiller import TwoClouds
from sparsedff.prepare.inputs import make_hand
from sparsedff.quality.likeness import unlikeness
from sparsedff.quality.quick import doubt_about
from sparsedff.quality.scene import scene_check
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.shown_hand import shown_hand
from sparsedff.quality.verdict import DOUBTFUL, USABLE, WORDS
from sparsedff.quality.wrong import shown_wrongly, unlike


@dataclass(frozen=True, eq=False)
class Scrutiny:
    """Part of what was found of a transfer's scenes.

    Attributes:
        record: figures, by what was looked at.
        doubts: a sentence each, without "warning:".
    """

    record: dict[str, Any]
    doubts: tuple[str, ...]

    def __or__(self, other: Scrutiny) -> Scrutiny:
        return Scrutiny(self.record | other.record, self.doubts + other.doubts)

    @property
    def lines(self) -> tuple[str, ...]:
        """For the terminal."""
        return tuple(f"warning: {doubt}" for doubt in self.doubts)

    @property
    def verdict(self) -> str:
        """Of the test scene: usable, doubtful or unusable; no better than doubtful where there is any doubt."""
        words = [self.record["test"]["verdict"], DOUBTFUL if self.doubts else USABLE]
        return max(words, key=WORDS.index)

    def report(self) -> dict[str, Any]:
        """For result.json."""
        return {"checks": self.record, "doubts": list(self.doubts)}


def look_at_reference(config: Config, capture: Capture, scene: Distilled, pose: HandPose) -> Scrutiny:
    """Look at the reference and the hand that was shown on it; doubts are said on stderr.

    Raises:
        HandError: the hand is nowhere near the object, or deep inside it.
    """
    hand = make_hand(config).surface_of(pose)
    found = of_hand(config.check, hand, scene) | of_scene(config, capture, scene, "reference")
    say(found.lines)
    return found


def look_at_test(config: Config, capture: Capture, scene: Distilled, pose: HandPose, clouds: TwoClouds) -> Scrutiny:
    """Look at a test scene, and for what the demonstrated hand holds in it; doubts are said on stderr."""
    hand = make_hand(config).surface_of(pose)
    found = of_scene(config, capture, scene, "test") | of_features(config.check, hand, clouds)
    say(found.lines)
    return found


def of_scene(config: Config, capture: Capture, distilled: Distilled, which: str) -> Scrutiny:
    """Whether a capture's cameras and object agree. `which` is the record's key: `reference` or `test`."""
    seen = {one.index: one for one in distilled.views}
    views = [seen[i].view if i in seen else undistort(view) for i, view in enumerate(capture.views)]
    masks = [seen[i].mask if i in seen else np.zeros(view.depth_m.shape, bool) for i, view in enumerate(views)]
    points = len(distilled.cloud)
    found = scene_check(capture.name, views, masks, points, config.distil.workspace, config.check)
    return Scrutiny({which: found}, doubt_about(found))


def of_hand(limits: CheckSettings, hand: NDArray[np.floating], reference: Distilled) -> Scrutiny:
    """Where the demonstrated hand, surface points (N, 3) [m], lies to the reference object.

    Raises:
        HandError: nowhere near it, or deep inside it.
    """
    shown = shown_hand(np.asarray(hand, dtype=np.float64), reference.views)
    figures = {"off_mm": round(1000 * shown.nearest_m, 2), "inside_mm": round(1000 * shown.inside_m, 2)}
    return Scrutiny({"hand": figures}, tuple(shown_wrongly(shown, limits)))


def of_features(limits: CheckSettings, hand: NDArray[np.floating], clouds: TwoClouds) -> Scrutiny:
    """Whether anything on the test object looks like what the demonstrated hand holds."""
    share = unlikeness(*clouds, hand)
    return Scrutiny({"unlike": round(share, 4)}, tuple(unlike(share, limits)))
