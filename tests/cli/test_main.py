"""The command line: quick help, one line for every mistake, and the exit codes."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from sparsedff.cli.main import main
from sparsedff.config.config import Config
from sparsedff.errors import CaptureError
from tests.support.commands import unified_optimize

REPOSITORY = Path(__file__).parents[2]
ENTRIES = {"script": ["scripts/unified_optimize.py"], "verb": ["-m", "sparsedff.cli", "transfer"]}


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A pipeline that notes its configuration."""
    module = types.ModuleType("sparsedff.pipeline")
    module.configs = []  # type: ignore[attr-defined]

    def run(config: Config) -> Path:
        module.configs.append(config)  # type: ignore[attr-defined]
        return Path("data/runs/one")

    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sparsedff.pipeline", module)
    monkeypatch.chdir(REPOSITORY)
    return module


def call(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_mistake_is_one_line_and_code_2(entry: str) -> None:
    done = call([*ENTRIES[entry], "sed=1"])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: configs/config.yaml with overrides: sed: no such key; did you mean seed?\n"


@pytest.mark.parametrize("entry", ENTRIES)
def test_help_names_what_can_be_changed(entry: str) -> None:
    done = call([*ENTRIES[entry], "--help"])
    assert done.returncode == 0 and "key=value" in done.stdout and "--config FILE" in done.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, sparsedff.cli.main\nassert not {'torch', 'numpy', 'cv2', 'omegaconf', 'mujoco'} & set(sys.modules)"
    )
    assert call(["-c", code]).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["seed=3", "workspace.x=[-0.2, 0.2]", "--config", "configs/config.yaml", "verbose=true"],
        ["--config=configs/config.yaml", "seed=3", "verbose=true", "workspace.x=[-0.2, 0.2]"],
        ["seed=3", "verbose=true", "workspace.x=[-0.2, 0.2]"],
    ],
)
def test_overrides_anywhere(pipeline: Any, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(["transfer", *arguments]) == 0
    assert unified_optimize(arguments) == 0
    for config in pipeline.configs:
        assert (config.seed, config.distil.workspace.x, config.verbose) == (3, (-0.2, 0.2), True)
    assert "picture: data/runs/one/result.png" in capsys.readouterr().out


def test_no_cache_is_an_override(pipeline: Any) -> None:
    assert main(["transfer", "--no-cache", "seed=3"]) == 0 and unified_optimize(["seed=3", "--no-cache"]) == 0
    assert main(["transfer", "seed=3"]) == 0
    assert [config.distil.cache_path for config in pipeline.configs] == [None, None, "data/cache"]
    assert all(config.seed == 3 for config in pipeline.configs)


def test_errors_and_interrupts_of_the_run(
    pipeline: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, code, line in (
        (CaptureError("a/depth.npy: is truncated"), 2, "error: a/depth.npy: is truncated\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (
            OSError(28, "No space left on device", "data/runs/x"),
            2,
            "error: data/runs/x: No space left on device; check the path, its rights and the disk\n",
        ),
    ):

        def fail(_: Config, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(pipeline, "run", fail)
        assert main(["transfer"]) == code
        assert capsys.readouterr() == ("", line)


def test_faults_of_ours_keep_their_traceback(pipeline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (OSError("no file involved"), ValueError("a fault")):

        def fail(_: Config, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(pipeline, "run", fail)
        with pytest.raises(type(error)):
            main(["transfer"])


@pytest.mark.parametrize("arguments", [["--seed", "1"], ["--seed=1"], ["-x"]])
def test_unknown_options(pipeline: Any, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    for function, prefix in ((main, ["transfer"]), (unified_optimize, [])):
        with pytest.raises(SystemExit) as caught:
            function([*prefix, *arguments])
        assert caught.value.code == 2
        assert "settings are changed by key=value" in capsys.readouterr().err
    assert pipeline.configs == []


def test_the_verb_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["fly"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert "VERB" in capsys.readouterr().err


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (1, 1), (2, 2)])
def test_what_a_verb_returns_becomes_the_exit_code(
    returned: int | None, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(options: Any) -> Any:
        yield "a line"
        return returned

    monkeypatch.setattr("sparsedff.cli.check.run", run)
    assert main(["check", "any"]) == code and capsys.readouterr().out == "a line\n"
