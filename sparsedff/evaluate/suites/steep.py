"""Wide relatives that no rigid motion of the demonstrated hand fits: their floor is above 1.5 cm.

They are rare, and so their seeds are found once and kept here: `python -m sparsedff.evaluate.suites.steep` prints the
table again. Only the truth decides which they are; no method has run on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sparsedff.evaluate.floors import demonstrated_contacts
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.synthetic.families.registry import family_of
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks, object_grasp
from sparsedff.synthetic.held_out import training_families
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.synthetic.pairs import draw_member
from sparsedff.synthetic.rendering.scene import PlacedObject
from sparsedff.synthetic.rigid_floor import rigid_floor
from sparsedff.synthetic.truth import Truth

FLOOR_M = 0.015
WIDE = PairSettings(manner="wide", variation=0.3, yaw_deg=180.0)
FIRST_SEED, SEEDS, EACH = 5, 400, 1

STEEP: dict[tuple[str, str], tuple[int, ...]] = {
    ("monkey", "head"): (171,),
    ("monkey", "body"): (43,),
    ("monkey", "arm"): (221,),
    ("mug", "body"): (107,),
    ("box", "body"): (52,),
    ("teddy", "head"): (73,),
    ("teddy", "body"): (78,),
    ("drill", "handle"): (190,),
    ("spray", "body"): (85,),
}
"""Seeds by family and task."""


def hand_floor(family: str, task: str) -> Callable[[int], float]:
    """The best contact error [m] of a rigid motion on the wide relative of a seed, as a function of the seed."""
    kind = family_of(family)
    # Where the objects stand does not matter, and without a mesh this takes hundredths of a second.
    reference = PlacedObject(kind.build(kind.reference), np.eye(4))
    demonstration = object_grasp(family, task)
    contacts = demonstrated_contacts(Truth(reference, reference), demonstration, ShadowHand(HandSettings()))

    def floor_m(seed: int) -> float:
        member = draw_member(family, task, seed, "same_family", WIDE)
        return rigid_floor(Truth(reference, PlacedObject(kind.build(member), np.eye(4))), contacts)

    return floor_m


def find(first: int = FIRST_SEED, count: int = SEEDS) -> Iterator[tuple[tuple[str, str], tuple[int, ...]]]:
    """The first seeds of each task whose floor is above the limit; tasks without any are left out."""
    for family, tasks in committed_tasks(training_families()).items():
        for task in tasks:
            floor_m = hand_floor(family, task)
            seeds: list[int] = []
            for seed in range(first, first + count):
                if len(seeds) < EACH and floor_m(seed) > FLOOR_M:
                    seeds.append(seed)
            if seeds:
                yield (family, task), tuple(seeds)


if __name__ == "__main__":
    for (family, task), seeds in find():
        print(f'    ("{family}", "{task}"): {seeds},', flush=True)
