"""The text of a hand's model as MJCF, from a file, a package or a gripper's measures, and the files that it names."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import mujoco

from sparsedff.errors import HandError
from sparsedff.files.opened import read_bytes
from sparsedff.hands.gripper import gripper_mjcf
from sparsedff.hands.spec import EndEffector, ModelSource

REMEDY = "name the model's file and its folders of assets in the end effector's file"
_ASSETS = {".xml", ".urdf", ".stl", ".obj", ".msh"}
_MOST_BYTES = 64 << 20


def model_text(spec: EndEffector) -> tuple[str, dict[str, bytes]]:
    """MJCF and the files that it names, without their folders: they lie in one dictionary.

    Raises:
        HandError: a file is missing, or MuJoCo cannot read a URDF.
    """
    source = spec.source
    if source.gripper:
        return gripper_mjcf(source.gripper), {}
    assets = {path.name: read_bytes(path, HandError, REMEDY, most=_MOST_BYTES) for path in _files(source)}
    if Path(source.file).name not in assets:
        raise HandError(f"{spec.name}: no {source.file} in {source.package or source.beside}; {REMEDY}")
    text = assets[Path(source.file).name].decode("utf-8", errors="replace")
    if "<robot" in text:
        return _from_urdf(spec, text, assets), assets
    return re.sub(r'(meshdir|texturedir|assetdir)="[^"]*"', r'\1=""', text), assets


def _files(source: ModelSource) -> list[Path]:
    root = package_folder(source.package) if source.package else source.beside
    folders = [root / folder for folder in source.assets]
    return [path for folder in folders for path in sorted(folder.glob("*")) if path.suffix.lower() in _ASSETS]


def package_folder(package: str) -> Path:
    """Where an installed package lies, found without importing it: importing may print a banner, or take seconds.

    Raises:
        HandError: it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.origin:
        name = package.replace("_", "-")
        raise HandError(f"the hand's model comes with {name}, which is missing: pip install {name}")
    return Path(spec.origin).parent


def _from_urdf(spec: EndEffector, text: str, assets: dict[str, bytes]) -> str:
    """The same as MJCF. Links that do not move stay links, and meshes are found by their names alone."""
    plain = re.sub(r'filename="(?:[^"]*/)?([^"/]*)"', r'filename="\1"', text)
    options = '<mujoco><compiler fusestatic="false" discardvisual="false" strippath="true"/></mujoco>'
    try:
        return str(
            mujoco.MjSpec.from_string(
                re.sub(r"(<robot[^>]*>)", rf"\1{options}", plain, count=1), assets=assets
            ).to_xml()
        )
    except ValueError as error:
        raise HandError(
            f"{spec.name}: MuJoCo cannot read its URDF ({' '.join(str(error).split())}); {REMEDY}"
        ) from None
