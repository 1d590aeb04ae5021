"""The suites there are. One is a function (tasks, settings) -> pairs; see base.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparsedff.common.registry import Entry, Registry

if TYPE_CHECKING:  # the command line takes the names from here, and answers --help at once
    from sparsedff.evaluate.suites.base import Suite

_HERE = "sparsedff.evaluate.suites"

SUITES: Registry[Suite] = Registry(
    "suite",
    Entry("quick", f"{_HERE}.quick:quick", "6 pairs a family: same object, same family, across families"),
    Entry("hard", f"{_HERE}.hard:hard", "any yaw, proportions far apart, some objects lie on their side"),
    Entry("across", f"{_HERE}.across:across", "objects of other families that share a part"),
    Entry("scene", f"{_HERE}.scene:scene", "other things around, hidden cameras, other tables and light"),
    Entry("cameras", f"{_HERE}.cameras:cameras", "1 to 8 cameras, more noise, calibration off by up to 10 mm"),
    Entry("full", f"{_HERE}.full:full", "every task, ten pairs of each kind, and all pairs of the other suites"),
)
