"""What the network is taught: fixed coordinates of every point of every family's template.

1. The kernel of two points of one template is the mean of Gaussians of their geodesic distance d, of 2, 5 and 12 cm.
   Points of two templates are joined by the shortest way over a link (links.py): d = d1(x, l) + d2(m(l), y).
2. Anchors are spread over every template. K (A, A) is the kernel of all of them.
3. Its largest eigenvalues and their vectors give coordinates phi(x) = k(x, anchors) V / sqrt(w) (Nystroem), whose inner
   products approximate the kernel.
4. One random rotation spreads the coordinates evenly over the channels, so that the L1 distance of two points, which
   the field's energy takes, grows with their geodesic distance as the L2 distance does.

They are taught by regression. There are no negatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from sparsedff.distill.backbones.learned.network import CHANNELS
from sparsedff.distill.spread import typical_l1
from sparsedff.learn.links import links
from sparsedff.learn.scenes import LearnScene
from sparsedff.learn.template import Template, make_template, spread_vertices

Float32 = NDArray[np.float32]

WIDTHS_M = (0.02, 0.05, 0.12)
ANCHORS = 260
ROTATION_SEED = 64


@dataclass(frozen=True, eq=False)
class Targets:
    """Coordinates of all templates.

    Attributes:
        templates: by the names of their families.
        coordinates: (V, channels) of each template's vertices, by the same names. Two random vertices of one template
            differ by 1 in mean L1 per channel.
    """

    templates: dict[str, Template]
    coordinates: dict[str, Float32]

    def at(self, family: str, points_template: NDArray[np.float64]) -> Float32:
        """Coordinates (N, channels) of points (N, 3) [m] in the frame of a family's template."""
        return self.coordinates[family][self.templates[family].nearest(points_template)]

    def of(self, scenes: Sequence[LearnScene]) -> list[Float32]:
        """Coordinates (N, channels) of all points of each scene."""
        return [self.at(scene.family, scene.template.astype(np.float64)) for scene in scenes]


def kernel(distances_m: NDArray[np.floating]) -> Float32:
    """Mean of Gaussians of distances [m], elementwise; 1 at distance 0, 0 at infinity."""
    d2 = np.minimum(np.asarray(distances_m, dtype=np.float32), np.float32(1e3)) ** 2
    total = np.zeros_like(d2)
    for width in WIDTHS_M:
        total += np.exp(d2 * np.float32(-0.5 / width**2))
    return np.asarray(total / len(WIDTHS_M), dtype=np.float32)


def make_targets(
    families: Sequence[str],
    channels: int = CHANNELS,
    anchors: int = ANCHORS,
    progress: Callable[[str], object] = lambda family: None,
) -> Targets:
    """Targets of these families.

    Args:
        families: names; grips of those alone are linked.
        channels: of the coordinates.
        anchors: a family.
        progress: told each family when it is measured.
    """
    templates = {family: make_template(family) for family in families}
    chosen = {family: spread_vertices(one.mesh.vertices, anchors) for family, one in templates.items()}
    rows: dict[str, list[Float32]] = {family: [] for family in families}
    within: dict[str, Float32] = {}
    for family, template in templates.items():
        within[family] = template.distances(chosen[family])
        progress(family)
    for other in families:  # columns of the kernel: the anchors of `other`
        for family in families:
            if family == other:
                rows[family].append(kernel(within[family].T))
            else:
                rows[family].append(kernel(_over_links(templates[family], templates[other], within[other])))
    tables = {family: np.concatenate(rows[family], axis=1) for family in families}
    square = np.concatenate([tables[family][chosen[family]] for family in families])
    size = len(square)
    values, vectors = eigh(0.5 * (square + square.T).astype(np.float64), subset_by_index=(size - channels, size - 1))
    rotation = np.linalg.qr(np.random.default_rng(ROTATION_SEED).normal(size=(channels, channels)))[0]
    # Columns of V / sqrt(w), turned: k(x, anchors) times this are the coordinates.
    extension = (vectors / np.sqrt(np.maximum(values, 1e-9))) @ rotation
    coordinates = {family: (table @ extension.astype(np.float32)) for family, table in tables.items()}
    scale = np.mean([typical_l1(values) for values in coordinates.values()])
    return Targets(templates, {family: (found / scale).astype(np.float32) for family, found in coordinates.items()})


def _over_links(first: Template, second: Template, anchors_to_second: Float32) -> Float32:
    """Distances (V1, A2) [m] from all vertices of the first template to the second's anchors, over the best link."""
    ours, theirs = links(first, second)
    result = np.full((len(first.mesh.vertices), len(anchors_to_second)), np.inf, dtype=np.float32)
    if not len(ours):
        return result
    to_links = first.distances(ours)  # (L, V1)
    onwards = anchors_to_second[:, theirs].T  # (L, A2)
    for there, rest in zip(to_links, onwards, strict=True):
        reached = np.flatnonzero(np.isfinite(there))
        result[reached] = np.minimum(result[reached], there[reached, None] + rest[None])
    return result
