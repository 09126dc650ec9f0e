"""Times on the wire are ISO 8601 text; in memory they are `datetime64` in UTC.

A time without an offset is taken as UTC. Sub-microsecond digits are kept for fields whose unit is ns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.signature import Field

__all__ = ["format_datetimes", "is_zoned", "parse_datetimes", "unit_of"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FRAME: Final = re.compile(r"datetime64\[(s|ms|us|ns)(?:,\s*(\S.*))?\]")
_FINE: Final = re.compile(r"\.\d{6}(\d{1,3})\d*")
_PER_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_LARGEST: Final = 2**63 - 1


def unit_of(field: Field) -> str:
    """The `datetime64` unit of a datetime field: that of its frame dtype, else "us"."""
    match = _FRAME.fullmatch(field.frame)
    return match[1] if match else "us"


def is_zoned(field: Field) -> bool:
    """Whether the preparation code knows the zone of this field's times."""
    match = _FRAME.fullmatch(field.frame)
    return bool(match and match[2])


def _ticks(text: str, per_second: int) -> int:
    """Ticks since 1970 in UTC; ValueError or OverflowError for text that is no ISO 8601 time, or out of range."""
    time = datetime.fromisoformat(text)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    fine = _FINE.search(text)
    nanoseconds = (time - _EPOCH) // _MICROSECOND * 1000 + (int(fine[1].ljust(3, "0")) if fine else 0)
    ticks = nanoseconds * per_second // 10**9
    if abs(ticks) > _LARGEST:
        raise ValueError("out of range")
    return ticks


def parse_datetimes(values: Sequence[object], unit: str) -> tuple[Array, list[int]]:
    """Times in UTC and the positions of the values that are no ISO 8601 text; None becomes NaT."""
    per_second = _PER_SECOND[unit]
    ticks = np.full(len(values), np.iinfo(np.int64).min, np.int64)  # the bit pattern of NaT
    bad = []
    for position, value in enumerate(values):
        if value is None:
            continue
        try:
            text = value.decode() if isinstance(value, bytes) else value
            if not isinstance(text, str):
                bad.append(position)
                continue
            ticks[position] = _ticks(text, per_second)
        except (ValueError, OverflowError):  # OverflowError: the offset moves the time out of the calendar
            bad.append(position)
    return ticks.view(f"datetime64[{unit}]"), bad


def format_datetimes(times: Array, *, zoned: bool) -> list[str | None]:
    """ISO 8601 text of `datetime64` values (UTC, with `Z` when zoned); NaT becomes None."""
    texts = np.datetime_as_string(times)
    suffix = "Z" if zoned else ""
    nat = np.isnat(times)
    return [None if missing else f"{text}{suffix}" for text, missing in zip(texts.tolist(), nat.tolist(), strict=True)]
