"""The energy's terms, in the order in which they are summed. The configuration takes names and weights from here."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.registry import Entry, Registry


@dataclass(frozen=True)
class TermEntry(Entry):
    """A term and the weight that it has unless the configuration says otherwise."""

    weight: float


TERMS: Registry = Registry(
    "energy term",
    TermEntry(
        "feature",
        "sparsedff.transfer.terms.feature:cost",
        "difference of the features under the hand, the method's own term",
        1.0,
    ),
    TermEntry(
        "penetration", "sparsedff.transfer.terms.penetration:cost", "hand inside the object or the table [1/m]", 30.0
    ),
    TermEntry(
        "self_penetration",
        "sparsedff.transfer.terms.self_penetration:cost",
        "links of the hand inside each other",
        10.0,
    ),
    TermEntry(
        "joint_limits", "sparsedff.transfer.terms.joint_limits:cost", "joints near the ends of their range", 0.01
    ),
    TermEntry(
        "approach",
        "sparsedff.transfer.terms.approach:cost",
        "palm turned away from facing down further than approach_free_angle_deg and the demonstration [1/rad]",
        0.1,
    ),
    TermEntry(
        "posture",
        "sparsedff.transfer.terms.posture:cost",
        "joints away from the demonstrated ones (mean squared share of range)",
        1.0,
    ),
    TermEntry(
        "gap",
        "sparsedff.transfer.terms.gap:cost",
        "distance of the contacts from the object against the demonstrated one [1/m]",
        15.0,
    ),
)
