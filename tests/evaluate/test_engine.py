"""The benchmark on real pairs: any number of workers gives the same rows, a stopped run goes on, a film shows."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sparsedff.cli.main import main
from sparsedff.config.config import Config, load_config
from sparsedff.evaluate.engine import run_suite
from sparsedff.evaluate.results import ResultsFile, read_rows
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.evaluate.suites.registry import SUITES
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.pair_settings import PairSettings

PAIRS = (PairSpec("box", "body", "same_object", 1), PairSpec("bottle", "neck", "same_family", 2))
METHODS = ("rigid alignment", "centroid")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def config() -> Config:
    return load_config(str(REPOSITORY / "configs/config.yaml"), [])


def comparable(row: Row) -> dict[str, Any]:
    """A row's values that must not depend on the machine's load; NaN as a word, so that it equals itself."""
    values = {name: value for name, value in asdict(row).items() if name not in ("seconds", "memory_mb")}
    return {name: "nan" if isinstance(value, float) and math.isnan(value) else value for name, value in values.items()}


@pytest.mark.slow
def test_two_ray_workers_and_one_process_give_the_same_rows(tmp_path: Path, config: Config) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    found = []
    for jobs in (1, 2):
        folder = tmp_path / str(jobs)
        run_suite(PAIRS, config, METHODS, ResultsFile(folder, {}), jobs)
        found.append([comparable(row) for row in read_rows(folder)])
    assert len(found[0]) == len(PAIRS) * len(METHODS)
    assert found[0] == found[1]


@pytest.mark.slow
def test_a_stopped_run_does_what_is_left(tmp_path: Path, config: Config) -> None:
    results = ResultsFile(tmp_path, {})
    done = Row(
        "box-body-same_object-1",
        "box",
        "body",
        "same_object",
        1,
        "centroid",
        *[99.0] * 7,
        0,
        "x",
        1.0,
        1.0,
        0.0,
        "x",
        *[1.0] * 8,
    )
    results.add([done])
    run_suite(PAIRS, config, ("centroid",), ResultsFile(tmp_path, {}))
    rows = {row.pair: row for row in read_rows(tmp_path)}
    assert rows[done.pair] == done, "what was finished is not run again"
    assert rows[PAIRS[1].name].contact_cm < 10


def test_quick_crosses_families_only_where_a_partner_is() -> None:
    tasks = committed_tasks()
    crossing = [pair for pair in SUITES.load("quick")(tasks, PairSettings()) if pair.kind == "cross_family"]
    assert {pair.family for pair in crossing} == set(tasks)
    assert not any(pair.kind == "cross_family" for pair in SUITES.load("quick")({"mug": ("handle",)}, PairSettings()))
    assert {
        pair.task
        for pair in SUITES.load("full")({"mug": ("handle", "rim")}, PairSettings())
        if pair.kind == "cross_family"
    } == {"rim"}


@pytest.mark.slow
def test_a_film_shows_the_lift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--config", str(REPOSITORY / "configs/config.yaml"), "--methods", "centroid", "--output", str(tmp_path)]
    assert main(["evaluate", "--film", "box-body-same_object-1", *options]) == 0
    strip, film = (tmp_path / "pictures" / f"box-body-same_object-1-centroid.{kind}" for kind in ("png", "gif"))
    assert str(film) in capsys.readouterr().out
    with Image.open(film) as moving, Image.open(strip) as still:
        assert moving.n_frames > 10 and still.width >= 3 * moving.width


def test_a_film_of_an_unknown_pair_names_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--config", str(REPOSITORY / "configs/config.yaml")]
    assert main(["evaluate", "--film", "mug-rim-same_family-77", *options]) == 2
    assert "mug-rim-same_family-7" in capsys.readouterr().err
