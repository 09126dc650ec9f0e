"""The parts of a flight's features that need no tables."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def prepare(demo):
    return demo("flights.prepare")


def arrays(**columns):
    return {name: np.array(values) for name, values in columns.items()}


@pytest.mark.parametrize(("clock", "minutes"), [(0, 0), (59, 59), (100, 60), (1755, 1075), (2359, 1439)])
def test_a_clock_time_is_minutes_of_its_day(prepare, clock, minutes):
    assert prepare._minutes(np.array([clock])).tolist() == [minutes]


def test_a_flight_over_midnight_has_a_positive_length(prepare):
    flights = arrays(sched_dep_time=[2330, 900], sched_arr_time=[45, 1130], distance=[500, 800])
    columns = [column.tolist() for column in prepare._timetable(flights)]
    assert columns == [[1410, 540], [45, 690], [75, 150], [500, 800]]


def test_what_training_never_saw_has_no_number(prepare):
    found = prepare._codes(np.array(["AA", "ZZ", None]), {"AA": 3})
    assert found[0] == 3.0
    assert np.isnan(found[1:]).all()


def test_the_calendar_is_weekday_and_holiday(prepare):
    flights = arrays(year=[2013, 2013], month=[11, 7], day=[27, 4])
    assert [column.tolist() for column in prepare._calendar(flights)] == [[2, 3], [-1, 0]]


def test_features_have_no_double_names(prepare):
    assert len(set(prepare.FEATURES)) == len(prepare.FEATURES)
    assert prepare.FEATURES[prepare.PLANE_YEAR] == "year"
