"""Values that break converters: around what was seen, at the ends of what is allowed, and next to thresholds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import DTYPES, Array, is_float, is_integer
from trimtab.core.signature import Field

__all__ = ["edge_values", "near_values"]

_RANDOM: Final = 256
_KEPT: Final = 4096  # most values around those seen, or around thresholds, of one column
_F32: Final = np.finfo(np.float32)
_F64: Final = np.finfo(np.float64)
# zeros, denormals and the ends of both widths; values that have no exact FP32; the first integer FP64 cannot count past
_FLOATS: Final = (
    0.0, -0.0, 1.0, -1.0, 0.1, -0.1, 1 + 2.0**-24, 1 - 2.0**-25, 16_777_217.0, 2.0**53 + 2,
    float(_F64.smallest_subnormal), -float(_F64.smallest_subnormal), float(_F32.smallest_subnormal),
    float(_F32.tiny), -float(_F32.tiny), float(_F32.tiny) / 2, float(_F64.tiny), 1e-30, 1e-7, -1e-7, 1e7, -1e7, 1e30,
    float(_F32.max), -float(_F32.max), float(np.nextafter(np.float64(_F32.max), np.inf)), 1e300, -1e300,
    float(_F64.max), -float(_F64.max), np.inf, -np.inf,
)  # fmt: skip
_WORDS: Final = ("", " ", "never seen before", "\u00e9", "nan", "0", "None")


def edge_values(field: Field, *, wide: bool) -> list[Any]:
    """The ends of what the field allows, as Python values; None is null.

    wide: numbers far from any that were seen, too. Code of the user's own may take forever over the year 10^18, and it
    is the same code on both sides; a converted stage must be shown them.
    """
    found: list[Any] = [None] if field.nullable else []
    if field.categories is not None:
        return [*found, *field.categories]
    if field.kind == "datetime":
        return found
    if field.dtype == "BYTES":
        return [*found, *(word.encode() if field.kind == "bytes" else word for word in _WORDS)]
    if field.dtype == "BOOL":
        return [*found, False, True]
    ends = [value for value in (field.low, field.high) if value is not None]
    if is_integer(field.dtype):
        info = np.iinfo(DTYPES[field.dtype])
        found += [int(end) for end in ends]
        return [*found, *_allowed(field, [0, 1, -1, *((info.min, info.max) if wide else ())], info.min, info.max)]
    limit = float(np.finfo(DTYPES[field.dtype]).max)
    floats = [*ends, *(_FLOATS if wide else (0.0, -0.0, 1.0, -1.0))]
    return [
        *found,
        *(value for value in _allowed(field, floats, -np.inf, np.inf) if abs(value) in (np.inf, *_to(limit, value))),
    ]


def _to(limit: float, value: float) -> tuple[float, ...]:
    return (abs(value),) if abs(value) <= limit else ()


def _allowed(field: Field, values: Sequence[Any], least: float, most: float) -> list[Any]:
    low = least if field.low is None else max(field.low, least)
    high = most if field.high is None else min(field.high, most)
    return [value for value in values if low <= value <= high]


def near_values(field: Field, seen: Array, thresholds: Array, chance: np.random.Generator) -> Array:
    """Values around those seen: their neighbours, a range three times as wide, and both sides of each threshold.

    seen: the values of the column without the missing ones. Nothing for text and other closed sets.
    """
    empty: Array = seen[:0]
    if field.categories is not None or (field.dtype in ("BYTES", "BOOL") and field.kind != "datetime") or not len(seen):
        return empty
    if field.kind == "datetime":  # the least integer is no time
        least, most = -np.iinfo(np.int64).max, np.iinfo(np.int64).max
        return np.array(_whole(seen.astype(np.int64), least, most, chance), np.int64).astype(seen.dtype)
    dtype = DTYPES[field.dtype]
    if is_integer(field.dtype):
        least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
        beside = [min(max(value, least), most) for value in _beside(thresholds)]
        return _within(field, np.array([*_whole(seen, least, most, chance), *beside], dtype))
    if not is_float(field.dtype):
        return empty
    wide = np.concatenate([_spread(seen[np.isfinite(seen)].astype(np.float64), chance), _around(thresholds)])
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(dtype)
    return _within(field, narrow[np.isfinite(narrow)])


def _some(thresholds: Array) -> Array:
    """So many of them at most, evenly."""
    return thresholds[:: len(thresholds) // _KEPT + 1]


def _around(thresholds: Array) -> Array:
    """Each threshold and its neighbours, in FP64 and in FP32."""
    thresholds = _some(thresholds)
    with np.errstate(over="ignore", under="ignore"):
        single = thresholds.astype(np.float32)
        ways = [np.nextafter(thresholds, way) for way in (-np.inf, np.inf)]
        ways += [np.nextafter(single, np.float32(way)).astype(np.float64) for way in (-np.inf, np.inf)]
    return np.concatenate([thresholds, single.astype(np.float64), *ways])


def _beside(thresholds: Array) -> list[int]:
    """The whole numbers on both sides of each threshold, and theirs."""
    found = [math.floor(value) for value in _some(thresholds[np.isfinite(thresholds)]).tolist()]
    return [value + step for value in found for step in (-1, 0, 1, 2)]


def _whole(seen: Array, least: int, most: int, chance: np.random.Generator) -> list[int]:
    """As `_spread`, for whole numbers from `least` to `most`; in Python's, which have no ends to run over."""
    low, high = int(seen.min()), int(seen.max())
    span = high - low or 1
    start, end = max(low - span, least), min(high + span, most)
    some = [low, high, *(int(value) for value in chance.choice(seen, min(len(seen), _RANDOM)))]
    width = np.dtype(np.uint64 if end > np.iinfo(np.int64).max else np.int64)
    spread = chance.integers(start, end, _RANDOM, dtype=width, endpoint=True).tolist()
    return [*spread, *(max(value - 1, least) for value in some), *(min(value + 1, most) for value in some)]


def _spread(seen: Array, chance: np.random.Generator) -> Array:
    """Seeded values over three times the range that was seen, and the neighbours of some that were."""
    if not len(seen):
        return seen
    low, high = seen.min(), seen.max()
    half = high / 2 - low / 2 or 0.5  # the range itself may be beyond the floats
    some = chance.choice(seen, min(len(seen), _RANDOM))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        parts = chance.uniform(-1.0, 2.0, _RANDOM) * half
        spread = low + parts + parts
        single = some.astype(np.float32).astype(np.float64)
        beside = [np.nextafter(some, -np.inf), np.nextafter(some, np.inf), single]
    return np.concatenate([spread[np.isfinite(spread)], *beside])


def _within(field: Field, values: Array) -> Array:
    keep = np.ones(len(values), bool)
    if field.low is not None:
        keep &= values >= field.low
    if field.high is not None:
        keep &= values <= field.high
    return values[keep]
