"""One demonstration to many captures: a run each, damaged ones as rows, gone on with, the same on several workers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from sparsedff.cli import main as command
from sparsedff.config.config import Config, load_config
from sparsedff.errors import ConfigError, RunError
from sparsedff.jobs import batch
from sparsedff.jobs.batch import captures_of, run_batch
from sparsedff.jobs.batch_table import read_rows
from tests.support.paths import REPOSITORY
from tests.support.small_world import make_world

CONFIG = REPOSITORY / "configs" / "config.yaml"


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[str]]:
    """A folder of three captures, the second of them damaged, and the settings of a quick run."""
    world = make_world(tmp_path / "world")
    for name in ("a", "b", "c"):
        shutil.copytree(tmp_path / "world" / "test", tmp_path / "many" / name)
    next((tmp_path / "many" / "b").rglob("depth.npy")).write_bytes(b"damaged")
    return tmp_path / "many", [word for word in world if not word.startswith(("data2", "output_path"))]


def quick(overrides: list[str]) -> Config:
    return load_config(CONFIG, overrides)


def test_every_capture_has_a_row_and_a_second_call_does_what_is_missing(
    many: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, overrides = many
    captures, output = captures_of([str(folder)], None), tmp_path / "out"
    assert [Path(name).name for name in captures] == ["a", "b", "c"]
    lines = list(run_batch(quick(overrides), captures, output))
    assert "done: 2 of 3" in lines[-1] and "depth.npy" in lines[1]
    rows = {Path(row.capture).name: row for row in read_rows(output)}
    assert [rows[name].status for name in "abc"] == ["done", "error", "done"]
    assert all((output / "runs" / rows[name].run / "result.json").is_file() for name in "ac")
    assert rows["a"].energy == rows["c"].energy and float(rows["a"].energy) > 0, "the same scene, the same seed"
    assert Image.open(output / "sheet_1.png").width > 600

    shutil.rmtree(folder / "b")
    shutil.copytree(folder / "a", folder / "b")
    carried: list[str] = []
    carry = batch.carry_to
    monkeypatch.setattr(batch, "carry_to", lambda shown, name: carried.append(name) or carry(shown, name))
    assert "done: 3 of 3" in list(run_batch(quick(overrides), captures, output))[-1]
    assert [Path(name).name for name in carried] == ["b"]
    with pytest.raises(RunError, match="results of other settings"):
        list(run_batch(quick([*overrides, "seed=5"]), captures, output))


@pytest.mark.long
def test_two_workers_find_what_one_finds(many: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, overrides = many
    captures = captures_of([str(folder)], None)
    for jobs in (1, 2):
        list(run_batch(quick(overrides), captures, tmp_path / f"out{jobs}", jobs))
    one, two = (
        sorted((row.capture, row.status, row.energy, row.error) for row in read_rows(tmp_path / f"out{jobs}"))
        for jobs in (1, 2)
    )
    assert one == two and len(one) == 3


def test_captures_are_named_by_words_folders_and_lists(many: tuple[Path, list[str]], tmp_path: Path) -> None:
    folder, _ = many
    (tmp_path / "list.txt").write_text(f"{folder / 'a'}\n\n{folder / 'c'}\n")
    assert captures_of([str(folder / "c")], tmp_path / "list.txt") == (str(folder / "c"), str(folder / "a"))
    with pytest.raises(ConfigError, match="no capture is named"):
        captures_of([], None)
    with pytest.raises(ConfigError, match="no such file"):
        captures_of([], tmp_path / "none.txt")


def test_the_command_takes_words_and_settings_mixed(
    many: tuple[Path, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, overrides = many
    shown = next(word.partition("=")[2] for word in overrides if word.startswith("data1="))
    rest = [word for word in overrides if not word.startswith("data1=")]
    words = ["batch", shown, str(folder / "a"), "--config", str(CONFIG), "--output", str(tmp_path / "out"), *rest]
    assert command.main(words) == 0
    assert "done: 1 of 1" in capsys.readouterr().out
    assert command.main(["batch", shown, "--config", str(CONFIG), *rest]) == 2
    assert "no capture is named" in capsys.readouterr().err


def test_a_table_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("x,y\n1,2\n")
    with pytest.raises(RunError, match="is no table of a batch"):
        read_rows(tmp_path)
