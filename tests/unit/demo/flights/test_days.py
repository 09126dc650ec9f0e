"""Days and holidays, against the calendar."""

from datetime import date, timedelta

import numpy as np
import pytest

EPOCH = date(1970, 1, 1)
# the federal holidays as the Office of Personnel Management of the United States lists them (of the days themselves)
HOLIDAYS = {
    2013: ["01-01", "01-21", "02-18", "05-27", "07-04", "09-02", "10-14", "11-11", "11-28", "12-25"],
    2016: ["01-01", "01-18", "02-15", "05-30", "07-04", "09-05", "10-10", "11-11", "11-24", "12-25"],
    2021: ["01-01", "01-18", "02-15", "05-31", "07-04", "09-06", "10-11", "11-11", "11-25", "12-25"],
}


@pytest.fixture(scope="module")
def days(demo):
    return demo("flights.days")


def since_epoch(*dates):
    return np.array([(day - EPOCH).days for day in dates])


def test_dates_are_days_since_1970(days):
    dates = [date(1969, 12, 31), EPOCH, date(2000, 2, 29), date(2013, 12, 31), date(2100, 3, 1)]
    parts = (np.array([getattr(day, part) for day in dates]) for part in ("year", "month", "day"))
    assert days.days_of(*parts).tolist() == since_epoch(*dates).tolist()


def test_weekdays_begin_on_monday(days):
    dates = [date(2013, 1, 1) + timedelta(offset) for offset in range(800)] + [date(1969, 12, 31)]
    assert days.weekday(since_epoch(*dates)).tolist() == [day.weekday() for day in dates]


@pytest.mark.parametrize("year", sorted(HOLIDAYS))
def test_the_holidays_of_known_years(days, year):
    dates = [date(year, 1, 1) + timedelta(offset) for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    distance = days.holiday_distance(since_epoch(*dates))
    assert [f"{day:%m-%d}" for day, far in zip(dates, distance, strict=True) if far == 0] == HOLIDAYS[year]


@pytest.mark.parametrize(
    ("day", "distance"),
    [
        (date(2013, 11, 27), -1),
        (date(2013, 11, 28), 0),
        (date(2013, 12, 1), 3),
        (date(2013, 12, 31), -1),  # the next holiday is in the next year
        (date(2013, 12, 28), 3),
        (date(2013, 12, 29), -3),  # as near to the one as to the other but a day
        (date(2014, 1, 2), 1),
        (date(2013, 8, 1), 7),
        (date(2013, 6, 27), -7),
        (date(2013, 6, 28), -6),
        (date(2013, 8, 25), -7),
    ],
)
def test_the_nearest_holiday_counts_up_to_a_week(days, day, distance):
    assert days.holiday_distance(since_epoch(day)).tolist() == [distance]


def test_a_row_does_not_depend_on_its_neighbours(days):
    dates = since_epoch(date(1999, 12, 31), date(2013, 7, 5), date(2040, 1, 1))
    assert days.holiday_distance(dates).tolist() == [int(days.holiday_distance(dates[[row]])[0]) for row in range(3)]


def test_no_days_have_no_distances(days):
    assert days.holiday_distance(np.array([], int)).tolist() == []
