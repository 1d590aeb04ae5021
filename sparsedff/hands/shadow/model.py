"""The Shadow Hand as data: links, limits, collision primitives and meshes, from gymnasium-robotics' packaged MJCF.

MuJoCo parses the file; nothing of its physics is used here. Wrist and forearm are left out: the palm is the root.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.base import LinkMesh, Primitive
from sparsedff.hands.shadow.joints import JOINT_NAMES

PREFIX = "robot0:"
PALM = PREFIX + "palm"


@dataclass(frozen=True, eq=False)
class ShadowModel:
    """Everything the toolkit needs to know of the hand, in link frames.

    Attributes:
        mjcf: the model text, and `assets` the files it includes: what kinematics libraries parse.
        joint_limits: (22, 2) lower and upper [rad] in the order of JOINT_NAMES.
        primitives: collision geoms.
        meshes: visual meshes.
    """

    mjcf: str
    assets: dict[str, bytes]
    joint_limits: NDArray[np.float64]
    primitives: tuple[Primitive, ...]
    meshes: tuple[LinkMesh, ...]


def asset_folder() -> Path:
    """Folder of gymnasium-robotics' MJCF assets, found without importing the package (importing it prints a banner).

    Raises:
        HandError: the package is not installed or has no hand model.
    """
    spec = importlib.util.find_spec("gymnasium_robotics")
    folder = Path(spec.origin).parent / "envs" / "assets" if spec and spec.origin else None
    if folder is None or not (folder / "hand" / "reach.xml").exists():
        raise HandError(
            "the Shadow Hand model comes with gymnasium-robotics, which is missing: pip install gymnasium-robotics"
        )
    return folder


@lru_cache(maxsize=1)
def load_shadow_model() -> ShadowModel:
    """Read the packaged Shadow Hand once per process.

    Raises:
        HandError: the package is missing or its model has other joints than the paper's hand.
    """
    folder = asset_folder()
    mjcf = (folder / "hand" / "reach.xml").read_text().replace("../stls/hand", "").replace("../textures", "")
    files = [
        *(folder / "hand").glob("shared*.xml"),
        folder / "hand" / "robot.xml",
        *(folder / "stls" / "hand").glob("*.stl"),
    ]
    assets = {path.name: path.read_bytes() for path in files}
    model = mujoco.MjModel.from_xml_string(mjcf, assets)

    links = _links_below_palm(model)
    missing = [name for name in JOINT_NAMES if mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, PREFIX + name) < 0]
    if missing:
        raise HandError(f"gymnasium-robotics' hand lacks the joints {missing}; install the version of constraints.txt")
    limits = np.array([model.joint(PREFIX + name).range for name in JOINT_NAMES])
    primitives, meshes = [], []
    for index in range(model.ngeom):
        link = model.body(model.geom_bodyid[index]).name
        name = model.geom(index).name.removeprefix(PREFIX)
        if link not in links:
            continue
        link_from_geom = _matrix(model.geom_pos[index], model.geom_quat[index])
        if name.startswith("C_"):
            kind = {mujoco.mjtGeom.mjGEOM_CAPSULE: "capsule", mujoco.mjtGeom.mjGEOM_BOX: "box"}[model.geom_type[index]]
            primitives.append(Primitive(link, kind, link_from_geom, model.geom_size[index].copy()))
        elif model.geom_type[index] == mujoco.mjtGeom.mjGEOM_MESH:
            vertices, faces = _mesh(model, model.geom_dataid[index])
            # MuJoCo re-centres and re-orients mesh vertices; the geom's pose undoes it.
            placed = vertices @ link_from_geom[:3, :3].T + link_from_geom[:3, 3]
            meshes.append(LinkMesh(link, placed, faces))
    return ShadowModel(mjcf, assets, limits, tuple(primitives), tuple(meshes))


def _links_below_palm(model: mujoco.MjModel) -> set[str]:
    palm = model.body(PALM).id
    inside = {palm}
    for body in range(palm + 1, model.nbody):  # MuJoCo numbers bodies depth first: parents come before children
        if int(model.body_parentid[body]) in inside:
            inside.add(body)
    return {model.body(body).name for body in inside}


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
