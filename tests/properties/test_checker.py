"""The quick check and the thorough one always agree: on what passes, to the last bit, and on every fault."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.check import SignatureError, check
from trimtab.core.checker import Checker
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column

DTYPES = ["FP64", "FP32", "FP16", "INT64", "INT8", "UINT16", "BOOL", "BYTES"]
ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -0.0,
        1.5,
        float("nan"),
        float("inf"),
        "Infinity",
        "a",
        1e308,
        1e39,
        70_000.0,
        2**63,
        10**400,
        [1],
        b"x",
    ]
)
VALUES = {
    "FP": st.floats(allow_nan=False, width=16),
    "IN": st.integers(-128, 127),
    "UI": st.integers(0, 65535),
    "BO": st.booleans(),
    "BY": st.text(max_size=3),
}


@st.composite
def cases(draw):
    names = [f"c{number}" for number in range(draw(st.integers(0, 6)))]
    fields = []
    for name in names:
        dtype = draw(st.sampled_from(DTYPES))
        low = draw(st.one_of(st.none(), st.integers(-3, 3))) if dtype not in ("BOOL", "BYTES") else None
        inner = draw(st.sampled_from([(), (), (), (2,), (-1,)]))
        fields.append(Field(name, dtype, (-1, *inner), draw(st.booleans()), low=None if inner else low))
    height = draw(st.integers(0, 4))
    columns = {field.name: draw(column(field, height)) for field in fields}
    if columns and draw(st.integers(0, 9)) == 0:
        columns.pop(draw(st.sampled_from(sorted(columns))))
    if draw(st.integers(0, 9)) == 0:
        columns["other"] = [1] * height
    return Signature(tuple(fields)), columns


@st.composite
def column(draw, field, height):
    height = draw(st.sampled_from([height] * 9 + [height + 1]))
    leaf = VALUES[field.dtype[:2]]
    if draw(st.integers(0, 4)) == 0:
        leaf = st.one_of(leaf, ODD)
    size = {(): None, (2,): 2, (-1,): draw(st.integers(0, 3))}[field.shape[1:]]
    value = leaf if size is None else st.lists(leaf, min_size=size, max_size=size)
    values = draw(st.lists(value, min_size=height, max_size=height))
    if field.dtype not in ("BYTES", "BOOL") and size is None and draw(st.booleans()):
        try:
            dtype = draw(st.sampled_from([np.float64, np.float32, np.int64, np.int8]))
            with np.errstate(over="ignore", invalid="ignore"):
                return Column(np.array(values, dtype))
        except (TypeError, ValueError, OverflowError):
            return values
    return values


def outcome(call, columns):
    try:
        table = call(columns)
    except SignatureError as error:
        return error.faults
    parts = []
    for name, one in table.columns.items():
        values = [str(item) for item in one.values.tolist()] if one.values.dtype.kind == "O" else one.values.tobytes()
        missing = None if one.missing is None else one.missing.tolist()
        parts.append((name, one.values.dtype.str, one.values.shape, values, missing))
    return table.height, parts


@given(cases())
def test_both_say_the_same(case):
    signature, columns = case
    with np.errstate(over="ignore", invalid="ignore"):
        assert outcome(Checker(signature), columns) == outcome(lambda given: check(signature, given), columns)
