"""Points of two families' templates that belong together, because a hand holds both alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import apply, inverse
from sparsedff.learn.template import Index, Template, spread_vertices
from sparsedff.synthetic.families.cross_family import BARS, RIMS, correspond_across, partners
from sparsedff.synthetic.families.registry import family_of

LINKS = 50
"""Linked points a direction of a pair of grips."""
RIM_M = 0.05
"""A rim is what lies at most this far below the edge [m]."""
BACK_M = 0.008
"""A link is kept if the way there and back ends this near [m]."""
_MARGIN = 1.1  # points this much farther out than the piece of a bar still belong to it


def links(first: Template, second: Template) -> tuple[Index, Index]:
    """Vertices (L,) of the first template and those (L,) of the second that correspond; empty where nothing does."""
    ours, theirs = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for task in tasks_of(first.family):
        for _, other in (found for found in partners(first.family, task, (second.family,))):
            there = _one_way(first, second, task, other)
            back = _one_way(second, first, other, task)
            ours += [there[0], back[1]]
            theirs += [there[1], back[0]]
    return np.concatenate(ours), np.concatenate(theirs)


def tasks_of(family: str) -> tuple[str, ...]:
    """Names of a family's tasks."""
    return tuple(family_of(family).tasks)


def _one_way(source: Template, target: Template, task: str, other: str) -> tuple[Index, Index]:
    """Links from points spread over the source's grip."""
    held = np.flatnonzero(grip(source, task))
    chosen = held[spread_vertices(source.mesh.vertices[held], LINKS)]
    points = source.mesh.vertices[chosen]
    mapped = correspond_across(source.shape, target.shape, task, other, points)
    back = correspond_across(target.shape, source.shape, other, task, mapped)
    good = np.linalg.norm(back - points, axis=1) < BACK_M
    return chosen[good], target.nearest(mapped[good])


def grip(template: Template, task: str) -> NDArray[np.bool_]:
    """Which vertices (V,) belong to what a hand holds; of plush animals all of them correspond."""
    key, vertices = (template.family, task), template.mesh.vertices
    part_id = template.mesh.part_id
    names = [part.name for part in template.shape.parts]
    if key in BARS:
        index = names.index(BARS[key].part)
        object_from_bar, half = BARS[key].frame(template.shape.parts[index])
        local = apply(inverse(object_from_bar), vertices)
        return np.asarray((part_id == index) & np.all(np.abs(local) <= _MARGIN * half, axis=1))
    if key in RIMS:
        body = part_id == names.index("body")
        return np.asarray(body & (vertices[:, 2] > vertices[body, 2].max() - RIM_M))
    return np.ones(len(vertices), dtype=bool)
