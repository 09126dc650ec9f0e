"""CSV cells are read by the signature, never by guessing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from trimtab.batch.cells import parse_cells
from trimtab.core.check import SignatureError, check
from trimtab.core.signature import Field, Signature


def read(cells: list[bytes | None], field: Field) -> list[object]:
    column = check(Signature((field,)), {"x": parse_cells(pa.array(cells, pa.binary()), field)}).columns["x"]
    missing = [False] * len(column) if column.missing is None else column.missing.tolist()
    return [None if gone else value for value, gone in zip(column.values.tolist(), missing, strict=True)]


@pytest.mark.parametrize(
    ("cells", "field", "expected"),
    [
        ([b"007", b"NA", b" x "], Field("x", "BYTES"), ["007", "NA", " x "]),
        ([b"1", None, b"-3"], Field("x", "INT64", nullable=True), [1, None, -3]),
        ([b"1.0", b"2"], Field("x", "INT64"), [1, 2]),
        ([b"9007199254740993", b"1.0", b"9007199254740995.0"], Field("x", "INT64"), [2**53 + 1, 1, 2**53 + 3]),
        ([b"nan", b"1"], Field("x", "INT64", nullable=True), [None, 1]),
        ([b" 1", b"+2"], Field("x", "INT64"), [1, 2]),
        ([b"9223372036854775807", b"1"], Field("x", "INT64"), [2**63 - 1, 1]),
        ([b"1.5", b"nan", b"1e3"], Field("x", "FP32", nullable=True), [1.5, None, 1000.0]),
        ([b"inf", b"-inf"], Field("x", "FP64"), [np.inf, -np.inf]),
        ([b" 1.5", b".5"], Field("x", "FP64"), [1.5, 0.5]),
        ([b"True", b"false", b"1", b"0"], Field("x", "BOOL"), [True, False, True, False]),
        ([b"\xff"], Field("x", "BYTES", kind="bytes"), [b"\xff"]),
        ([b"[1, 2]", b"[3, 4]"], Field("x", "INT64", (-1, 2)), [[1, 2], [3, 4]]),
    ],
)
def test_cells_become_values_of_the_field(cells: list[bytes | None], field: Field, expected: list[object]) -> None:
    assert read(cells, field) == expected


@pytest.mark.parametrize("cell", [b"2024-01-01T02:00:00Z", b"2024-01-01 02:00:00", b"2024-01-01T04:00:00+02:00"])
def test_times_are_iso_8601(cell: bytes) -> None:
    field = Field("x", "BYTES", kind="datetime", frame="datetime64[s]")
    column = check(Signature((field,)), {"x": parse_cells(pa.array([cell], pa.binary()), field)}).columns["x"]
    assert str(column.values[0]) == "2024-01-01T02:00:00"


@pytest.mark.parametrize(
    ("cells", "field", "row", "what"),
    [
        ([b"1", b"x"], Field("x", "INT64"), 1, '`"x"` is no integer'),
        ([b"1", b"1.5"], Field("x", "INT64"), 1, "`1.5` is no integer"),
        ([b"1", b"1_000"], Field("x", "INT64"), 1, '`"1_000"` is no integer'),
        ([b"1", b"300"], Field("x", "UINT8"), 1, "`300` does not fit UINT8"),
        ([b"1", b"0x10"], Field("x", "FP64"), 1, '`"0x10"` is no number'),
        ([b"1", b"yes"], Field("x", "BOOL"), 1, '`"yes"` is no boolean'),
        ([b"2024-01-01", b"01.02.2024"], Field("x", "BYTES", kind="datetime"), 1, '`"01.02.2024"` is no ISO 8601 time'),
        ([b"a", b"\xff"], Field("x", "BYTES"), 1, "`b'\\xff'` is no UTF-8 text"),
        ([b"[1]", b"[1"], Field("x", "INT64", (-1, 1)), 1, '`"[1"` is no list'),
        ([b"a", None], Field("x", "BYTES"), 1, "null in a column that is not nullable"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(cells: list[bytes | None], field: Field, row: int, what: str) -> None:
    with pytest.raises(SignatureError) as caught:
        read(cells, field)
    assert [(fault.row, fault.what) for fault in caught.value.faults] == [(row, what)]
