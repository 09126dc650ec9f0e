"""Truth and feedback as records of a stream, and as rows of the sealed tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final, TypeVar

from trimtab.core.interactions import Feedback, Scalar, Truth

__all__ = [
    "FEEDBACK_COLUMNS", "TRUTH_COLUMNS", "feedback_of", "feedback_row", "number_of", "record_of", "text_of",
    "truth_of", "truth_row",
]  # fmt: skip

T = TypeVar("T", Truth, Feedback)
TRUTH_COLUMNS: Final = ("id", "row", "name", "value", "number", "time", "received", "principal", "operator")
FEEDBACK_COLUMNS: Final = (
    "id", "row", "score", "label", "comment", "correction", "time", "received", "principal", "operator",
)  # fmt: skip
_EXACT: Final = 2**53
_FIELDS: Final = {kind: tuple(field.name for field in fields(kind)) for kind in (Truth, Feedback)}


def record_of(entry: Truth | Feedback) -> dict[str, Any]:
    """The entry as plain values; what is None is left out."""
    return {key: value for key in _FIELDS[type(entry)] if (value := getattr(entry, key)) is not None}


def truth_of(record: Mapping[str, Any]) -> Truth:
    """The inverse; keys of a later version are passed over. TypeError for a record that is none."""
    return _entry(Truth, record)


def feedback_of(record: Mapping[str, Any]) -> Feedback:
    """The inverse; keys of a later version are passed over. TypeError for a record that is none."""
    return _entry(Feedback, record)


def _entry(kind: type[T], record: Mapping[str, Any]) -> T:
    return kind(**{key: value for key, value in record.items() if key in _FIELDS[kind]})


def truth_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as a row of the table `truth`; times in seconds."""
    entry = truth_of(record)
    row = asdict(entry) | {"value": text_of(entry.value), "number": number_of(entry.value)}
    return {column: row[column] for column in TRUTH_COLUMNS}


def feedback_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as a row of the table `feedback`; times in seconds, label and correction as JSON."""
    entry = feedback_of(record)
    row = asdict(entry) | {
        key: None if value is None else text_of(value)
        for key, value in (("label", entry.label), ("correction", entry.correction))
    }
    return {column: row[column] for column in FEEDBACK_COLUMNS}


def text_of(value: Scalar) -> str:
    """The value as JSON, the same for `1` and `1.0`."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def number_of(value: Scalar) -> float | None:
    """The value as a double where it is one: true is 1, and integers that a double would round are none."""
    if isinstance(value, str) or (isinstance(value, int) and abs(value) > _EXACT):
        return None
    return float(value)
