"""Turns raw requests about flights into the numbers that the model was trained on; training calls it too.

Only what is known at the scheduled departure goes in: the timetable, the plane, the calendar, and the weather that was
observed in the hour before. Nothing of the flight itself (when it left, how late it was, how long it flew).

Columns come as numpy arrays (`container = "arrays"` in trimtab.toml), so that serving needs no pandas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flights.days import days_of, holiday_distance, weekday
from flights.reference import PLANE, WEATHER, Reference, reference

__all__ = ["FEATURES", "features"]

Array: TypeAlias = NDArray[Any]
Flights: TypeAlias = Mapping[str, Array]

CODED: Final = ("carrier", "origin", "dest")
TIMETABLE: Final = ("depart_minute", "arrive_minute", "planned_minutes", "distance")
# The place in the year is left out on purpose: of a single year, a model can only learn which months were bad.
CALENDAR: Final = ("weekday", "holiday")
ELSEWHERE: Final = ("precip_anywhere", "visib_anywhere")
FEATURES: Final = (*CODED, *TIMETABLE, *CALENDAR, *PLANE, *WEATHER, *ELSEWHERE)
PLANE_YEAR: Final = FEATURES.index("year")
DAY: Final = 24 * 60


def features(flights: Flights) -> Array:
    """One row of FEATURES a flight, in the order given; NaN for what is unknown (a carrier, a plane, an hour)."""
    known = reference()
    columns = [_codes(flights[name], known.codes[name]) for name in CODED]
    columns += [*_timetable(flights), *_calendar(flights), *_plane(flights, known).T, *_weather(flights, known).T]
    matrix = np.column_stack(columns).astype(np.float64, copy=False)
    matrix[:, PLANE_YEAR] = flights["year"] - matrix[:, PLANE_YEAR]  # from the year it was built to its age
    return matrix


def _codes(values: Array, codes: Any) -> Array:
    """The number of each value; NaN for one that training never saw."""
    return _look_up(values, codes, np.nan)


def _look_up(values: Array, table: Any, unknown: float) -> Array:
    # a dict beats a join for one row by far, and is no slower for many
    return np.array([table.get(value, unknown) for value in values.tolist()], np.float64)


def _timetable(flights: Flights) -> list[Array]:
    """Planned departure and arrival as minutes of their days (each in local time), the time between, the distance."""
    depart, arrive = (_minutes(flights[name]) for name in ("sched_dep_time", "sched_arr_time"))
    return [depart, arrive, (arrive - depart) % DAY, flights["distance"]]


def _minutes(clock: Array) -> Array:
    """Minutes of the day of a clock time written as 1755."""
    minutes: Array = clock // 100 * 60 + clock % 100
    return minutes


def _calendar(flights: Flights) -> list[Array]:
    days = days_of(*(flights[name].astype(np.int64) for name in ("year", "month", "day")))
    return [weekday(days), holiday_distance(days)]


def _plane(flights: Flights, known: Reference) -> Array:
    """Year built, seats and maker; a missing tail number is an unknown plane."""
    rows = _look_up(flights["tailnum"], known.plane, len(known.planes) - 1)
    found: Array = known.planes[rows.astype(np.int64)]
    return found


def _weather(flights: Flights, known: Reference) -> Array:
    """What was observed at the airport in the hour before, and the worst of it at any of the airports nearby."""
    hours = known.weather.shape[1]
    airport = _look_up(flights["origin"], known.airport, -1).astype(np.int64)
    hour = flights["time_hour"].astype("datetime64[h]").astype(np.int64) - 1 - known.first_hour
    inside = (hour >= 0) & (hour < hours)
    hour = np.where(inside, hour, 0)
    everywhere = known.weather[:, hour]
    here = np.where(airport[:, None] >= 0, everywhere[airport, np.arange(len(hour))], np.nan)
    rain = np.fmax.reduce(everywhere[:, :, WEATHER.index("precip_3h")])
    sight = np.fmin.reduce(everywhere[:, :, WEATHER.index("visib_3h")])
    found = np.column_stack([here, rain, sight])
    found[~inside] = np.nan
    return found
