"""Comparisons of two runs: exact tests against closed forms, false alarms and power by simulation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sparsedff.evaluate.compare import MEASURES, adjusted_chances, compare, verdict
from sparsedff.evaluate.paired import LEVEL, Evidence, holm, mcnemar, sign_flip
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.statistics import mean_interval

FAMILIES = [f"family {i}" for i in range(8)]
BLANK = Row("", "", "body", "same_family", 0, "sparsedff", *[np.nan] * 6, np.nan, 1, "held", np.nan, 0.0)


def test_three_discordant_pairs_of_48_are_no_evidence() -> None:
    """What used to be `better`: McNemar's p is 2 * 0.5^3."""
    assert mcnemar([1, 1, 1, *[0] * 45]).p == pytest.approx(0.25)
    before = [replace(BLANK, pair=f"p{i}", family=FAMILIES[i % 8], lifted=int(i > 2), placed=1.0) for i in range(48)]
    after = [replace(row, lifted=1) for row in before]
    line = next(line for line in compare(before, after) if line.startswith("| lifted"))
    assert line.endswith("| 1.000 | no evidence |")


@pytest.mark.parametrize(("up", "down"), [(0, 0), (1, 0), (7, 1), (5, 9), (12, 0)])
def test_mcnemar_is_the_binomial_test_of_those_that_changed(up: int, down: int) -> None:
    found = mcnemar([*[1] * up, *[-1] * down, 0, 0])
    expected = stats.binomtest(up, up + down).pvalue if up + down else 1.0
    assert found.p == pytest.approx(expected)
    assert found.least == pytest.approx(min(1.0, 2 * 0.5 ** (up + down)))


@pytest.mark.parametrize("count", [3, 8, 12])
def test_sign_flips_of_few_pairs_are_exact(count: int) -> None:
    values = np.random.default_rng(count).standard_t(2, count) + 0.4
    expected = stats.permutation_test((values,), np.sum, permutation_type="samples", n_resamples=np.inf).pvalue
    assert sign_flip(values).p == pytest.approx(expected)
    assert sign_flip(np.full(count, 0.3)) == Evidence(2 * 0.5**count, 2 * 0.5**count)
    assert sign_flip(np.zeros(count)) == Evidence(1.0, 1.0)


def test_sign_flips_of_many_pairs_are_drawn_and_repeatable() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 48)
    assert sign_flip(values) == sign_flip(values)
    assert sign_flip(values).p == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.01)
    assert sign_flip(np.full(48, 1.0)).p == pytest.approx(1e-4, rel=0.01)


def test_holm_multiplies_by_what_is_left_and_leaves_out_what_cannot_be_significant() -> None:
    found = {"a": Evidence(0.01, 0.001), "b": Evidence(0.04, 0.001), "c": Evidence(0.03, 0.001)}
    assert holm(found) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})
    hardly = {**found, "d": Evidence(0.25, 0.25)}
    assert holm(hardly) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06, "d": 1.0})


def test_intervals_resample_families() -> None:
    """Pairs of a family that are all alike are worth one pair: eight values six times over have the width of eight."""
    eight = np.random.default_rng(3).normal(2, 1, 8)
    repeated, names = np.repeat(eight, 6).tolist(), np.repeat(FAMILIES, 6).tolist()
    alone, clustered, naive = (
        mean_interval(eight.tolist()),
        mean_interval(repeated, clusters=names),
        mean_interval(repeated),
    )
    assert (clustered.low, clustered.high) == pytest.approx((alone.low, alone.high), abs=0.01)
    assert naive.high - naive.low < 0.6 * (alone.high - alone.low)
    assert mean_interval([1.0, 2.0, 4.0], clusters=["a"] * 3) == mean_interval([1.0, 2.0, 4.0]), "one family: its pairs"
    assert np.isfinite(mean_interval([0.0, 0.0, 0.0, 1.0], clusters=["a", "a", "b", "b"]).low)


