"""A package that only a part needs is missed in one line that names the extra."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from sparsedff.cli.torn_list import torn_list
from sparsedff.common.extras import EXTRAS, require
from sparsedff.errors import MissingPackageError
from tests.support.paths import REPOSITORY

WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

sys.meta_path.insert(0, Absent())
from sparsedff.cli.main import main
sys.exit(main({words!r}))
"""


def test_every_module_of_the_table_is_brought_by_its_extra() -> None:
    text = (REPOSITORY / "pyproject.toml").read_text()
    for extra, modules in EXTRAS.items():
        brought = text.partition(f"\n{extra} = [")[2].partition("]")[0]
        assert all(f'"{module}' in brought for module in modules), extra


def test_what_is_missing_is_said_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "coacd" else found(name))
    with pytest.raises(MissingPackageError, match=r"needs the package coacd, .*pip install 'sparsedff\[evaluate\]'"):
        require("evaluate")
    require("studio")


def test_a_command_without_its_extra_ends_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.bag").touch()
    code = WITHOUT.format(absent=EXTRAS["import"], words=["import", str(tmp_path / "a.bag"), str(tmp_path / "new")])
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and done.stderr.startswith("error: this needs the package rosbags, ")
    assert done.stderr.endswith("pip install 'sparsedff[import]'\n") and not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("words", "mended"),
    [
        (["workspace.x=[-0.2,", "0.2]"], "workspace.x='[-0.2, 0.2]'"),
        (["seed=1", "workspace.x=[-0.2,", "-0.1]", "seed=2"], "workspace.x='[-0.2, -0.1]'"),
        (["a=[1,", "[2,", "3]]"], "a='[1, [2, 3]]'"),
    ],
)
def test_a_torn_list_is_shown_in_one_piece(words: list[str], mended: str) -> None:
    said = torn_list(words)
    assert said is not None and said.endswith(mended)


@pytest.mark.parametrize("words", [[], ["a=[1,2]"], ["a=[1, 2]", "b=3"], ["a=[1,", "b=2"], ["name=x[", "y]"]])
def test_other_words_are_left_alone(words: list[str]) -> None:
    assert torn_list(words) is None
