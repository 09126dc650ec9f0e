"""Nested lists of any depth, with axes of length zero: in and out as plain rows, as JSON tensors and as golden rows."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.golden_json import decode_tensor, encode_tensor
from trimtab.core.check import SignatureError, check
from trimtab.core.dtypes import Array
from trimtab.core.lists import nest, split_rows
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column
from trimtab.core.tensors import decode_json, encode_json
from trimtab.server.dialects.rows import per_row

SIZES = st.integers(0, 3)


@st.composite
def columns(draw: st.DrawFn) -> tuple[Field, list[Array]]:
    """A field of two to five axes, some of varying length, and an array a row that fits it."""
    axes = draw(st.lists(SIZES | st.just(-1), min_size=1, max_size=4))
    dtype = draw(st.sampled_from(["INT64", "BYTES", "BOOL"]))
    leaf = {"INT64": st.integers(-9, 9), "BYTES": st.text("ab", max_size=2), "BOOL": st.booleans()}[dtype]
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        shape = [draw(SIZES) if size == -1 else size for size in axes]
        if 0 in shape:  # lists show nothing behind an axis without length: there it is as the field says, or zero
            first = shape.index(0) + 1
            shape[first:] = [max(size, 0) for size in axes[first:]]
        values = draw(st.lists(leaf, min_size=prod(shape), max_size=prod(shape)))
        rows.append(np.array(values, {"INT64": np.int64, "BYTES": object, "BOOL": bool}[dtype]).reshape(shape))
    return Field("x", dtype, (-1, *axes)), rows


def same(column: Column, rows: list[Array]) -> None:
    """Every row of the column is the array that went in, its shape included."""
    assert len(column) == len(rows)
    assert column.missing is None
    for got, want in zip(column.values, rows, strict=True):
        assert np.shape(got) == want.shape
        assert np.asarray(got).tolist() == want.tolist()


def whole(field: Field, rows: list[Array]) -> Array:
    """The column that a model answers with: one array, or an array a row where a length varies."""
    if -1 in field.shape[1:]:
        return split_rows(iter(rows))
    return np.stack(rows) if rows else np.empty((0, *field.shape[1:]), object if field.dtype == "BYTES" else int)


@given(columns())
def test_plain_rows_go_in_and_out(given_: tuple[Field, list[Array]]) -> None:
    field, rows = given_
    signature = Signature((field,))
    column = check(signature, {"x": [row.tolist() for row in rows]}).columns["x"]
    same(column, rows)
    assert per_row(whole(field, rows)) == [row.tolist() for row in rows]
    same(check(signature, {"x": per_row(column.values)}).columns["x"], rows)


@given(columns())
def test_json_tensors_go_in_and_out(given_: tuple[Field, list[Array]]) -> None:
    field, rows = given_
    column = decode_json(field.dtype, [len(rows), *field.shape[1:]], encode_json(whole(field, rows)))
    same(check(Signature((field,)), {"x": column}).columns["x"], rows)


@given(columns())
def test_golden_rows_go_in_and_out(given_: tuple[Field, list[Array]]) -> None:
    field, rows = given_
    column = Column(whole(field, rows))
    same(decode_tensor(field, encode_tensor(field, column)), rows)


@given(st.lists(SIZES, min_size=1, max_size=4).map(tuple))
def test_nesting_is_what_numpy_does(shape: tuple[int, ...]) -> None:
    array = np.arange(prod(shape)).reshape(shape)
    assert nest(array.ravel().tolist(), shape) == array.tolist()


@pytest.mark.parametrize(
    ("sizes", "row", "what"),
    [
        ((-1, 3), np.zeros((2, 4), np.int64), "has the shape [2, 4], expected [-1, 3]"),
        ((-1, 3), [[1, 2, 3], []], "its inner lists differ in length"),
        ((2, 3), [], "has the shape [0, 3], expected [2, 3]"),
        ((-1, 3), [1], "`1` is no list"),
    ],
)
def test_a_list_of_another_shape_is_named(sizes: tuple[int, ...], row: Any, what: str) -> None:
    raw = Column(split_rows(iter([row]))) if isinstance(row, np.ndarray) else [row]
    with pytest.raises(SignatureError) as caught:
        check(Signature((Field("x", "INT64", (-1, *sizes)),)), {"x": raw})
    assert what in str(caught.value)
