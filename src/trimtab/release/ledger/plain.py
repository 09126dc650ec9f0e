"""Frozen values as plain JSON and back: of what is counted, bounds may not be met yet, and few buckets are full."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Final, TypeVar

import msgspec

from trimtab.core.flights import LATENCY_S

__all__ = ["plain_of", "value_of"]

T = TypeVar("T")
_BUCKETS: Final = frozenset({"latency", "delay"})
_UNMET: Final = {"least": inf, "greatest": -inf}


def plain_of(value: Any) -> Any:
    """The value in dicts, lists and scalars. Buckets are {number: count} of those that hold something."""
    return _shrunk(msgspec.to_builtins(value))


def value_of(plain: Any, kind: type[T]) -> T:
    """What `plain_of` was given, or a server sends, whose buckets may be whole lists. ValueError for another value."""
    return msgspec.convert(_grown(plain), kind)


def _shrunk(plain: Any) -> Any:
    if isinstance(plain, Mapping):
        return {
            key: _few(one) if key in _BUCKETS and isinstance(one, list | tuple) else _shrunk(one)
            for key, one in plain.items()
        }
    if isinstance(plain, list | tuple):
        return [_shrunk(one) for one in plain]
    return None if isinstance(plain, float) and plain in (inf, -inf) else plain


def _few(buckets: Any) -> Any:
    return {str(at): count for at, count in enumerate(buckets) if count}


def _grown(plain: Any) -> Any:
    if isinstance(plain, Mapping):
        return {key: _whole(one) if key in _BUCKETS else _met(key, _grown(one)) for key, one in plain.items()}
    return [_grown(one) for one in plain] if isinstance(plain, list) else plain


def _whole(buckets: Any) -> Any:
    """All buckets; what is none of the two forms is left as it is, to be refused."""
    found = [0] * (len(LATENCY_S) + 1)
    if isinstance(buckets, list) and len(buckets) != len(found):
        raise ValueError(f"{len(buckets)} buckets are those of another version of trimtab, not {len(found)}")
    if not isinstance(buckets, Mapping):
        return buckets
    for at, count in buckets.items():
        if not at.isdecimal() or int(at) >= len(found):
            raise ValueError(f"there is no bucket {at}")
        found[int(at)] = count
    return found


def _met(key: str, value: Any) -> Any:
    return _UNMET[key] if value is None and key in _UNMET else value
