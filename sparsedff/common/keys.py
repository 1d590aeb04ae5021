"""Single keys from the terminal, without Enter; lines where there is no terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

ENTER = "\n"


def key_presses() -> Iterator[str]:
    """Each key that is pressed, in lower case, until the end of the input.

    In a pipe every line counts as its first letter, an empty one as Enter, so that another program can press keys.
    Keys pressed while the last one is being worked on are forgotten: whoever waits does not want two.
    """
    if not sys.stdin.isatty():
        for line in sys.stdin:
            yield (line.strip()[:1] or ENTER).lower()
        return
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)  # Ctrl-C still interrupts
        while True:
            termios.tcflush(descriptor, termios.TCIFLUSH)
            pressed = os.read(descriptor, 1).decode(errors="replace")
            if not pressed or pressed == "\x04":  # the end of input, and Ctrl-D, which means it
                return
            yield pressed.lower()
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
