"""The results file after a full disk, a power cut or an older version: whole rows count, the others are run again."""

from __future__ import annotations

import errno
import io
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sparsedff.errors import EvaluationError
from sparsedff.evaluate.results import ResultsFile, read_rows
from sparsedff.evaluate.row import Row

ROW = Row("mug-rim-x-0", "mug", "rim", "x", 0, "one", *[1.5] * 7, 1, "held", 2.0, 300.0, symmetric=0.125)
PAIRS = [f"mug-rim-x-{index}" for index in range(4)]
METHODS = ("one", "two")
ROWS = [(pair, method) for pair in PAIRS for method in METHODS]


def of_pair(name: str) -> list[Row]:
    return [replace(ROW, pair=name, method=method) for method in METHODS]


@pytest.fixture
def results(tmp_path: Path) -> ResultsFile:
    file = ResultsFile(tmp_path, {"suite": "quick"})
    for name in PAIRS:
        file.add(of_pair(name))
    return file


def test_a_file_cut_anywhere_keeps_its_whole_rows_and_no_other(results: ResultsFile) -> None:
    whole = results.path.read_text()
    ends = [index + 1 for index, sign in enumerate(whole) if sign == "\n"]
    for cut in range(0, len(whole) + 1, 7):
        results.path.write_text(whole[:cut])
        kept = max(0, sum(end <= cut for end in ends) - 1)
        assert results.keep_whole(PAIRS) == set(ROWS[:kept]), cut
        for pair, method in ROWS[kept:]:
            results.add([replace(ROW, pair=pair, method=method)])
        assert sorted((row.pair, row.method) for row in read_rows(results.path)) == sorted(ROWS)
        assert {row.symmetric for row in read_rows(results.path)} == {0.125}


def test_two_rows_joined_into_one_are_not_accepted(results: ResultsFile, caplog: pytest.LogCaptureFixture) -> None:
    """As an older version left them, which appended to half a line wherever it had been cut."""
    lines = results.path.read_text().splitlines(keepends=True)
    for cut in range(1, len(lines[2])):
        results.path.write_text("".join([*lines[:2], lines[2][:cut], *lines[3:]]))
        with caplog.at_level(logging.WARNING):
            assert results.keep_whole(PAIRS) == {ROWS[0], *ROWS[3:]} - {ROWS[1]}, lines[2][:cut]
        assert len(read_rows(results.path)) == len(ROWS) - 2
    assert "what they lack is run again" in caplog.text
    assert lines[0] in (results.path.parent / "results.before.csv").read_text(), "nothing is thrown away"


def test_a_torn_line_says_what_to_do_and_that_is_not_to_delete_the_file(results: ResultsFile) -> None:
    results.path.write_text(results.path.read_text()[:-40])
    with pytest.raises(EvaluationError, match=r"results.csv: a line is not a result \(line 9, .* again") as caught:
        read_rows(results.path)
    assert "delete" not in str(caught.value)


def test_rows_of_no_pair_of_the_suite_go(results: ResultsFile) -> None:
    results.add([replace(ROW, pair="mug-rim-x-9")])
    assert results.keep_whole(PAIRS) == set(ROWS)
    assert len(read_rows(results.path)) == len(ROWS)


def test_rows_are_added_to_a_file_of_an_older_version_under_their_own_columns(results: ResultsFile) -> None:
    lines = results.path.read_text().splitlines()
    results.path.write_text("".join(f"{line.rsplit(',', 1)[0]}\n" for line in lines))
    assert results.keep_whole(PAIRS) == set(ROWS)
    results.add(of_pair("mug-rim-x-7"))
    assert [row.symmetric for row in read_rows(results.path)][-1] == 0.125


def test_words_with_line_ends_stay_in_one_line(results: ResultsFile) -> None:
    results.add([replace(ROW, pair="mug-rim-x-7", lift_reason='fell,\n "far"\r\nand deep')])
    assert read_rows(results.path)[-1].lift_reason == 'fell, "far" and deep'


def test_a_full_disk_is_one_line_and_the_file_as_before(results: ResultsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    before = results.path.read_bytes()

    class Half(io.TextIOWrapper):
        def write(self, text: str) -> int:
            super().write(text[: len(text) // 2])
            super().flush()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def opened(path: Path, mode: str = "r", **_: Any) -> Any:
        return Half(open(path, f"{mode}b"), newline="")

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(EvaluationError, match=r"cannot be written \(No space left on device\); make room"):
        results.add(of_pair("mug-rim-x-7"))
    monkeypatch.undo()
    assert results.path.read_bytes() == before


def test_a_head_that_is_none_makes_every_line_none(results: ResultsFile) -> None:
    lines = results.path.read_text().splitlines()
    results.path.write_text("\n".join(["a\rb", *lines[1:], ""]))
    with pytest.raises(EvaluationError, match="line 2"):
        read_rows(results.path)
    assert results.keep_whole(PAIRS) == set()


def test_settings_that_are_no_settings_are_one_line(tmp_path: Path) -> None:
    for content in ("{", "[1]", '"x"', "\0"):
        (tmp_path / "settings.json").write_text(content)
        with pytest.raises(EvaluationError, match=r"settings.json: .*; choose another --output"):
            ResultsFile(tmp_path, {})
