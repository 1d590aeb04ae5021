"""Settings of distillation: where objects are looked for, how they are segmented, and which features are taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.common.schema import key, section
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.segmentation.registry import SEGMENTERS


@dataclass(frozen=True)
class Workspace:
    """The box over the table in which objects are looked for, world frame, [min, max] in metres per axis."""

    x: tuple[float, float] = key((-0.42, 0.42), "[min, max] in m, along the table", order="rising")
    y: tuple[float, float] = key((-0.56, 0.56), "[min, max] in m, across the table", order="rising")
    z: tuple[float, float] = key((-0.2, 0.8), "[min, max] in m, up from the table", order="rising")

    def contains(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(...) True where points (..., 3) [m] lie inside."""
        low, high = np.array([self.x, self.y, self.z]).T
        return ((points > low) & (points < high)).all(axis=-1)


@dataclass(frozen=True)
class PhysicsSettings:
    """The physics segmenter: what stands on the table."""

    plane_tolerance_m: float = key(0.01, "distance from the table plane that still is table [m]", above=0, at_most=0.2)
    min_height_m: float = key(0.02, "objects are what is higher over the table [m]", at_least=0, at_most=1)
    plane_max_tilt_deg: float = key(20.0, "greatest tilt of the table against z [deg]", above=0, at_most=90)
    ransac_iterations: int = key(200, "planes tried per view", at_least=1, at_most=100_000)
    min_object_pixels: int = key(50, "a smaller connected region is noise", at_least=1)
    max_depth_step_m: float = key(0.02, "pixels whose depth jumps more to a neighbour are flying pixels [m]", above=0)


@dataclass(frozen=True)
class SamSettings:
    """The Segment Anything segmenter: where it is prompted, and how its mask grows."""

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
class FeatureSettings:
    """Weights of the backbones, and how foundation models (DINOv2 and the like) are run."""

    weights_path: str = key("thirdparty_module", "folder with official weights, see its README.md")
    learned_weights: str | None = key(None, "weights of `learned`, as sparsedff learn add writes; null = the package's")
    preprocessing: str = key(
        "paper", "paper = RGB / 255, which the authors' network expects; imagenet", choices=("paper", "imagenet")
    )
    enlarge: bool = key(True, "bring crops of coarser cameras to the authors' image scale; false = as published")
    precision: str = key(
        "auto", "auto = bfloat16 on GPUs that have it, else float32", choices=("auto", "float32", "bfloat16")
    )


@dataclass(frozen=True)
class DistilSettings:
    """Capture to raw feature cloud."""

    img_preprocess: tuple[str, str] = key(
        ("auto", "auto"),
        "segmentation of data1 and data2; auto = sam where its weights are, else physics",
        choices=(*SEGMENTERS.names, "auto"),
    )
    backbone: str = key(
        "auto",
        "handcrafted (no weights), learned (weights in the package), learned_only (without the embedded descriptors), "
        "dinov2_vit[s,b,l,g]14 or the same with _reg, a folder in the hub's layout, "
        "hub:OWNER/NAME; auto = dinov2_vitb14 where its weights are, else learned",
    )
    cache_path: str | None = key("data/cache", "folder that keeps distilled clouds; null = distil anew each time")
    scale: int = key(14, "one feature per square of this many pixels", at_least=1, at_most=512)
    workspace: Workspace = section(Workspace, "box in the table's frame in which objects are looked for")
    segmentation: PhysicsSettings = section(PhysicsSettings, "segmentation without weights (physics)")
    sam: SamSettings = section(SamSettings, "segmentation by Segment Anything (sam)")
    object: ObjectSettings = section(ObjectSettings, "which of the things in the workspace is the object")
    features: FeatureSettings = section(FeatureSettings, "features of foundation models")
