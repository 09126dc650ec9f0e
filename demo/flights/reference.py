"""The tables that lie in `data/` beside this module: planes, hourly weather, and the codes seen in training.

They are read at the first request and kept. A real service would ask a weather feed; here the file stands in for it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DATA", "OBSERVED", "PLANE", "WEATHER", "Reference", "reference"]

Array: TypeAlias = NDArray[Any]
Texts: TypeAlias = Sequence[str]

DATA: Final = Path(__file__).parent / "data"
OBSERVED: Final = (
    "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib",
)  # fmt: skip
NAN: Final = float("nan")
HOURS: Final = (3, 6)
WEATHER: Final = (
    *OBSERVED,
    *(f"{name}_{hours}h" for hours in HOURS for name in ("precip", "visib", "wind_speed")),
    "pressure_change",
)
PLANE: Final = ("year", "seats", "manufacturer")
STALE: Final = 3  # hours that an old observation stands in for one that is missing


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Everything to look up by key, as arrays.

    codes: column -> value -> number. plane: tail number -> row of `planes`; the last row is all NaN, for unknown ones.
    weather: place of the airport x hours since `first_hour` (whole hours since 1970, UTC) x WEATHER.
    """

    codes: Mapping[str, Mapping[str, int]]
    plane: Mapping[str, int]
    planes: Array
    airport: Mapping[str, int]
    first_hour: int
    weather: Array


@cache
def reference() -> Reference:
    """The tables, read once."""
    codes: dict[str, dict[str, int]] = {}
    for column, value, code in zip(*_columns("codes.csv", "column", "value", "code"), strict=True):
        codes.setdefault(column, {})[value] = int(code)
    tails, year, seats, maker = _columns("planes.csv", "tailnum", *PLANE)
    makers = [codes["manufacturer"].get(name, NAN) for name in maker]
    known = np.column_stack([_numbers(year), _numbers(seats), makers])
    airport, first, weather = _weather(*_columns("weather.csv", "origin", "hour", *OBSERVED))
    return Reference(
        codes=codes,
        plane={name: row for row, name in enumerate(tails)},
        planes=np.vstack([known, np.full((1, len(PLANE)), NAN)]),
        airport=airport,
        first_hour=first,
        weather=weather,
    )


def _columns(file: str, *names: str) -> list[Texts]:
    """Columns of a table as text, in the order of the names."""
    with (DATA / file).open(newline="", encoding="utf-8") as lines:
        rows = csv.reader(lines)
        header = next(rows)
        columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    return [columns[name] for name in names]


def _numbers(texts: Texts) -> Array:
    return np.array([float(text or "nan") for text in texts])


def _weather(origins: Texts, hours: Texts, *seen: Texts) -> tuple[dict[str, int], int, Array]:
    """Airports by place, the first hour, and the grid of airports x hours x WEATHER; seen: as OBSERVED, in text."""
    airports = {name: place for place, name in enumerate(sorted(set(origins)))}
    hour = np.array([int(text) for text in hours])
    first = int(hour.min())
    grid = np.full((len(airports), int(hour.max()) - first + 1, len(OBSERVED)), NAN)
    grid[[airports[name] for name in origins], hour - first] = np.column_stack([_numbers(texts) for texts in seen])
    grid = _carried(grid)
    columns = [grid[:, :, OBSERVED.index(name)] for name in OBSERVED]
    for hours_back in HOURS:
        columns += [_worst(grid[:, :, OBSERVED.index(name)], hours_back, worst) for name, worst in WORST]
    pressure = grid[:, :, OBSERVED.index("pressure")]
    columns.append(pressure - _back(pressure, HOURS[0]))
    return airports, first, np.stack(columns, axis=2)


def _carried(grid: Array) -> Array:
    """Observations stand in for those missing in the hours after them."""
    filled = grid.copy()
    for hours in range(1, STALE + 1):
        earlier = grid[:, :-hours]
        later = filled[:, hours:]
        later[np.isnan(later)] = earlier[np.isnan(later)]
    return filled


def _back(values: Array, hours: int) -> Array:
    """The values of so many hours before; NaN where that is before the first hour."""
    before = np.full_like(values, NAN)
    before[:, hours:] = values[:, :-hours]
    return before


def _worst(values: Array, hours: int, worst: Callable[[Array, Array], Array]) -> Array:
    """The worst of the last hours, this one among them; what is missing does not count."""
    found = values
    for back in range(1, hours):
        found = worst(found, _back(values, back))
    return found


def _sum(one: Array, other: Array) -> Array:
    total: Array = np.where(np.isnan(one), other, one + np.where(np.isnan(other), 0.0, other))
    return total


WORST: Final[tuple[tuple[str, Callable[[Array, Array], Array]], ...]] = (
    ("precip", _sum), ("visib", np.fmin), ("wind_speed", np.fmax),
)  # fmt: skip
