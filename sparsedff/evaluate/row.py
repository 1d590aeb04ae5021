"""What the benchmark notes of one method on one pair."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One method's result on one pair; the columns of the results file. Those with defaults older files lack.

    Attributes:
        pair, family, task, kind, seed, method: what was run.
        contact_cm: mean distance between where contact points landed and where the truth maps them [cm]; of an object
            that has the same shape after a turn, the smallest over such turns.
        palm_cm, palm_deg: error of the palm [cm, deg], each the smallest over such turns; NaN where the truth has no
            pose (another object).
        penetration_mm: deepest hand point inside the true object [mm].
        self_penetration_mm: summed depth of the hand's links in each other [mm].
        joint_margin_deg: smallest distance of a joint to its limits [deg].
        energy: weighted energy found; NaN for methods that minimise none.
        lifted: 1 if the grasp held in the physics engine, else 0.
        lift_reason: what the physics tester says.
        seconds: of this method, after distillation.
        memory_mb: peak resident memory of the process so far [MB].
        placed: the headline: 1 if the object is held at the right place (`judge.verdict`), else 0.
        misplaced: why it is not; empty if it is.
        turn_deg: how far the contacts as a whole are turned against where the truth maps them [deg].
        commanded_penetration_mm, under_table_mm: deepest point of the commanded hand in the true object and under the
            table, at the end of the path [mm].
        robust: share held of lifts with the object off (`judge.robust_lifts`); NaN where none were asked for.
        on_part: share of contacts on the demonstrated parts (`judge.on_part`); NaN where the object has one part.
        symmetric: 1 if the shape is the same after some turn, else 0.
        hand_floor_cm, alignment_floor_cm: of the pair: the contact error of the best rigid motion of the hand, and of
            a perfect rigid alignment of the whole objects [cm].
    """

    pair: str
    family: str
    task: str
    kind: str
    seed: int
    method: str
    contact_cm: float
    palm_cm: float
    palm_deg: float
    penetration_mm: float
    self_penetration_mm: float
    joint_margin_deg: float
    energy: float
    lifted: int
    lift_reason: str
    seconds: float
    memory_mb: float
    placed: float = math.nan
    misplaced: str = ""
    turn_deg: float = math.nan
    commanded_penetration_mm: float = math.nan
    under_table_mm: float = math.nan
    robust: float = math.nan
    on_part: float = math.nan
    symmetric: float = math.nan
    hand_floor_cm: float = math.nan
    alignment_floor_cm: float = math.nan
