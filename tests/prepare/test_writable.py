"""Output that cannot be written is refused before anything is computed, in one line, and nothing is made."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sparsedff.cli.main import main
from sparsedff.errors import ConfigError
from sparsedff.prepare import writable
from sparsedff.prepare.writable import check_writable


def dangling(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "nowhere")
    return folder / "link"


def below_dangling(folder: Path) -> Path:
    return dangling(folder) / "runs"


def to_itself(folder: Path) -> Path:
    (folder / "loop").symlink_to("loop")
    return folder / "loop" / "runs"


def a_file(folder: Path) -> Path:
    (folder / "file").write_text("in the way")
    return folder / "file"


def long_name(folder: Path) -> Path:
    return folder / ("n" * 300) / "runs"


def long_path(folder: Path) -> Path:
    return folder.joinpath(*["n" * 200] * 30)


def zero_byte(folder: Path) -> Path:
    return folder / "a\0b"


FAULTS: list[Callable[[Path], Path]] = [*(dangling, below_dangling, to_itself, a_file, long_name, long_path, zero_byte)]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_made_is_refused(tmp_path: Path, fault: Callable[[Path], Path]) -> None:
    folder = fault(tmp_path)
    before = os.listdir(tmp_path)
    with pytest.raises(ConfigError, match=r"^--output: ") as caught:
        check_writable(folder, "--output")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    assert os.listdir(tmp_path) == before


def test_what_can_be_made_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for folder in (tmp_path, tmp_path / "a" / "b", tmp_path / "link" / "c"):
        check_writable(folder)
    assert sorted(os.listdir(tmp_path)) == ["link", "real"] and not os.listdir(tmp_path / "real")


def test_a_full_disk_is_said_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writable.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**6))
    with pytest.raises(ConfigError, match=r"output_path: .* 1 MB free, 67 are needed; make room"):
        check_writable(tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "--output", "{}"],
        ["evaluate", "--film", "box-body-same_object-1", "--output", "{}"],
        ["transfer", "output_path={}"],
        ["check", "monkey_test", "--output", "{}"],
        ["capture", "--save", "--path", "{}/new", "--source", "simulated"],
        ["capture", "--vis_2d", "visualize_path={}", "--source", "simulated"],
        ["read", "--img_data_path", "monkey_test", "--key", "0", "refinement.path={}"],
        ["calibrate", "cameras", "{stills}", "--out", "{}"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_no_command_computes_for_an_output_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    def work(*_: object, **__: object) -> None:
        raise AssertionError("work began")

    for place in (
        *("pipeline.compute", "jobs.check.assess", "jobs.capture.take_capture", "jobs.read_data.make_scene"),
        *("evaluate.run.run_suite", "evaluate.pictures.pose_problem", "jobs.calibrate.calibrate_cameras"),
    ):
        module, _, name = place.rpartition(".")
        monkeypatch.setattr(importlib.import_module(f"sparsedff.{module}"), name, work)
    target = dangling(tmp_path)
    assert main([word.replace("{}", str(target)).replace("{stills}", str(tmp_path)) for word in command]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: ") and str(target) in said and "cannot be made or written to" in said
