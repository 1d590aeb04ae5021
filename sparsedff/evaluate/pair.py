"""One pair of a benchmark, start to end: make the scenes, distil once, run every method, measure every answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from threadpoolctl import threadpool_limits

from sparsedff.common.progress import quiet
from sparsedff.config.config import Config
from sparsedff.distill.objects.choosers.base import Guide
from sparsedff.evaluate.bounds import ALL_METHODS
from sparsedff.evaluate.floors import floors_of
from sparsedff.evaluate.measure import measure
from sparsedff.evaluate.methods import METHODS, Problem
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.hands.registry import SHADOW_HAND
from sparsedff.prepare.distiller import REFERENCE, TEST, guided_by, make_distiller
from sparsedff.prepare.inputs import make_hand
from sparsedff.prepare.threads import torch_threads
from sparsedff.synthetic.grasping.carry_over import hand_grasp
from sparsedff.synthetic.pairs import ScenePair, make_pair


def run_pair(spec: PairSpec, config: Config, methods: Sequence[str] = tuple(METHODS)) -> tuple[Row, ...]:
    """All methods on one pair. The same arguments give the same numbers (seconds and memory aside) in any process.

    Args:
        spec: the pair.
        config: of the transfer and the physics; its seed is replaced by the pair's.
        methods: names in ALL_METHODS.
    """
    rows = []
    with one_thread(), quiet():
        scenes, problem = pose_problem(spec, config)
        floors = floors_of(scenes.truth, scenes.demonstration, problem.hand)
        for name in methods:
            begin = time.perf_counter()
            answer = ALL_METHODS[name](problem)
            seconds = time.perf_counter() - begin
            rows.append(measure(spec, scenes, problem, floors, name, answer, seconds))
    return tuple(rows)


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside the block torch and BLAS use one thread: sums come out alike however many workers share the machine."""
    with torch_threads(1), threadpool_limits(1):
        yield


def pose_problem(spec: PairSpec, config: Config) -> tuple[ScenePair, Problem]:
    """Make a pair's scenes, segment and distil both; seeds and threads are the pair's own."""
    scenes = make_pair(spec.family, spec.task, spec.seed, spec.kind, spec.settings)
    config = replace(config, seed=spec.seed, threads=1, device="cpu")
    keeping = make_distiller(config)
    # A family's reference serves many pairs. A test scene is seen once: keeping it on disk would only fill the disk.
    distiller = replace(keeping, settings=replace(keeping.settings, cache_path=None))
    hand = make_hand(config)
    if hand.spec.name != SHADOW_HAND:
        shown = hand_grasp(spec.family, spec.task, hand.spec, scenes.truth.reference)
        scenes = scenes._replace(demonstration=shown)
    first = keeping.distil(scenes.reference, REFERENCE, Guide(hand=hand.surface_of(scenes.demonstration)))
    second = distiller.distil(scenes.test, TEST, guided_by(first))
    raw = (first.cloud, second.cloud)
    return scenes, Problem(config, raw, distiller, scenes.demonstration, hand, spec.seed, second.others, scenes.truth)
