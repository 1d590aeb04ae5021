"""What a BOP data set says of one image: its camera, and the objects annotated in it, in metres."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.geometry import Float

Box = tuple[int, int, int, int]
"""Left column, upper row, width and height [px]; -1 -1 -1 -1 where nothing is seen."""

NOWHERE: Box = (-1, -1, -1, -1)


@dataclass(frozen=True, eq=False)
class FrameCamera:
    """The camera of one image, a pinhole without distortion.

    Attributes:
        intrinsics: (3, 3) [px].
        depth_unit_m: length of one unit of the depth image [m].
        camera_from_world: (4, 4), None where the data set does not say.
    """

    intrinsics: Float
    depth_unit_m: float
    camera_from_world: Float | None = None


@dataclass(frozen=True)
class Visibility:
    """How much of an object is seen in an image.

    Attributes:
        bbox_obj, bbox_visib: boxes around its silhouette and the part of that which is seen.
        px_count_all: pixels of the silhouette.
        px_count_valid: those with a depth reading.
        px_count_visib: those that show the object.
        visib_fract: px_count_visib / px_count_all.
    """

    bbox_obj: Box
    bbox_visib: Box
    px_count_all: int
    px_count_valid: int
    px_count_visib: int
    visib_fract: float


@dataclass(frozen=True, eq=False)
class Instance:
    """An object in an image.

    Attributes:
        obj_id: which model.
        camera_from_model: (4, 4) [m].
        visibility: None where the data set does not say.
    """

    obj_id: int
    camera_from_model: Float
    visibility: Visibility | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """One image of a scene.

    Attributes:
        im_id: its number.
        camera: that took it.
        instances: annotated objects, in the file's order, which is that of the masks.
    """

    im_id: int
    camera: FrameCamera
    instances: tuple[Instance, ...] = ()
