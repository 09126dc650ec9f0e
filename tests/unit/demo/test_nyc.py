"""Requests and outcomes of flights, from a few made-up ones."""

import json

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def nyc(demo):
    return demo("nyc")


@pytest.fixture
def chosen():
    row = {
        "year": 2013, "month": 10, "day": 1, "sched_dep_time": 1755, "sched_arr_time": 2100, "carrier": "AA",
        "flight": 1,
        "origin": "JFK", "dest": "LAX", "distance": 2475, "time_hour": pd.Timestamp("2013-10-01T21:00Z"),
    }  # fmt: skip
    outcomes = [("N1", 15.0), ("N2", 16.0), (None, None), ("N4", -3.0)]
    frame = pd.DataFrame(
        [{**row, "tailnum": tail, "arr_delay": delay} for tail, delay in outcomes], index=[7, 8, 9, 10]
    )
    return frame.astype({"time_hour": "datetime64[s, UTC]"})


def test_late_is_more_than_fifteen_minutes_and_unknown_without_an_arrival(nyc, chosen):
    found = nyc.late(chosen)
    assert found.fillna(-1).tolist() == [0.0, 1.0, -1.0, 0.0]
    assert found.index.tolist() == [0, 1, 2, 3]


def test_a_request_has_no_outcome(nyc, chosen):
    asked = nyc.requests(chosen)
    assert tuple(asked.columns) == nyc.REQUEST
    assert "arr_delay" not in asked
    assert asked.index.tolist() == [0, 1, 2, 3]


def test_a_line_is_one_json_object_with_null_and_utc(nyc, chosen):
    lines = [json.loads(line) for line in nyc.ask_line(nyc.requests(chosen))]
    assert [line["tailnum"] for line in lines] == ["N1", "N2", None, "N4"]
    assert lines[0]["time_hour"] == "2013-10-01T21:00:00Z"
    assert lines[0]["distance"] == 2475
    assert list(lines[0]) == list(nyc.REQUEST)


def test_a_file_that_the_package_lacks_is_named(nyc):
    with pytest.raises(FileNotFoundError, match=r"no file `gone\.csv`"):
        nyc.table("gone.csv")
