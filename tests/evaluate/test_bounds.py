"""Upper bounds: the hand that is told the truth fits it and keeps out, oracle features say where a point belongs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparsedff.config.config import Config
from sparsedff.errors import ConfigError
from sparsedff.evaluate import fitted_hand, run
from sparsedff.evaluate.bounds import ALL_METHODS, BOUNDS, coded, reference_points
from sparsedff.evaluate.fitted_hand import fit_hand
from sparsedff.evaluate.methods import METHODS
from sparsedff.evaluate.metrics import contact_error
from sparsedff.geometry import apply, inverse
from sparsedff.judge.commanded import commanded_depths
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping.reference_grasps import reference_grasp
from sparsedff.synthetic.rendering.scene import place
from sparsedff.synthetic.truth import Truth
from tests.support.judged import standing, the_hand


def moved_mug() -> Truth:
    known = FAMILIES["mug"]
    return Truth(standing("mug"), place(known.build(known.reference), 0.08, -0.05, 0.7, known.cell_m))


def test_the_fitted_hand_lies_where_the_truth_says_and_outside_the_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the same object elsewhere that is the demonstrated hand moved along. Drawn 2 cm into the mug it stays out."""
    monkeypatch.setattr(fitted_hand, "STEPS", 60)
    truth, hand = moved_mug(), the_hand()
    demonstration = reference_grasp("mug", "rim", truth.reference)
    shown = hand.surface_of(demonstration)
    near, places = truth.reference.distance(shown), truth.map_points(shown)
    pose = fit_hand(hand, demonstration, places, near, truth.test)
    assert contact_error(hand.surface_of(pose), places, near) < 0.002
    assert commanded_depths(hand, [pose], truth.test, 0.03).penetration_m < 0.002

    into = places - 0.02 * truth.test.normals(places)  # as if the object were 2 cm thinner all around
    kept_out = fit_hand(hand, demonstration, into, near, truth.test)
    assert commanded_depths(hand, [kept_out], truth.test, 0.03).penetration_m < 0.004


def test_a_test_points_reference_point_is_the_one_that_the_truth_maps_there() -> None:
    truth = moved_mug()
    there = np.asarray(truth.reference.mesh_world.vertices, dtype=np.float64)[::37]
    test_from_reference = truth.test.world_from_object @ inverse(truth.reference.world_from_object)
    found = reference_points(truth, apply(test_from_reference, there))
    assert np.linalg.norm(found - there, axis=1).max() < 1e-6


def test_codes_differ_more_the_farther_apart_the_places_are() -> None:
    rng = np.random.default_rng(0)
    start = rng.uniform(-0.1, 0.1, (400, 3))
    way = rng.normal(size=(400, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    codes = coded(start)
    differences = [np.abs(codes - coded(start + far * way)).mean() for far in (0.0, 0.005, 0.02, 0.05, 0.12, 0.25)]
    assert differences[0] == 0 and (np.diff(differences) > 0.03).all()
    # Twice as far is nearly twice as different while the distance is below the least width.
    assert np.abs(codes - coded(start + 0.01 * way)).mean() / differences[1] == pytest.approx(2, rel=0.15)


def test_upper_bounds_run_only_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[Any] = []

    def stop(pairs: Any, config: Config, methods: Any, *rest: Any) -> None:
        used.append(methods)
        raise InterruptedError

    monkeypatch.setattr(run, "run_suite", stop)
    for index, methods in enumerate((None, ["truth", "oracle features", "sparsedff"])):
        with pytest.raises(InterruptedError):
            list(run.evaluate(Config(), ["quick"], tmp_path / str(index), ["mug"], methods))
    assert used == [tuple(METHODS), ("truth", "oracle features", "sparsedff")]
    assert set(BOUNDS) == {"truth", "oracle features"} and set(ALL_METHODS) == {*METHODS, *BOUNDS}
    with pytest.raises(ConfigError, match=r"--methods: no 'best'; there are sparsedff.*truth, oracle features"):
        list(run.evaluate(Config(), ["quick"], tmp_path / "2", ["mug"], ["best"]))
