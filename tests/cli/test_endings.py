"""However a command ends, by a signal, a full disk or a folder that has gone: one line, a code, nothing half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparsedff.cli.main import main
from sparsedff.common.ending import LONGEST_LINE, error_line
from tests.support.paths import REPOSITORY

SAVES = """
import signal, sys, time
from pathlib import Path
from sparsedff.cli.run import run_script
from sparsedff.runs.write import run_folder
class Verb:
    SUMMARY = "x"
    @staticmethod
    def add_arguments(parser):
        parser.add_argument("folder", type=Path)
    @staticmethod
    def run(options):
        with run_folder(options.folder, "x") as (building, _):
            (building / "half").write_text("half")
            yield "half"
            time.sleep(60)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell starts with it ignored
sys.exit(run_script(Verb))
"""
TALKS = SAVES.replace("time.sleep(60)", "yield 'x' * 100_000")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY)}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_sigterm_is_as_clean_as_ctrl_c(tmp_path: Path, number: signal.Signals, code: int) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", SAVES, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    assert child.stdout is not None and child.stdout.readline() == b"half\n"
    assert len(list(tmp_path.iterdir())) == 1
    time.sleep(0.1)
    child.send_signal(number)
    _, said = child.communicate(timeout=30)
    assert (child.returncode, said) == (code, b"interrupted\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_stdout_is_one_line(tmp_path: Path) -> None:
    words = [sys.executable, "-c", TALKS, str(tmp_path)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=ENVIRONMENT)
    assert done.returncode == 2
    assert done.stderr.startswith("error: stdout: No space left on device; ") and len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", TALKS, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    assert child.stdout is not None and child.stdout.readline() == b"half\n"
    child.stdout.close()
    assert child.stderr is not None and child.stderr.read() == b""
    assert child.wait(30) == 141
    child.stderr.close()


def test_a_working_directory_that_has_gone_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    program = "import os, sys; os.rmdir(os.getcwd()); from sparsedff.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, "transfer"], cwd=folder, capture_output=True, text=True, env=ENVIRONMENT
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the working directory has been deleted; cd to a folder that exists\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["transfer", "data2=" + "x" * 5000],
        ["transfer", "x" * 60_000],
        ["transfer", "x" * 5000 + "=1"],
        ["transfer", "--config", "x" * 5000],
        ["transfer", "--" + "x" * 5000],
        ["x" * 60_000],
        ["evaluate", "--suite", "x" * 60_000],
        ["check", "x" * 200 + "\n\n" + "y" * 5000],
    ],
    ids=lambda words: " ".join(words)[:30],
)
def test_no_error_is_longer_than_a_screen_can_show(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)
    try:
        code = main(arguments)
    except SystemExit as end:
        code = int(str(end.code))
    said = capsys.readouterr().err.splitlines()
    assert code == 2 and "error: " in said[-1] and max(map(len, said)) <= LONGEST_LINE + 30  # argparse: program's name


def test_of_a_long_line_the_remedy_stays() -> None:
    line = error_line(f"{'x' * 3000}: cannot be read;\n mend it")
    assert len(line) == LONGEST_LINE and line.startswith("error: xxx") and line.endswith("cannot be read; mend it")
    assert error_line("a \udcff b") == "error: a ? b" and error_line("short") == "error: short"
