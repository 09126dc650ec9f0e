"""Truth days later: told in any order, some of it twice; the exported set is held against a join of its own."""

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def later(demo):
    return demo("later")


def rows(later, **changed):
    columns = {name: [1, 2] for name in later.nyc.REQUEST} | {"tailnum": ["N1", None]}
    times = pd.to_datetime(["2013-10-01T09:00:00Z", "2013-10-01T10:00:00Z"], utc=True)
    return pd.DataFrame({**columns, "time_hour": times, "id": ["a", "b"], "row": [0, 0], "truth": [0, 1]} | changed)


def test_the_same_rows_in_another_order_differ_in_nothing(later):
    assert later.differing(rows(later).iloc[::-1], rows(later)) == 0


def test_times_are_compared_by_their_moment(later):
    naive = rows(later)
    naive["time_hour"] = naive["time_hour"].dt.tz_localize(None)
    assert later.differing(naive, rows(later)) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"truth": [0, 0]},
        {"tailnum": ["N1", "N2"]},
        {"id": ["a", "c"]},
        {"row": [0, 1]},
        {"distance": [1, 3]},
    ],
)
def test_any_other_row_is_found(later, changed):
    assert later.differing(rows(later, **changed), rows(later)) >= 1
