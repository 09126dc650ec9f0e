"""As much of the protobuf wire format as it takes to look into an ONNX file without the `onnx` package.

Source: protobuf.dev, "Encoding"; field numbers from onnx.proto3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

__all__ = ["Value", "fields", "integers", "submessages", "texts"]

Value: TypeAlias = int | memoryview

_FIXED: Final = {1: 8, 5: 4}


def fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """Every field of a message as its number and its value; ValueError where the bytes are no message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if number == 0:
            msg = "field number 0"
            raise ValueError(msg)
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        size = _FIXED.get(wire, -1)
        if wire == 2:  # noqa: PLR2004  # length-delimited
            size, at = _varint(message, at)
        if size < 0 or at + size > len(message):
            msg = f"wire type {wire} at byte {at}"
            raise ValueError(msg)
        yield number, message[at : at + size]
        at += size


def submessages(message: memoryview, *numbers: int) -> Iterator[memoryview]:
    """The length-delimited values of those fields."""
    for number, value in fields(message):
        if number in numbers and isinstance(value, memoryview):
            yield value


def texts(message: memoryview, number: int) -> list[str]:
    """The text values of one field."""
    return [bytes(value).decode("utf-8", "replace") for value in submessages(message, number)]


def integers(message: memoryview, number: int) -> list[int]:
    """The signed values of one repeated integer field, packed or not."""
    found: list[int] = []
    for field, value in fields(message):
        if field == number and isinstance(value, int):
            found.append(value)
        elif field == number and isinstance(value, memoryview):
            at = 0
            while at < len(value):
                one, at = _varint(value, at)
                found.append(one)
    return [one - (1 << 64) if one >> 63 else one for one in found]


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 70:  # noqa: PLR2004  # ten groups of seven bits hold 64 bits
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:  # noqa: PLR2004  # the high bit says that more follow
            return value, at
        shift += 7
    msg = f"unfinished number at byte {at}"
    raise ValueError(msg)
