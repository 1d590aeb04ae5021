"""Every example runs as it is written, on captures of a box instead of the packaged sample."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from sparsedff import finished
from sparsedff.distill.backbones.registry import BACKBONES
from tests.support.paths import REPOSITORY
from tests.support.small_world import QUICK, bare_table, make_world

EXAMPLES = REPOSITORY / "examples"
SETTINGS = {
    key: value if re.match(r"[a-z]*$", value) and value != "null" else json.loads(value)
    for key, _, value in (word.partition("=") for word in QUICK)
    if not value.startswith("[phy")
} | {"img_preprocess": ["physics", "physics"]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    make_world(folder)
    bare_table(folder, "bare")
    return folder


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Outside of the repository, as whoever installed the package."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(finished, "draw_result", lambda *_, **__: None)
    return tmp_path


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    spec.loader.exec_module(module)
    return module


def arguments(world: Path) -> dict[str, Any]:
    return {
        "reference": str(world / "shown"),
        "test": str(world / "test"),
        "pose": str(world / "ref_pose_box.npy"),
        "settings": {**SETTINGS, "cache_path": str(world / "cache")},
    }


def test_all_are_listed_and_tested() -> None:
    listed = set(re.findall(r"\]\((\w+\.(?:py|ipynb))\)", (EXAMPLES / "README.md").read_text()))
    assert listed == {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb")}
    mine = Path(__file__).read_text()
    assert all(f'"{name.partition(".")[0]}' in mine for name in listed)


def test_own_arrays(world: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = load("own_arrays", monkeypatch)
    result = module.main(**arguments(world))
    (saved,) = (place / "data" / "runs").iterdir()
    np.testing.assert_array_equal(np.load(saved / "best_X.npy"), result.pose.row())
    body = (EXAMPLES / "own_arrays.py").read_text().partition("def arrays_of_yours")[2].partition("if __name__")[0]
    assert len([line for line in body.splitlines() if line.strip()]) <= 20


def test_new_backbone(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(BACKBONES._entries)
    try:
        result = load("new_backbone", monkeypatch).main(**arguments(world))
    finally:
        BACKBONES._entries = before
    assert result.finished.done.clouds[0].features.shape[1] == 5
    assert result.finished.distiller.record()["backbone"] == "height_and_color"


def test_robot_loop(world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    module, given = load("robot_loop", monkeypatch), arguments(world)
    given["tests"] = (given.pop("test"), str(world / "bare"))
    module.FARTHEST_M = 1.0
    robot, left = module.main(**given)
    assert left == 1 and "no view shows an object" in capsys.readouterr().out
    poses, joints = zip(*robot.sent, strict=True)
    assert len(poses) > 1 and all(pose.shape == (4, 4) for pose in poses) and joints[0].shape == (22,)
    module.FARTHEST_M = -1.0
    given["tests"] = given["tests"][:1]
    robot, left = module.main(**given)
    assert left == 1 and not robot.sent


def test_feature_field(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = arguments(world)
    given["test"] = given["reference"]  # the same scene: the same point is the most similar one
    touched, match = load("feature_field", monkeypatch).main(**given)
    assert np.linalg.norm(touched - match) < 0.02


@pytest.mark.long
def test_agreement(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spread, energies = load("agreement", monkeypatch).main(**arguments(world), seeds=2)
    assert 0 < spread < 0.2 and len(energies) == 2


def test_first_transfer_notebook(world: Path, place: Path) -> None:
    """Cell after cell in one namespace, as a kernel does; the cell tagged `parameters` is ours."""
    book = json.loads((EXAMPLES / "first_transfer.ipynb").read_text())
    namespace: dict[str, Any] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), namespace)
            assert not cell["outputs"] and cell["execution_count"] is None, "saved without outputs"
        if "parameters" in cell["metadata"].get("tags", ()):
            namespace |= arguments(world)
    assert (place / namespace["folder"] / "result.json").is_file()
