"""Runs the pairs of a suite, in this process or on Ray, and streams their rows into the results file."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from tqdm import tqdm

from sparsedff.config.config import Config
from sparsedff.errors import EvaluationError
from sparsedff.evaluate.pair import run_pair
from sparsedff.evaluate.results import ResultsFile
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.suites.base import PairSpec

Todo = tuple[PairSpec, tuple[str, ...]]
"""A pair and the methods that it lacks."""


def run_suite(
    pairs: Sequence[PairSpec],
    config: Config,
    methods: Sequence[str],
    results: ResultsFile,
    jobs: int = 1,
    ray_address: str | None = None,
) -> None:
    """Run what is not finished yet; every finished pair is on disk at once.

    Args:
        pairs, config, methods: what to run.
        results: where rows go; methods that a pair has there already are not run again.
        jobs: worker processes on this machine; 1 runs in this process without Ray.
        ray_address: a Ray cluster to run on instead.

    Raises:
        EvaluationError: Ray is wanted and not installed, or cannot be reached.
    """
    done = results.keep_whole({pair.name for pair in pairs})
    missing = ((pair, tuple(name for name in methods if (pair.name, name) not in done)) for pair in pairs)
    todo = [(pair, names) for pair, names in missing if names]
    alone = jobs == 1 and ray_address is None
    source = _here(todo, config) if alone else _on_ray(todo, config, jobs, ray_address)
    with tqdm(
        source, total=len(pairs), initial=len(pairs) - len(todo), desc="evaluate", unit="pair", disable=None
    ) as progress:
        for rows in progress:
            results.add(rows)
            progress.set_postfix_str(rows[0].pair)


def _here(todo: Iterable[Todo], config: Config) -> Iterator[tuple[Row, ...]]:
    for pair, methods in todo:
        yield run_pair(pair, config, methods)


def _on_ray(todo: Sequence[Todo], config: Config, jobs: int, address: str | None) -> Iterator[tuple[Row, ...]]:
    try:
        import ray
    except ImportError:
        raise EvaluationError(
            "parallel evaluation runs on Ray, which is missing: pip install ray, or use --jobs 1"
        ) from None
    try:
        if address is None:
            ray.init(num_cpus=jobs, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
        else:
            ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise EvaluationError(f"--ray {address}: no Ray cluster can be reached there ({reason}); start one") from None
    try:
        # Workers are renewed now and then: what a few hundred pairs leave in a process's memory adds up.
        task = ray.remote(num_cpus=1, max_calls=50)(run_pair)
        waiting = [task.remote(pair, config, methods) for pair, methods in todo]
        while waiting:
            ready, waiting = ray.wait(waiting, num_returns=1)
            yield ray.get(ready[0])
    finally:
        ray.shutdown()
