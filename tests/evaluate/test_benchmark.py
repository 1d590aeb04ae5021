"""The benchmark's book-keeping: suites, results that survive, intervals, comparison, report."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparsedff.errors import SparseDFFError
from sparsedff.evaluate.compare import compare, verdict
from sparsedff.evaluate.overview import against, by_method, floors, write_overview
from sparsedff.evaluate.report import table, worst_cases, write_report
from sparsedff.evaluate.results import ResultsFile, read_rows
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.statistics import Estimate, mean_interval, rate_interval
from sparsedff.evaluate.suites.registry import SUITES
from sparsedff.synthetic.pair_settings import PairSettings

_NUMBERS = (1.5, np.nan, np.nan, 0.0, 0.0, 3.0, 0.2)
ROW = Row("a-0", "box", "body", "same_family", 0, "sparsedff", *_NUMBERS, 1, "held", 2.0, 300.0)


def rows(count: int, contact: float = 1.5, method: str = "sparsedff") -> list[Row]:
    return [replace(ROW, pair=f"a-{i}", seed=i, contact_cm=contact + 0.1 * i, method=method) for i in range(count)]


def test_quick_has_six_pairs_a_family_and_names_are_unique() -> None:
    pairs = SUITES.load("quick")({"mug": ("body", "rim"), "box": ("body",)}, PairSettings())
    assert len(pairs) == 12 and len({pair.name for pair in pairs}) == 12
    assert {pair.task for pair in pairs if pair.family == "mug"} == {"body", "rim"}
    assert sum(pair.kind == "same_family" for pair in pairs) == 6


def test_results_are_whole_after_every_pair_and_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    ResultsFile(tmp_path, {"suite": "quick"}).add(rows(2))
    again = ResultsFile(tmp_path, {"suite": "quick"})
    assert again.keep_whole(["a-0", "a-1", "b-0"]) == {("a-0", "sparsedff"), ("a-1", "sparsedff")}
    again.add([replace(ROW, pair="b-0", method="random", energy=np.nan)])
    found = read_rows(tmp_path)
    assert [row.pair for row in found] == ["a-0", "a-1", "b-0"]
    assert found[0] == rows(1)[0] or np.isnan(found[0].palm_cm)
    assert found[1].contact_cm == pytest.approx(1.6) and np.isnan(found[2].energy)


def test_results_of_other_settings_are_not_mixed(tmp_path: Path) -> None:
    ResultsFile(tmp_path, {"suite": "quick", "seed": 0})
    with pytest.raises(SparseDFFError, match=r"other settings \(seed differ\)"):
        ResultsFile(tmp_path, {"suite": "quick", "seed": 1})


def test_a_damaged_results_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text("pair,contact_cm\na,b\n")
    with pytest.raises(SparseDFFError, match=r"results.csv: a line is not a result"):
        read_rows(tmp_path)
    with pytest.raises(SparseDFFError, match="cannot be read"):
        read_rows(tmp_path / "none")


def test_mean_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(100):
        estimate = mean_interval(rng.normal(3.0, 1.0, 30).tolist(), trial)
        covered += estimate.low <= 3.0 <= estimate.high
    assert 86 <= covered <= 100


def test_intervals_of_degenerate_samples() -> None:
    assert mean_interval([]).count == 0 and np.isnan(mean_interval([np.nan]).value)
    assert mean_interval([2.0, 2.0]) == Estimate(2.0, 2.0, 2.0, 2)
    assert mean_interval([1.0, np.nan, 3.0]).value == 2.0
    assert rate_interval(0, 10).low == 0 and rate_interval(10, 10).high == 1
    # Wilson's interval for 7 of 10, worked out by hand: (0.397, 0.892)
    assert (rate_interval(7, 10).low, rate_interval(7, 10).high) == pytest.approx((0.397, 0.892), abs=1e-3)


@pytest.mark.parametrize(
    ("low", "high", "smaller", "expected"),
    [(-2, -1, True, "better"), (1, 2, True, "worse"), (-1, 1, True, "no evidence"), (1, 2, False, "better")],
)
def test_verdict(low: float, high: float, smaller: bool, expected: str) -> None:
    """Both are needed: a p below 5 % after Holm, and an interval that leaves out zero."""
    change = Estimate((low + high) / 2, low, high, 9)
    assert verdict(0.01, change, smaller) == expected
    assert verdict(0.05, change, smaller) == "no evidence" and verdict(None, change, smaller) == "too few"


def test_compare_finds_a_constant_improvement_and_says_nothing_of_noise() -> None:
    before, after = rows(8, 1.5), rows(8, 1.2)
    text = "\n".join(compare(before, after))
    assert "8 pairs" in text and "| contact_cm | 1.850 | 1.550 | -0.300 | -0.300 to -0.300 | 0.008 | better |" in text
    assert "| lifted | 1.000 | 1.000 | +0.000 | +0.000 to +0.000 | 1.000 | no evidence |" in text
    with pytest.raises(SparseDFFError, match="share no pair"):
        compare(before, rows(2, method="random"))


def test_results_from_before_the_headline_can_still_be_read_and_compared(tmp_path: Path) -> None:
    added = ("placed", "misplaced", "turn_deg", "commanded_penetration_mm", "under_table_mm", "robust", "on_part")
    ResultsFile(tmp_path, {}).add(rows(8))
    with (tmp_path / "results.csv").open(newline="") as file:
        entries = [{k: v for k, v in line.items() if k not in (*added, "symmetric")} for line in csv.DictReader(file)]
    with (tmp_path / "results.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(entries[0]))
        writer.writeheader()
        writer.writerows(entries)
    old = read_rows(tmp_path)
    assert len(old) == 8 and old[0].contact_cm == 1.5 and np.isnan(old[0].placed) and old[0].misplaced == ""
    assert any("| contact_cm |" in line for line in compare(old, rows(8, 1.2)))
    markdown, _ = write_report(tmp_path, old, {}, "Old")
    assert "a-7: not judged; contact error 2.2 cm (rigid floor nan), lift: held" in markdown.read_text()


def test_report_names_worst_cases_and_every_method(tmp_path: Path) -> None:
    results = [*rows(4), *rows(4, 3.0, "random")]
    markdown, page = write_report(tmp_path, results, {}, "A <title>")
    assert [row.pair for row in worst_cases(results)] == ["a-3", "a-2", "a-1"]
    assert "| random | 4 | - | 100 % [51, 100] | 3.15 [" in markdown.read_text()
    assert "A &lt;title&gt;" in page.read_text()


def test_the_headline_comes_first_and_symmetric_things_apart(tmp_path: Path) -> None:
    good, *others = (replace(row, placed=1.0, symmetric=1.0) for row in rows(4))
    results = [replace(good, placed=0.0, misplaced="contacts 3.1 cm off", symmetric=0.0), *others]
    lines = table(results, lambda row: row.method)
    assert lines[0][2:4] == ["held at the right place", "held"] and lines[1][2].startswith("75 %")
    assert [row.pair for row in worst_cases(results)] == ["a-0", "a-3", "a-2"], "what is misplaced is worse"
    text = write_report(tmp_path, results, {}, "Both")[0].read_text()
    assert "- a-0: contacts 3.1 cm off; contact error 1.5 cm" in text
    without, symmetric = (text.index(f"## Methods, {kind}") for kind in ("things without symmetry", "symmetric things"))
    assert "| sparsedff | 1 | 0 %" in text[without:symmetric] and "| sparsedff | 3 | 100 %" in text[symmetric:]


def test_methods_of_one_run_are_compared_pair_by_pair() -> None:
    both = [*rows(8, 1.5), *rows(8, 1.2, "rigid alignment")]
    text = "\n".join(compare(both, both, "rigid alignment", "sparsedff"))
    assert "A is rigid alignment, B is sparsedff" in text
    assert "| contact_cm | 1.550 | 1.850 | +0.300 | +0.300 to +0.300 | 0.008 | worse |" in text
    with pytest.raises(SparseDFFError, match="methods 'rigid alignment' and 'nobody'"):
        compare(both, both, "rigid alignment", "nobody")


def test_the_overview_has_a_line_a_suite_and_a_column_a_method(tmp_path: Path) -> None:
    found = {"hand_floor_cm": 1.6, "alignment_floor_cm": 2.0}
    ours = [replace(row, placed=1.0, **found) for row in rows(8, 1.2)]
    others = [replace(row, placed=0.0, **found) for row in rows(8, 1.5, "rigid alignment")]
    suites = {"quick": [*ours, *others], "hard": [*ours[:4], *rows(4, method="random")]}
    spoken = "\n".join(write_overview(tmp_path, suites))
    text = (tmp_path / "overview.md").read_text()
    assert "|  | pairs | sparsedff | rigid alignment | random |" in text
    assert "| quick | 8 | 100 % [68, 100] | 0 % [0, 32] | - |" in text
    assert "| hard | 4 | 100 % [51, 100] | - | - |" in text
    assert by_method(suites, "contact_cm")[1][2].startswith("1.55 [")
    assert against(suites)[1] == [
        "quick", "+1.00 [+1.00, +1.00]", "0.016", "better", "-0.30 [-0.30, -0.30]", "0.016", "better",
    ]  # fmt: skip
    assert len(against(suites)) == 2, "suite hard has no baseline"
    assert floors(suites)[1] == ["quick", "1.60", "1.60", "8", "2.00", "2.00", "8"]
    assert "hard/pictures/a-3.png" in text and "Held at the right place" in spoken
