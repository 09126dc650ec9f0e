"""Roughly how much: numbers and times to the lower end of the bucket that they lie in, in the dtype that they have."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import DTYPES, Array, is_integer
from trimtab.core.policies import Unit

__all__ = ["bucket_numbers", "bucket_times"]

_EXACT: Final = 2.0**53  # buckets from zero, beyond which floats are wider apart than buckets
_FEW: Final = 8  # numbers that are looked at faster one by one
_DIGITS: Final = 22  # behind the point: the most of which a float holds the power of ten
_UNITS: Final[dict[Unit, str]] = {"day": "datetime64[D]", "month": "datetime64[M]", "year": "datetime64[Y]"}


def bucket_numbers(width: float, dtype: str) -> Callable[[Array], Array]:
    """The lower end of each number's bucket; NaN and infinity stay.

    width: above zero; whole for an integer dtype. The lowest bucket of a dtype begins with the least number it holds.
    """
    if is_integer(dtype):
        return _integers(int(width), DTYPES[dtype])
    decimals = max(0, -int(Decimal(repr(width)).normalize().as_tuple().exponent))
    least = float(np.finfo(DTYPES[dtype]).min)

    def lower(values: Array) -> Array:
        if values.size <= _FEW and decimals <= _DIGITS:
            ends = [_float(value, width, decimals, least) for value in values.ravel().tolist()]
            return np.array(ends, values.dtype).reshape(values.shape)
        return _floats(values, width, decimals, least)

    return lower


def _integers(width: int, dtype: np.dtype[Any]) -> Callable[[Array], Array]:
    info = np.iinfo(dtype)
    least = -(-int(info.min) // width) * width  # the lowest end of a bucket that the dtype holds
    if width > info.max:
        return lambda values: np.where(values < 0, dtype.type(info.min), dtype.type(0))
    step = dtype.type(width)

    def lower(values: Array) -> Array:
        ends: Array = values - values % step
        return ends if least == info.min else np.where(values < least, dtype.type(info.min), ends)

    return lower


def _floats(values: Array, width: float, decimals: int, least: float) -> Array:
    wide = values.astype(np.float64)
    with np.errstate(all="ignore"):
        number = np.floor(wide / width)
        end = _end(number, width, decimals)
        above = _end(number + 1, width, decimals)
        end = np.where(end > wide, _end(number - 1, width, decimals), np.where(above <= wide, above, end))
        # NaN and infinity go the latter way
        kept: Array = np.where(np.abs(number) < _EXACT, np.maximum(end, least), wide).astype(values.dtype)
        return kept


def _float(value: float, width: float, decimals: int, least: float) -> float:
    """The same of one number, as that is ten times as fast; rounded as NumPy rounds."""
    number = value / width
    if not abs(number) < _EXACT:
        return value
    number, tens = math.floor(number), 10.0**decimals
    end = round(number * width * tens) / tens
    if end > value:
        end = round((number - 1) * width * tens) / tens
    elif (above := round((number + 1) * width * tens) / tens) <= value:
        end = above
    return max(end, least)


def _end(number: Array, width: float, decimals: int) -> Array:
    """The lower end of a bucket by its number, as a person writes it: 0.3, not 0.30000000000000004."""
    return np.round(number * width, decimals) + 0.0  # no -0.0


def bucket_times(unit: Unit) -> Callable[[Array], Array]:
    """The first moment of each time's day, month or year in UTC; NaT stays."""
    coarse = _UNITS[unit]

    def lower(values: Array) -> Array:
        begins = values.astype(coarse).astype(values.dtype)
        least = np.array(np.iinfo(np.int64).min + 1).view(values.dtype)  # a year may begin before the first nanosecond
        return np.where(begins > values, least, begins)

    return lower
