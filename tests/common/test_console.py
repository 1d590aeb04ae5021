"""Lines of a command as they come, and errors in one line."""

from collections.abc import Iterator

import pytest

from sparsedff.common.console import print_lines
from sparsedff.errors import CaptureError


def lines(error: Exception | None = None) -> Iterator[str]:
    yield "first"
    if error is not None:
        raise error
    yield "second"


def test_lines_are_printed_and_the_code_is_0(capsys: pytest.CaptureFixture) -> None:
    assert print_lines(lines()) == 0
    assert capsys.readouterr().out == "first\nsecond\n"


def test_an_error_of_the_users_is_one_line_and_code_2(capsys: pytest.CaptureFixture) -> None:
    assert print_lines(lines(CaptureError("what, where, what to do"))) == 2
    shown = capsys.readouterr()
    assert shown.out == "first\n" and shown.err == "error: what, where, what to do\n"


def test_a_fault_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        print_lines(lines(ZeroDivisionError()))
