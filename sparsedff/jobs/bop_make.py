"""A BOP data set of a procedural object: random scenes with the sensor's noise, every pose known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.bop.captures import save_views
from sparsedff.bop.frame import Instance
from sparsedff.bop.images import MASK, MASK_VISIBLE, write_mask
from sparsedff.bop.metrics.silhouette import Silhouette
from sparsedff.bop.models import Axis, ModelInfo, info_of, mesh_path, write_mesh, write_models_info
from sparsedff.bop.visibility import Mask, visibility_of
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Rig, RigCamera
from sparsedff.common.atomic import new_folder
from sparsedff.common.progress import bar
from sparsedff.errors import BopError
from sparsedff.geometry import Float, inverse, transform
from sparsedff.synthetic.families.registry import Family, family_of
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.synthetic.pairs import noise_of, standing
from sparsedff.synthetic.rendering.rays import pixel_grid, rays_camera, resize_rig
from sparsedff.synthetic.rendering.render import OBJECT, Renderer
from sparsedff.synthetic.rendering.rigs import off_calibration, rig_of
from sparsedff.synthetic.rendering.scene import PlacedObject
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.rendering.surroundings import surround
from sparsedff.synthetic.sample import RIG_FOLDER

OBJ_ID = 1


@dataclass(frozen=True, eq=False)
class _Thing:
    """The family's reference member as the data set's model.

    Attributes:
        family: its family.
        placed: at the table's middle.
        object_from_model: (4, 4), because a BOP model's origin is the middle of the box around it.
        info: with the shape's symmetries; the print on it may differ.
        silhouette: of its mesh, in the model's frame.
    """

    family: Family
    placed: PlacedObject
    object_from_model: Float
    info: ModelInfo
    silhouette: Silhouette


def make(name: str, scenes: int, folder: Path, split: str, seed: int, settings: PairSettings) -> Iterator[str]:
    """Write the data set, whole or not at all; yields lines as they become true.

    A scene is one moment of the rig: an image a camera. The object stands anywhere within `shift_m`, at any yaw.

    Args:
        name: of the family; its reference member is object 1.
        scenes: how many.
        folder: must not exist.
        split: name of the folder of scenes.
        seed: of everything.
        settings: image size, cameras, noise and surroundings.

    Raises:
        SparseDFFError: no such family, no scene, or the folder exists.
    """
    if scenes < 1:
        raise BopError(f"bop make: needs at least one scene, got {scenes}")
    family = family_of(name)
    try:
        with new_folder(folder) as partial:
            (partial / "models").mkdir()
            thing = _thing(family, partial / "models")
            pinholes = SimulatedRig(_without_distortion(rig_of(_rig(settings.width_px), settings.cameras)))
            with bar(scenes * len(pinholes.rig.cameras), "render", "image") as shown:
                for number in range(1, scenes + 1):
                    scene = partial / split / f"{number:06d}"
                    scene.mkdir(parents=True)
                    _make_scene(thing, pinholes, scene, settings, np.random.default_rng([seed, number]), shown.update)
    except FileExistsError:
        raise BopError(f"{folder}: exists; data sets are never overwritten, choose another --output") from None
    yield f"data set: {folder}: {scenes} scenes of {len(pinholes.rig.cameras)} images in {split}/, object 1 is a {name}"


def _make_scene(
    thing: _Thing,
    cameras: SimulatedRig,
    folder: Path,
    settings: PairSettings,
    rng: np.random.Generator,
    after_view: Callable[[], object],
) -> None:
    middle, yaw = rng.uniform(-settings.shift_m, settings.shift_m, 2), float(rng.uniform(-np.pi, np.pi))
    family = thing.family
    placed = standing(family, family.reference, (float(middle[0]), float(middle[1])), yaw)
    scene = surround(placed, settings.around, cameras.rig, rng)
    seed = tuple(int(word) for word in rng.integers(0, 2**31, 2))
    capture = cameras.take(folder.name, scene, noise_of(settings), seed, after_view)
    poses = [
        inverse(view.world_from_camera) @ placed.world_from_object @ thing.object_from_model for view in capture.views
    ]
    renderer = Renderer(scene)
    instances = []
    for im_id, (camera, pose, view) in enumerate(zip(cameras.rig.cameras, poses, capture.views, strict=True)):
        outline = thing.silhouette.distance(pose, view.intrinsics, view.image_size) > 0
        shown = outline & _shown(renderer, camera, cameras.rig)
        instances.append([Instance(OBJ_ID, pose, visibility_of(outline, shown, view.depth_m))])
        write_mask(outline, folder, MASK, im_id, 0)
        write_mask(shown, folder, MASK_VISIBLE, im_id, 0)
    save_views(off_calibration(capture, settings.calibration_off_mm, rng).views, folder, instances)


def _thing(family: Family, folder: Path) -> _Thing:
    """The model, whose files are written into the models folder."""
    placed = standing(family, family.reference, (0.0, 0.0), 0.0)
    middle = placed.mesh_object.bounds.mean(axis=0)
    colors = _bytes(placed.albedo(placed.mesh_world.vertices))
    mesh = trimesh.Trimesh(placed.mesh.vertices - middle, placed.mesh.faces, vertex_colors=colors, process=False)
    discrete, continuous = _symmetries(family.symmetry_of(placed.shape), -middle)
    info = info_of(mesh, discrete, continuous)
    write_mesh(mesh, mesh_path(folder, OBJ_ID))
    write_models_info({OBJ_ID: info}, folder)
    return _Thing(family, placed, transform(np.eye(3), middle), info, Silhouette(mesh))


def _symmetries(turns: int, point: Float) -> tuple[tuple[Float, ...], tuple[Axis, ...]]:
    """Symmetries about the vertical through a point (3,) [m] of the model, `turns` as of `Family.symmetry`."""
    up = np.array([0.0, 0.0, 1.0])
    if turns == 0:
        return (), (Axis(up, np.array([point[0], point[1], 0.0])),)
    found = []
    for turn in 2 * np.pi * np.arange(1, turns) / turns:
        c, s = np.cos(turn), np.sin(turn)
        about = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        found.append(transform(about, point - about @ point))
    return tuple(found), ()


def _shown(renderer: Renderer, camera: RigCamera, rig: Rig) -> Mask:
    """Where (H, W) the scene's own object is the first thing that a camera sees."""
    rays, _ = rays_camera(camera, pixel_grid(camera.image_size))
    pose = rig.world_from_camera(camera.serial)
    hits = renderer.cast(pose[:3, 3], rays @ pose[:3, :3].T)
    width, height = camera.image_size
    return ((hits.kind == OBJECT) & (hits.thing == 0)).reshape(height, width)


def _bytes(albedo: Float) -> NDArray[np.uint8]:
    """Colours of 8 bits (N, 3) as a white light shows them."""
    return np.asarray(np.rint(255 * np.clip(albedo, 0, 1) ** (1 / 2.2)), dtype=np.uint8)


def _rig(width_px: int) -> Rig:
    return resize_rig(load_rig(RIG_FOLDER), width_px)


def _without_distortion(rig: Rig) -> Rig:
    """The same cameras as pinholes, which is what BOP's are."""
    return Rig(tuple(replace(camera, distortion=np.zeros(8)) for camera in rig.cameras), rig.cam0_from_world)
