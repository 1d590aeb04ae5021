"""The modes of the refinement network: how many layers there are and of which kind. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    """The layers of a refinement network.

    Attributes:
        layers: linear layers that all views share.
        per_view: whether each view has a linear layer of its own before them.
        rectified_views: whether a ReLU follows the layers of the views.
        head: whether the features end in a ReLU and a head for the loss follows.
    """

    layers: int
    per_view: bool = False
    rectified_views: bool = False
    head: bool = False


MODES = {
    "base": Mode(1),
    "thick": Mode(2),
    "juicy": Mode(3),
    "per_scene": Mode(1, per_view=True, rectified_views=True),
    "per_scene_thick": Mode(2, per_view=True),
    "glayer": Mode(2, head=True),
}
"""By the names on the command line and in the authors' files."""
