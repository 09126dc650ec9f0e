import json

import pytest

from trimtab.ops.tune.measured import Level, Trial
from trimtab.ops.tune.report import Report, million, missed
from trimtab.ops.tune.setting import Setting
from trimtab.ops.tune.wishes import Goal

SPACE = (Setting("workers", 1, 1, 1, 0.0), Setting("workers", 2, 1, 1, 0.05), Setting("workers", 4, 1, 1, 0.05))


def trial(arm, turn, per_s, p99):
    return Trial(arm, turn, (Level(1, 9, per_s, p99, p99, p99),))


TRIALS = [one for turn in range(5) for one in (trial(0, turn, 100, 0.01), trial(1, turn, 200, 0.01 + turn / 1e4))] + [
    Trial(2, 0, fault="no server: boom")
]
REPORT = Report(Goal("p99", 0.02), 2, SPACE, TRIALS, {1: 0.001}, "done", 3.0, 1, Level(4, 9, 160, 0.01, 0.01, 0.01))


def test_the_report_says_what_the_best_is_worth():
    assert [row.arm for row in REPORT.table] == [1, 0]
    assert REPORT.gain == pytest.approx((2, 2, 2))
    assert REPORT.out == {str(SPACE[2]): "no server: boom"}
    plain = REPORT.plain(0.36)
    assert plain["best"]["processes"] == 2
    assert plain["cost_of_a_million"] == pytest.approx(0.36 / 3600 / 320 * 1e6)
    json.dumps(plain, allow_nan=False)


def test_where_the_goal_is_missed_the_nearest_is_named():
    late = Report(Goal("p99", 0.001), 1, SPACE, TRIALS, {1: 0.001}, "done", 3.0)
    assert late.nearest == (SPACE[0], 0.01)
    plain = late.plain(None)
    assert (plain["met"], plain["best"], plain["gain"], plain["cost_of_a_million"]) == (False, None, None, None)
    assert not any(row.keeps for row in late.table)
    assert "the nearest has p99 10 ms (1 process x 1 workers" in str(missed(late))
    silent = Report(Goal("p99", 1), 1, SPACE, TRIALS[-1:], {}, "", 0.0)
    assert silent.nearest is None
    assert "no setting answers" in str(missed(silent))
    assert "boom" in str(missed(silent))


def test_a_million_costs_the_hours_that_it_takes():
    assert million(1.0, 1000, 1) == pytest.approx(1 / 3.6)
    assert million(None, 1000, 1) is million(1.0, None, 1) is million(1.0, 0.0, 1) is None
