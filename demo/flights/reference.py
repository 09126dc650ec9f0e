"""The tables that lie in `data/` beside this module: planes, hourly weather, and the codes seen in training.

They are read at the first request and kept. A real service would ask a weather feed; here the file stands in for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["DATA", "OBSERVED", "PLANE", "WEATHER", "Reference", "reference"]

Array: TypeAlias = NDArray[Any]

DATA: Final = Path(__file__).parent / "data"
OBSERVED: Final = (
    "temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib",
)  # fmt: skip
WORST: Final = (("precip", "sum"), ("visib", "min"), ("wind_speed", "max"))
HOURS: Final = (3, 6)
WEATHER: Final = (*OBSERVED, *(f"{name}_{hours}h" for hours in HOURS for name, _ in WORST), "pressure_change")
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
    for column, value, code in pd.read_csv(DATA / "codes.csv", keep_default_na=False).itertuples(index=False):
        codes.setdefault(column, {})[value] = code
    fleet = pd.read_csv(DATA / "planes.csv", dtype={"tailnum": str})
    maker = fleet["manufacturer"].map(codes["manufacturer"])
    known = np.column_stack([fleet["year"], fleet["seats"], maker]).astype(np.float64)
    airport, first, weather = _weather(pd.read_csv(DATA / "weather.csv"))
    return Reference(
        codes=codes,
        plane={name: row for row, name in enumerate(fleet["tailnum"].tolist())},
        planes=np.vstack([known, np.full((1, len(PLANE)), np.nan)]),
        airport=airport,
        first_hour=first,
        weather=weather,
    )


def _weather(table: pd.DataFrame) -> tuple[dict[str, int], int, Array]:
    """Airports by place, the first hour, and the grid of airports x hours x WEATHER."""
    first, last = int(table["hour"].min()), int(table["hour"].max())
    airports = sorted(table["origin"].unique())
    grids = []
    for name in airports:
        seen = table[table["origin"] == name].set_index("hour")[list(OBSERVED)]
        seen = seen.reindex(range(first, last + 1)).ffill(limit=STALE)
        for hours in HOURS:
            for column, worst in WORST:
                seen[f"{column}_{hours}h"] = seen[column].rolling(hours, min_periods=1).agg(worst)
        seen["pressure_change"] = seen["pressure"].diff(HOURS[0])
        grids.append(seen[list(WEATHER)].to_numpy(np.float64))
    return {name: place for place, name in enumerate(airports)}, first, np.stack(grids)
