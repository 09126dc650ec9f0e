"""What a run left, as figures: agreement is exact, and rows that are missing are no agreement."""

import json

import numpy as np
import pandas as pd
import pytest

FLOWN = {
    "flights": [
        {"outcome": "rolled back", "why": "errors 12 % > 1 %, n 50"}, {"outcome": "promoted", "why": "proved at 50 %"},
    ],
    "seconds": [[0.0, "champion", 90, 1], [0.0, "challenger", 10, 4], [1.0, "challenger", 12, 2]],
    "asked": 112, "refused": 7,
}  # fmt: skip
SAID = {"p50_ms": 1.5, "p95_ms": 2.5, "p99_ms": 3.5, "requests_per_s": 1234, "rows_per_s": 56789}


@pytest.fixture(scope="module")
def results(demo):
    return demo("results")


def made(results, **changed):
    truth = np.array([0.0, 1.0, np.nan] * 10)
    served = np.linspace(0, 1, 30)
    plain = {
        "asked": pd.DataFrame(), "truth": truth, "served": served, "scored": served.copy(), "trained": served.copy(),
        "baseline": np.full(30, 0.5), "times": pd.DataFrame(), "traffic": {"single": SAID, "batch": SAID},
        "later": {"rows": 20, "differing": 0}, "flown": FLOWN,
    }  # fmt: skip
    return results.Results(**(plain | changed))


def test_the_three_ways_agree_when_not_one_bit_differs(results):
    found = made(results)
    assert (found.batch_difference, found.training_difference, found.agree) == (0.0, 0.0, True)


@pytest.mark.parametrize("which", ["scored", "trained"])
@pytest.mark.parametrize(
    ("spoil", "difference"),
    [
        (lambda array: np.nextafter(array, 2), None),
        (lambda array: array[:-1], float("inf")),
        (lambda array: np.append(array[:-1], np.nan), float("inf")),
        (lambda array: array + 0.25, 0.25),
    ],
)
def test_anything_else_is_no_agreement(results, which, spoil, difference):
    found = made(results, **{which: spoil(np.linspace(0, 1, 30))})
    assert not found.agree
    got = found.batch_difference if which == "scored" else found.training_difference
    assert got > 0
    assert difference is None or got == pytest.approx(difference)


def test_what_the_journal_has_must_be_what_was_asked_and_what_came_of_it(results):
    assert not made(results, later={"rows": 20, "differing": 1}).agree


def test_the_baseline_is_judged_on_the_same_flights(results):
    found = made(results)
    assert (found.plain.auc, found.plain.count, found.model.count) == (0.5, 20, 20)


def test_the_table_has_every_figure(results):
    rows = dict(results.summary_rows(made(results)))
    assert rows["flights asked about"] == "30 in October 2013, outcome known of 20"
    assert rows["kept and joined"] == "20 flights with their truth, 0 other than they should be"
    assert rows["HTTP against batch"] == "largest difference 0.0"
    assert rows["breaks on real flights"] == "rolled back: errors 12 % > 1 %, n 50"
    assert rows["has learnt from October"] == "promoted: proved at 50 %"
    assert rows["cost of both flights"] == "6 flights without an answer, 1 among the champion's"
    assert rows["one row a request"] == "p50 1.5 ms, p95 2.5 ms, p99 3.5 ms; 1,234 requests/s, 56,789 rows/s"


def test_a_run_is_read_from_its_files(results, tmp_path):
    answers = pd.DataFrame({"probability": [0.25, 0.5]})
    for name in ("answers", "scored"):
        answers.to_parquet(tmp_path / f"{name}.parquet")
    truth = pd.DataFrame({"late": [1.0, None], "trained": [0.25, 0.5], "baseline": [0.1, 0.2]})
    truth.to_parquet(tmp_path / "truth.parquet")
    for name in ("live", "times"):
        pd.DataFrame({"x": [1, 2]}).to_parquet(tmp_path / f"{name}.parquet")
    (tmp_path / "traffic.json").write_text(json.dumps({"single": SAID}))
    (tmp_path / "flown.json").write_text(json.dumps(FLOWN))
    (tmp_path / "later.json").write_text(json.dumps({"rows": 1, "differing": 0}))
    found = results.read_results(tmp_path)
    assert found.agree
    assert (found.truth[0], np.isnan(found.truth[1]), found.traffic["single"]) == (1.0, True, SAID)
