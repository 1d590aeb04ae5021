"""What the studio opens: runs of today and of the paper, captures, and what is neither."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.config.config import Config, load_config
from sparsedff.errors import SparseDFFError
from sparsedff.studio.source import open_run, open_source
from tests.support.paths import REPOSITORY
from tests.support.small_world import QUICK
from tests.support.transfer_toys import demonstration


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)


def test_a_run_is_opened_with_its_own_settings_and_demonstration(small_run: Path) -> None:
    opened = open_source(str(small_run), Config())
    assert opened.run is not None and opened.names == ("shown", "test")
    assert opened.config.hand_model.pt_nums == 40 and opened.config.alignment.opt_iterations == 6
    np.testing.assert_allclose(opened.demonstration.vector(), demonstration().vector(), atol=1e-6)


def test_without_a_name_the_newest_run_is_opened(small_run: Path, tmp_path: Path) -> None:
    link = tmp_path / "output"
    link.symlink_to(small_run)
    config = replace(Config(), output_path=str(tmp_path / "runs"))
    assert open_source(None, config).names == ("shown", "test")


@pytest.mark.parametrize("kind", ["papers", "older"])
def test_runs_without_settings_that_are_valid_here_take_those_given(small_run: Path, tmp_path: Path, kind: str) -> None:
    folder = Path(shutil.copytree(small_run, tmp_path / "run"))
    report = json.loads((folder / "result.json").read_text())
    report["config"]["a_key_of_old"] = 1
    (folder / "result.json").write_text(json.dumps(report))
    if kind == "papers":
        (folder / "result.json").unlink()
    opened = open_run(folder, replace(Config(), seed=5))
    assert opened.config.seed == 5
    if kind == "papers":  # nobody knows where its hand was: an open one waits over the object, clear of it
        surface = opened.demonstration
        assert surface.translation[2] > opened.clouds[0].points[:, 2].max() + 0.05


def test_a_capture_is_distilled_and_an_open_hand_waits_over_it(small_run: Path) -> None:
    config = open_run(small_run).config
    path = config.data1
    opened = open_source(path, load_config("configs/config.yaml", [*QUICK, f"data2={config.data2}"]))
    assert opened.run is None and opened.names == ("shown", "test")
    views = load_capture(Path(path), Path(config.extrinsics_path)).views
    assert set(opened.clouds[0].views) == set(range(len(views)))
    run = open_run(small_run)
    np.testing.assert_allclose(opened.clouds[0].points, run.clouds[0].points)  # the same points that a transfer has
    np.testing.assert_allclose(opened.clouds[0].features, run.clouds[0].features, atol=1e-5)
    low, high = opened.clouds[0].points.min(axis=0), opened.clouds[0].points.max(axis=0)
    middle = opened.demonstration.translation + 0.09 * opened.demonstration.rotation[:, 2]
    assert (middle[:2] > low[:2]).all() and (middle[:2] < high[:2]).all() and middle[2] > high[2]


def test_what_is_neither_is_refused_with_the_captures_there_are(tmp_path: Path) -> None:
    with pytest.raises(SparseDFFError, match="no such folder"):
        open_source("nothing_of_this_name", Config())
