"""Values as the bytes that a keyed hash names: the same person is the same bytes, whatever the column's dtype."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import numpy as np

__all__ = ["octets_of"]


def octets_of(value: object) -> bytes:
    """What is hashed of a value: its UTF-8 text; empty for nothing (None, NaN, NaT).

    A whole number is the same as text, integer and float, so that 42, 42.0 and what somebody types as `42` are one.
    """
    match value:
        case str():
            return value.encode("utf-8", "surrogatepass")
        case bytes():
            return value
        case bool():
            return b"true" if value else b"false"
        case int():
            return b"%d" % value
        case float():
            return _float(value)
        case None:
            return b""
        case datetime():
            return value.isoformat().encode()
        case np.datetime64():
            return b"" if np.isnat(value) else str(value).encode()
        case np.generic():
            plain: Any = value.item()
            return octets_of(plain)
        case _:
            raise TypeError(f"a {type(value).__name__} has no name in a journal")


def _float(value: float) -> bytes:
    if math.isnan(value):
        return b""
    return b"%d" % int(value) if value.is_integer() else float.__repr__(value).encode()  # of NumPy, `repr` says so
