"""A hand's model as data: links, limits, collision primitives and meshes, whatever MJCF or URDF they come from.

MuJoCo parses the file; nothing of its physics is used here. What the root hangs on is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mujoco
import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.base import LinkMesh, Primitive
from sparsedff.hands.model_text import REMEDY, model_text
from sparsedff.hands.spec import EndEffector
from sparsedff.hands.tessellate import merged, primitive_distance, primitive_mesh

_SKIN_M = 5e-4  # facets of a capsule lie that deep in it at most
_KINDS = {
    mujoco.mjtGeom.mjGEOM_CAPSULE: "capsule",
    mujoco.mjtGeom.mjGEOM_SPHERE: "capsule",
    mujoco.mjtGeom.mjGEOM_BOX: "box",
}


@dataclass(frozen=True, eq=False)
class HandModel:
    """Everything the toolkit needs to know of a hand, in link frames.

    Attributes:
        mjcf: the model text, and `assets` the files it includes: what kinematics libraries parse.
        joint_limits: (J, 2) lower and upper [rad, m] in the layout's order.
        sliding: (J,) True for joints in metres.
        primitives: collision geoms.
        meshes: visual meshes, one a link; of models without any, the surfaces of the primitives.
        solid: whether the meshes are those surfaces, parts of which lie inside others.
    """

    mjcf: str
    assets: dict[str, bytes]
    joint_limits: NDArray[np.float64]
    sliding: NDArray[np.bool_]
    primitives: tuple[Primitive, ...]
    meshes: tuple[LinkMesh, ...]
    solid: bool

    def inside(self, mesh: LinkMesh, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(N,) whether points (N, 3) [m] of a link's mesh lie inside a primitive of that link."""
        own = [primitive for primitive in self.primitives if primitive.link == mesh.link]
        return np.any([primitive_distance(primitive, points) < -_SKIN_M for primitive in own], axis=0)


@lru_cache(maxsize=8)
def load_model(spec: EndEffector) -> HandModel:
    """Read a hand's model, once per process and spec.

    Raises:
        HandError: the package or a file is missing, MuJoCo refuses the model, or it lacks what the spec names.
    """
    mjcf, assets = model_text(spec)
    try:
        model = mujoco.MjModel.from_xml_string(mjcf, assets)
    except ValueError as error:
        raise HandError(
            f"{spec.name}: MuJoCo cannot read its model ({' '.join(str(error).split())}); {REMEDY}"
        ) from None
    links = _links_below(model, spec)
    primitives, meshes = [], []
    for index in range(model.ngeom):
        link = model.body(model.geom_bodyid[index]).name
        if link not in links:
            continue
        link_from_geom = _matrix(model.geom_pos[index], model.geom_quat[index])
        if is_collision(spec, model.geom(index).name, model.geom_type[index] == mujoco.mjtGeom.mjGEOM_MESH):
            kind = _KINDS.get(model.geom_type[index])
            if kind is None:
                name = mujoco.mjtGeom(model.geom_type[index]).name.removeprefix("mjGEOM_").lower()
                raise HandError(
                    f"{spec.name}: a collision geom of {link} is a {name}; capsules, spheres and boxes serve"
                )
            size = model.geom_size[index].copy()
            if model.geom_type[index] == mujoco.mjtGeom.mjGEOM_SPHERE:
                size[1:] = 0.0
            primitives.append(Primitive(link, kind, link_from_geom, size))
        elif model.geom_type[index] == mujoco.mjtGeom.mjGEOM_MESH:
            vertices, faces = _mesh(model, model.geom_dataid[index])
            # MuJoCo re-centres and re-orients mesh vertices; the geom's pose undoes it.
            placed = vertices @ link_from_geom[:3, :3].T + link_from_geom[:3, 3]
            meshes.append(LinkMesh(link, placed, faces))
    if not primitives:
        raise HandError(f"{spec.name}: its model has no collision geom below {spec.root}; {REMEDY}")
    _check_names(spec, links, {each.link for each in meshes or primitives})
    solid = not meshes
    shown = merged(meshes or [primitive_mesh(each) for each in primitives])
    limits, sliding = _limits(model, spec)
    return HandModel(mjcf, assets, limits, sliding, tuple(primitives), shown, solid)


def is_collision(spec: EndEffector, name: str, is_mesh: bool) -> bool:
    """Whether a geom stands for the hand's solid."""
    short = name.removeprefix(spec.prefix)
    return short.startswith(spec.collision) if spec.collision else not is_mesh


def _links_below(model: mujoco.MjModel, spec: EndEffector) -> set[str]:
    root = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, spec.link(spec.root))
    if root < 0:
        raise HandError(f"{spec.name}: its model has no link {spec.link(spec.root)}, the root")
    inside = {root}
    for body in range(root + 1, model.nbody):  # MuJoCo numbers bodies depth first: parents come before children
        if int(model.body_parentid[body]) in inside:
            inside.add(body)
    return {model.body(body).name for body in inside}


def _check_names(spec: EndEffector, links: set[str], solid: set[str]) -> None:
    for link in (*spec.tips, *spec.middles, *spec.inner):
        if spec.link(link) not in links:
            raise HandError(f"{spec.name}: its model has no link {spec.link(link)} below {spec.root}")
        if spec.link(link) not in solid:
            raise HandError(f"{spec.name}: the link {spec.link(link)} has no geom, and so it cannot touch anything")


def _limits(model: mujoco.MjModel, spec: EndEffector) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Ranges of the layout's joints; a joint that others follow goes no further than they can."""
    limits = np.tile([-np.inf, np.inf], (len(spec.layout), 1))
    sliding = np.zeros(len(spec.layout), dtype=bool)
    own = [(name, name, 1.0, 0.0) for name in spec.layout.names if not _only_leads(model, spec, name)]
    for joint, leader, ratio, offset in (*own, *((f.joint, f.leader, f.ratio, f.offset) for f in spec.followers)):
        number = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, spec.prefix + joint)
        if number < 0:
            remedy = f"; install {spec.source.package} of constraints.txt" if spec.source.package else ""
            raise HandError(f"{spec.name}: its model lacks the joint {spec.prefix + joint}{remedy}")
        if not model.jnt_limited[number] or ratio == 0:
            raise HandError(f"{spec.name}: the joint {joint} needs limits, and a ratio other than 0")
        index = spec.layout.index(leader)
        low, high = np.sort((model.jnt_range[number] - offset) / ratio)
        limits[index] = max(limits[index, 0], low), min(limits[index, 1], high)
        sliding[index] = model.jnt_type[number] == mujoco.mjtJoint.mjJNT_SLIDE
    return limits, sliding


def _only_leads(model: mujoco.MjModel, spec: EndEffector, name: str) -> bool:
    """Whether a joint is in no model: a number that others follow, as a gripper's opening."""
    there = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, spec.prefix + name) >= 0
    return not there and any(follower.leader == name for follower in spec.followers)


def _mesh(model: mujoco.MjModel, index: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    vertex, face = model.mesh_vertadr[index], model.mesh_faceadr[index]
    vertices = model.mesh_vert[vertex : vertex + model.mesh_vertnum[index]].astype(np.float64)
    return vertices, model.mesh_face[face : face + model.mesh_facenum[index]].astype(np.int64)


def _matrix(position: NDArray, quaternion_wxyz: NDArray) -> NDArray[np.float64]:
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, quaternion_wxyz)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation.reshape(3, 3), position
    return matrix
