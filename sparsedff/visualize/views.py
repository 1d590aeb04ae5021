"""The choice of viewing angles that show both the hand and the object it holds."""

from __future__ import annotations

import numpy as np

from sparsedff.visualize.drawing import Drawing, Mesh, Path3D
from sparsedff.visualize.raytrace.buffers import draw_buffers
from sparsedff.visualize.raytrace.stage import Stage
from sparsedff.visualize.raytrace.viewpoint import frame_points

ViewAngles = tuple[float, float]  # azimuth and elevation of the eye [rad]

_ELEVATIONS = (0.38, 0.62)  # first and second view [rad]
_APART = 1.2  # least turn between the two views [rad]
_CANDIDATES = 16
_GLANCE = (96, 64)  # [px] enough to count what is visible


def choose_views(*stages: Stage) -> list[tuple[ViewAngles, ViewAngles]]:
    """Two views of each drawing in which much of every item is visible.

    The views of further drawings are those of the first turned with the hand, so that a hand that holds its object the
    same way looks the same in all columns.

    Returns:
        two views a drawing.
    """
    turns = [hand_turn(stages[0].drawing, stage.drawing) for stage in stages]
    azimuths = 2 * np.pi * (np.arange(_CANDIDATES) + 0.3) / _CANDIDATES  # none along an axis, which would hide
    middle = sum(_ELEVATIONS) / 2
    pairs = list(zip(stages, turns, strict=True))
    scores = np.array([np.prod([visibility(stage, (a + turn, middle)) for stage, turn in pairs]) for a in azimuths])
    best = azimuths[scores.argmax()]
    away = np.abs((azimuths - best + np.pi) % (2 * np.pi) - np.pi)
    chosen = (float(best), float(azimuths[np.where(away >= _APART, scores, -1.0).argmax()]))
    first, second = zip(chosen, _ELEVATIONS, strict=True)
    return [((first[0] + turn, first[1]), (second[0] + turn, second[1])) for turn in turns]


def visibility(stage: Stage, view: ViewAngles) -> float:
    """Geometric mean of the shares of the picture that the drawing's meshes and clouds fill; 0 if one is hidden."""
    viewpoint = frame_points(stage.extent(), *view, _GLANCE)
    item = draw_buffers(stage, viewpoint).item
    shares = [(item == i).mean() for i, it in enumerate(stage.drawing.items) if not isinstance(it, Path3D)]
    return float(np.prod(shares) ** (1 / len(shares)))


def hand_turn(reference: Drawing, test: Drawing) -> float:
    """Turn about the vertical [rad] that best carries the reference's hand to the test's, by least squares.

    The hands are the meshes with "hand" in their names. Without one in each, with equally many vertices, it is 0.
    """
    hand, other = _hand(reference), _hand(test)
    if hand is None or other is None or len(hand.vertices) != len(other.vertices):
        return 0.0
    a = hand.vertices[:, :2] - hand.vertices[:, :2].mean(axis=0)
    b = other.vertices[:, :2] - other.vertices[:, :2].mean(axis=0)
    return float(np.arctan2((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum(), (a * b).sum()))


def _hand(drawing: Drawing) -> Mesh | None:
    """The first mesh whose name holds "hand"."""
    return next((item for item in drawing.items if isinstance(item, Mesh) and "hand" in item.name.lower()), None)
