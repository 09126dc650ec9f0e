"""The grid of hours that weather is looked up in."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def reference(demo):
    return demo("flights.reference")


def observed(reference, hours, origin="JFK", **values):
    rows = {name: np.full(len(hours), 1.0) for name in reference.OBSERVED} | values
    return [[origin] * len(hours), list(map(str, hours)), *([str(value) for value in row] for row in rows.values())]


def column(reference, weather, name):
    return ["nan" if value != value else value for value in weather[0, :, reference.WEATHER.index(name)].tolist()]  # noqa: PLR0124


def test_hours_without_an_observation_are_filled_for_a_while(reference):
    table = observed(reference, [10, 15], temp=[50.0, 60.0])
    airport, first, weather = reference._weather(*table)
    assert (airport, first, weather.shape) == ({"JFK": 0}, 10, (1, 6, len(reference.WEATHER)))
    assert column(reference, weather, "temp") == [50.0, 50.0, 50.0, 50.0, "nan", 60.0]


def test_the_worst_of_the_last_hours(reference):
    table = observed(
        reference, range(4), precip=[0.0, 2.0, 1.0, 0.0], visib=[9.0, 3.0, 8.0, 10.0], pressure=[1.0, 2.0, 4.0, 8.0]
    )
    _, _, weather = reference._weather(*table)
    assert column(reference, weather, "precip_3h") == [0.0, 2.0, 3.0, 3.0]
    assert column(reference, weather, "precip_6h") == [0.0, 2.0, 3.0, 3.0]
    assert column(reference, weather, "visib_3h") == [9.0, 3.0, 3.0, 3.0]
    assert column(reference, weather, "pressure_change") == ["nan", "nan", "nan", 7.0]


def test_airports_share_the_hours_and_keep_their_places(reference):
    table = [
        one + other for one, other in zip(observed(reference, [1], "LGA"), observed(reference, [3], "EWR"), strict=True)
    ]
    airport, first, weather = reference._weather(*table)
    assert (airport, first, weather.shape[:2]) == ({"EWR": 0, "LGA": 1}, 1, (2, 3))
