"""What moves on a terminal, is told to a listener, and leaves no trace elsewhere."""

from __future__ import annotations

import io
import sys
import time

import pytest

from sparsedff.common import progress
from sparsedff.common.progress import bar, heard, quiet, working


class Terminal(io.StringIO):
    """Text that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


def test_without_a_terminal_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    with bar(3, "distil", "view") as shown, working("picture"):
        shown.update(3)
    assert written.getvalue() == ""


def test_on_a_terminal_a_step_shows_its_name_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(progress, "_TICK_S", 0.01)
    with working("picture"):
        begin = len(written.getvalue())
        end = time.monotonic() + 20
        while len(written.getvalue()) <= begin and time.monotonic() < end:
            time.sleep(0.01)
    text = written.getvalue()
    assert text.count("picture ... 00:") >= 2, "it is drawn again while the step goes on"
    assert text.rpartition("\r")[0].endswith(" ") and "\n" not in text, "and wiped when it is done"


def test_inside_quiet_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Terminal()
    monkeypatch.setattr(sys, "stderr", written)
    with quiet(), working("picture"), bar(3, "distil", "view"):
        pass
    assert written.getvalue() == ""


def test_a_listener_is_told_and_can_end_the_work() -> None:
    said: list[tuple[str, float]] = []
    with heard(lambda name, share: said.append((name, share))), working("save"), bar(2, "distil", "view") as shown:
        shown.update()
    assert said == [("save", 0.0), ("distil", 0.5)]

    def stop(name: str, share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), heard(stop), working("save"):
        pytest.fail("the work began")
