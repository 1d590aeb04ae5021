"""Which estimates are correct, and what the recalls are, by cases that can be counted by hand."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsedff.bop.dataset import Dataset, Target
from sparsedff.bop.recall import PIXELS, SHARES, Errors, correct, matched, recalls
from sparsedff.bop.results import Estimate
from sparsedff.bop.scene_files import read_scene
from sparsedff.bop.score import score
from sparsedff.errors import BopError
from sparsedff.geometry import transform
from tests.support.bop_toys import HALF_TURN, LENS, SIZE, make_dataset


def test_thresholds_are_the_challenges() -> None:
    np.testing.assert_allclose(SHARES, [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5])
    np.testing.assert_allclose(PIXELS, [5, 10, 15, 20, 25, 30, 35, 40, 45, 50])


def test_the_best_score_chooses_first_and_a_truth_counts_once() -> None:
    errors = np.array([[0.3, 0.1], [0.2, 0.1]])
    assert matched(errors, 0.5) == 2
    assert matched(errors, 0.15) == 1  # both are near the second truth alone
    assert matched(errors[::-1], 0.25) == 1 and matched(errors, 0.25) == 2
    assert matched(np.array([[0.1], [0.1]]), 0.5) == 1
    assert matched(np.array([[0.2]]), 0.2) == 0  # below, not at, the threshold
    assert matched(np.empty((0, 2)), 0.5) == 0


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000), st.floats(0.1, 0.9))
def test_no_choice_finds_more_than_the_best_one(estimates: int, truths: int, seed: int, threshold: float) -> None:
    errors = np.random.default_rng(seed).random((estimates, truths))
    small, large = sorted((estimates, truths))
    table = errors if estimates == small else errors.T
    best = max(
        sum(table[row, column] < threshold for row, column in enumerate(order))
        for order in itertools.permutations(range(large), small)
    )
    assert matched(errors, threshold) <= best
    assert (matched(errors, threshold) > 0) == (errors < threshold).any()


def test_recalls_by_hand() -> None:
    half = Errors(np.full((1, 1, 10), 0.26), np.array([[0.26]]), np.array([[26.0]]), np.array([[0.09]]))
    none = Errors(np.empty((0, 1, 10)), np.empty((0, 1)), np.empty((0, 1)), np.empty((0, 1)))
    found = recalls([correct(half, 1)])
    assert (found.vsd, found.mssd, found.mspd, found.add) == (0.5, 0.5, 0.5, 1.0)
    assert found.average == 0.5
    both = recalls([correct(half, 1), correct(none, 1)])
    assert (both.targets, both.average, both.add) == (2, 0.25, 0.5)
    assert recalls([]).average == 0.0


def truths(dataset: Dataset) -> list[Estimate]:
    return [
        Estimate(scene_id, im_id, one.obj_id, 0.5, one.camera_from_model)
        for scene_id in dataset.scene_ids("test")
        for im_id, frame in read_scene(dataset.scene("test", scene_id)).items()
        for one in frame.instances
    ]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return Dataset(make_dataset(tmp_path_factory.mktemp("bop") / "toy"))


def test_the_truth_has_every_recall_and_so_has_its_symmetric_twin(dataset: Dataset) -> None:
    exact = truths(dataset)
    twins = [Estimate(t.scene_id, t.im_id, 1, 0.5, t.camera_from_model @ HALF_TURN) for t in exact]
    for estimates in (exact, twins):
        found = recalls(score(dataset, "test", estimates)[1])
        assert (found.targets, found.average, found.add) == (4, 1.0, 1.0)


def test_the_recall_of_a_shift_is_counted_by_hand(dataset: Dataset) -> None:
    """A shift of 0.27 d across the rays: MSSD is 0.27 d, so that it passes at 0.30 to 0.50, half of the thresholds."""
    d = dataset.info(1).diameter_m
    shifted = [
        Estimate(t.scene_id, t.im_id, 1, 0.5, transform(np.eye(3), np.array([0.27 * d, 0, 0])) @ t.camera_from_model)
        for t in truths(dataset)
    ]
    found = recalls(score(dataset, "test", shifted)[1])
    assert found.mssd == pytest.approx(0.5)
    nearest_m = min(t.camera_from_model[2, 3] for t in truths(dataset)) - 0.07
    assert LENS[0, 0] * 0.27 * d / nearest_m * 640 / SIZE[0] > 50  # no point of the box moves by less than this
    assert found.mspd == 0.0
    assert found.add == 0.0  # corners are 6 cm or more apart: none comes within 0.1 d of another's


def test_missing_and_surplus_estimates(dataset: Dataset) -> None:
    some = truths(dataset)[:3]
    lost = transform(np.eye(3), np.array([0.3, 0.0, 1.0]))
    bad = [Estimate(t.scene_id, t.im_id, 1, 0.9, lost) for t in some[:1]]  # better scored: it alone counts
    stray = [Estimate(99, 0, 1, 1.0, lost), Estimate(1, 0, 7, 1.0, lost)]  # not asked for
    assert recalls(score(dataset, "test", some)[1]).average == 0.75
    assert recalls(score(dataset, "test", [*some, *bad, *stray])[1]).average == 0.5


def test_a_target_without_truth_is_said(dataset: Dataset) -> None:
    for target, says in ((Target(1, 0, 1, 2), "ask for 2"), (Target(1, 9, 1, 1), "no image 9")):
        with pytest.raises(BopError, match=says):
            score(dataset, "test", [], targets=[target])
    with pytest.raises(BopError, match="scene_camera"):
        score(dataset, "test", [], targets=[Target(8, 0, 1, 1)])


def test_targets_of_the_challenge_come_first(tmp_path: Path) -> None:
    made = make_dataset(tmp_path / "toy", scenes=1)
    listed = '[{"im_id": 1, "inst_count": 1, "obj_id": 1, "scene_id": 1}]'
    (made / "test_targets_bop19.json").write_text(listed)
    assert Dataset(made).targets("test") == [Target(1, 1, 1, 1)]