def test_fewer_than_eight_pairs_are_too_few() -> None:
    before = [replace(BLANK, pair=f"p{i}", family=FAMILIES[i], contact_cm=2.0) for i in range(8)]
    after = [replace(row, contact_cm=1.0) for row in before]
    verdicts = [
        next(line for line in compare(before[:n], after[:n]) if line.startswith("| contact")).split(" | ")[-1]
        for n in (7, 8)
    ]
    assert verdicts == ["too few |", "better |"]


def test_measures_that_older_results_lack_are_left_out() -> None:
    before = [replace(BLANK, pair=f"p{i}", family=FAMILIES[i % 8], contact_cm=2.0 + i) for i in range(9)]
    after = [replace(row, placed=1.0, robust=0.8) for row in before]
    text = "\n".join(compare(before, after))
    assert "| contact_cm |" in text and "placed" not in text and "robust" not in text


def runs(count: int, seed: int, gain: float = 1.0, success: float = 0.75) -> dict[str, np.ndarray]:
    """Differences (n,) by measure of two runs of one suite on heavy-tailed errors.

    Errors of one pair share its difficulty, those of one run share how that run went (a failed transfer is bad in all
    measures), and all are Cauchy-like: some misses are a hundred times the median.
    """
    rng = np.random.default_rng(seed)
    difficulty = np.exp(rng.normal(0, 1, count)) + rng.choice(np.exp(rng.normal(0, 1, 8)), count)
    values: list[dict[str, np.ndarray]] = []
    for factor, rate in ((1.0, 0.75), (gain, success)):
        went = np.abs(rng.standard_cauchy(count))
        run = {}
        for name, measure in MEASURES.items():
            if measure.yes_no:
                run[name] = (rng.random(count) < rate).astype(float)
            else:
                run[name] = factor * difficulty * (0.3 + 0.2 * went + 0.2 * np.abs(rng.standard_cauchy(count)))
        values.append(run)
    return {name: values[1][name] - values[0][name] for name in MEASURES}


def alarm(count: int, seed: int) -> bool:
    """Whether any measure of one comparison is called better or worse."""
    differences = runs(count, seed)
    families = [FAMILIES[i % 8] for i in range(count)]
    low = {name: p for name, p in adjusted_chances(differences).items() if p < LEVEL}
    said = [verdict(p, mean_interval(differences[name].tolist(), clusters=families), True) for name, p in low.items()]
    return any(word in ("better", "worse") for word in said)


def false_alarms(count: int, trials: int) -> float:
    return float(np.mean([alarm(count, seed) for seed in range(trials)]))


@pytest.mark.parametrize("count", [8, 16, 48])
def test_false_alarms_of_a_whole_comparison_stay_below_five_percent(count: int) -> None:
    assert false_alarms(count, 1500) < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("count", [8, 16, 48])
def test_false_alarms_stay_below_five_percent_in_many_comparisons(count: int) -> None:
    assert false_alarms(count, 10_000) < 0.05


def comparisons(trials: int, improvement: float) -> Iterator[str]:
    """Whole tables of 48 pairs in 8 families, with contact errors smaller by a share and nothing else changed."""
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        error = np.exp(rng.normal(0, 0.8, 48))
        before = [replace(BLANK, pair=f"p{i:02}", family=FAMILIES[i % 8], contact_cm=error[i]) for i in range(48)]
        noise = np.exp(rng.standard_t(3, 48) * 0.15)
        after = [
            replace(row, contact_cm=error[i] * (1 - improvement) * noise[i], seconds=1.0)
            for i, row in enumerate(before)
        ]
        yield next(line for line in compare(before, after) if line.startswith("| contact"))


def test_a_real_effect_of_sensible_size_is_found_at_48_pairs() -> None:
    """Contact errors a quarter smaller, with a noise of 15 % in each pair's ratio and heavy tails."""
    found = [line.endswith("| better |") for line in comparisons(40, 0.25)]
    assert np.mean(found) > 0.9


def test_a_higher_rate_is_found_at_48_pairs() -> None:
    """From 60 to 90 % in the headline: 15 of 48 pairs changed, all but one for the better."""
    differences = {"placed": np.array([1.0] * 14 + [-1.0] + [0.0] * 33), "lifted": np.zeros(48)}
    assert adjusted_chances(differences)["placed"] < 0.01
