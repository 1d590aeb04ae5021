"""The suites there are. One is a function (tasks, settings) -> pairs; see base.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparsedff.common.registry import Entry, Registry

if TYPE_CHECKING:  # the command line takes the names from here, and answers --help at once
    from sparsedff.evaluate.suites.base import Suite

_HERE = "sparsedff.evaluate.suites"

FIRST, TRAINING, HELD_OUT = "first", "training", "held out"
"""Families of a suite: the first eight, all but those that are held out, and those that are."""


@dataclass(frozen=True)
class SuiteEntry(Entry):
    """A suite and which families it is made of, one of FIRST, TRAINING and HELD_OUT."""

    families: str = TRAINING


SUITES: Registry[Suite] = Registry(
    "suite",
    SuiteEntry("quick", f"{_HERE}.quick:quick", "6 pairs a family: same object, same family, across families", FIRST),
    SuiteEntry("hard", f"{_HERE}.hard:hard", "any yaw, proportions far apart, lying and tilted objects, no rigid fit"),
    SuiteEntry("deformed", f"{_HERE}.deformed:deformed", "the same plush animal in another posture"),
    SuiteEntry("across", f"{_HERE}.across:across", "objects of other families that share a part"),
    SuiteEntry("scene", f"{_HERE}.scene:scene", "other things around, hidden cameras, other tables and light"),
    SuiteEntry("cameras", f"{_HERE}.cameras:cameras", "1 to 8 cameras, more noise, calibration off by up to 10 mm"),
    SuiteEntry("full", f"{_HERE}.full:full", "every task, ten pairs of each kind, and the other suites but the last"),
    SuiteEntry("held_out", f"{_HERE}.held_out:held_out", "families and surroundings kept for the last table", HELD_OUT),
)

EVERY = tuple(name for name in SUITES.names if name not in ("full", "held_out"))
"""What `--suite all` runs."""


def families_of(suite: str) -> tuple[str, ...]:
    """Names of the families that a suite is made of.

    Raises:
        ConfigError: there is no such suite.
    """
    from sparsedff.synthetic.families.registry import FIRST_FAMILIES
    from sparsedff.synthetic.held_out import HELD_OUT_FAMILIES, training_families

    entry = SUITES.entry(suite)
    kinds = {FIRST: FIRST_FAMILIES, TRAINING: training_families(), HELD_OUT: HELD_OUT_FAMILIES}
    return kinds[getattr(entry, "families", TRAINING)]
