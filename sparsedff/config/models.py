"""The sections of the configuration that concern foundation models; the rest is in config.py."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key


@dataclass(frozen=True)
class SamConfig:
    """The Segment Anything segmenter: where it is pointed, and how its mask grows."""

    model: str = key("vit_h", "vit_b, vit_l, vit_h, a folder in the hub's layout (SAM, SAM 2), or hub:OWNER/NAME")
    object_radius_m: float = key(0.2, "objects are sought where abs(x) and abs(y) are less [m]", above=0, at_most=10)
    upper_z_m: tuple[float, float] = key((0.02, 1.2), "[min, max] height of points on the object [m]", order="rising")
    upper_points: int = key(2, "prompts there; a view with too few such pixels is left out", at_least=1, at_most=100)
    lower_z_m: tuple[float, float] = key((0.005, 0.02), "[min, max] height of points on its foot [m]", order="rising")
    lower_points: int = key(2, "prompts there, where it is seen", at_least=0, at_most=100)
    lower_reach_m: float = key(0.01, "farthest that its foot may lie from it, seen from above [m]", above=0)
    edge_abs_x_m: float = key(0.4, "bare table is sought where abs(x) is less [m]", above=0, at_most=10)
    edge_abs_y_m: tuple[float, float] = key((0.37, 0.46), "[min, max] of abs(y) there [m]", at_least=0, order="rising")
    edge_z_m: tuple[float, float] = key((-0.02, 0.02), "[min, max] height there [m]", order="rising")
    edge_points: int = key(2, "prompts there that say no, where it is seen", at_least=0, at_most=100)
    min_candidates: int = key(20, "a region with fewer pixels is noise and gives no prompt", at_least=1)
    refinements: int = key(4, "how often the mask's extreme pixels become prompts", at_least=0, at_most=100)


@dataclass(frozen=True)
class FeaturesConfig:
    """Foundation models: DINOv2 and the like."""

    weights_path: str = key("thirdparty_module", "folder with official weights, see its README.md")
    preprocessing: str = key(
        "paper", "paper = RGB / 255, which the authors' network expects; imagenet", choices=("paper", "imagenet")
    )
    enlarge: bool = key(True, "bring crops of coarser cameras to the authors' image scale; false = as published")
    precision: str = key(
        "auto", "auto = bfloat16 on GPUs that have it, else float32", choices=("auto", "float32", "bfloat16")
    )
