from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.flavours.protobuf import fields, integers, submessages, texts


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def test_numbers_texts_and_messages_are_read() -> None:
    message = memoryview(field(1, 300) + field(2, b"abc") + field(3, field(1, b"x")) + field(2, "é".encode()))
    assert [(number, value if isinstance(value, int) else bytes(value)) for number, value in fields(message)] == [
        (1, 300),
        (2, b"abc"),
        (3, b"\n\x01x"),
        (2, "é".encode()),
    ]
    assert texts(message, 2) == ["abc", "é"]
    (inner,) = submessages(message, 3)
    assert texts(inner, 1) == ["x"]


def test_fixed_sizes_are_stepped_over() -> None:
    message = memoryview(varint(1 << 3 | 1) + bytes(8) + varint(2 << 3 | 5) + bytes(4) + field(3, b"end"))
    assert texts(message, 3) == ["end"]


def test_integers_may_be_packed_and_negative() -> None:
    minus = (1 << 64) - 2
    assert integers(memoryview(field(8, 5) + field(8, minus)), 8) == [5, -2]
    assert integers(memoryview(field(8, varint(5) + varint(minus)) + field(9, 7)), 8) == [5, -2]


@pytest.mark.parametrize("data", [b"\x00", b"\x0a\x05ab", b"\x0b", b"\x80", b"\xff" * 12, b"\x09abc"])
def test_what_is_no_message_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"byte|field number 0"):
        list(fields(memoryview(data)))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        total = sum(1 for _ in fields(memoryview(data)))
    except ValueError:
        return
    assert total <= len(data)


@given(
    st.lists(st.tuples(st.integers(1, 1 << 28), st.integers(0, (1 << 64) - 1) | st.binary(max_size=300)), max_size=9)
)
def test_what_was_written_is_read(pairs: list[tuple[int, int | bytes]]) -> None:
    message = memoryview(b"".join(field(number, value) for number, value in pairs))
    assert [(number, value if isinstance(value, int) else bytes(value)) for number, value in fields(message)] == pairs
