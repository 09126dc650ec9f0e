"""A table goes to another process and comes back the same; what another process says is never believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trimtab.core.dtypes import DTYPES
from trimtab.core.table import Column, Table
from trimtab.server.workers.codec import _encode, _Head, _Packed, pack_arrays, pack_table, unpack_arrays, unpack_table

NUMBERS = [*(dtype for dtype in DTYPES.values() if dtype.kind != "O"), np.dtype(">f4"), np.dtype("M8[ns]")]
TIMES = [np.dtype(f"M8[{unit}]") for unit in ("D", "s", "ms", "us")]
LEAVES = st.one_of(st.none(), st.text(), st.binary(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats())


def objects(items, shape):
    array = np.empty(len(items), object)
    for position, item in enumerate(items):
        array[position] = item
    return array.reshape(shape)


@st.composite
def arrays(draw, height):
    """An array with so many rows, of any kind that a column holds."""
    inner = draw(st.sampled_from([(), (), (2,), (0,), (1, 3)]))
    shape = (height, *inner)
    kind = draw(st.sampled_from(["numbers", "leaves", "lists", "deep"]))
    if kind == "numbers":
        array = draw(hnp.arrays(draw(st.sampled_from([*NUMBERS, *TIMES])), shape))
        return array[..., ::-1] if draw(st.booleans()) and inner else array
    count = int(np.prod(shape))
    if kind == "leaves":
        return objects(draw(st.lists(LEAVES, min_size=count, max_size=count)), shape)
    texts = st.lists(st.text(max_size=5), max_size=3).map(lambda items: objects(items, (len(items),)))
    item = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=3)) | texts | st.none()
    if kind == "deep":
        item = st.lists(item, max_size=2).map(lambda items: objects(items, (len(items),)))
    return objects(draw(st.lists(item, min_size=count, max_size=count)), shape)


@st.composite
def tables(draw):
    height = draw(st.integers(0, 5))
    columns = {}
    for name in draw(st.lists(st.text(max_size=8), unique=True, max_size=4)):
        mask = draw(st.none() | hnp.arrays(np.bool_, height))
        columns[name] = Column(draw(arrays(height)), mask)
    return Table(columns, height)


def assert_same(got, expected):
    assert got.shape == expected.shape
    if expected.dtype.kind != "O":
        assert got.dtype == expected.dtype
        assert got.tobytes() == expected.tobytes()
        return
    assert got.dtype.kind == "O"
    for one, other in zip(got.flat, expected.flat, strict=True):
        if isinstance(other, np.ndarray):
            assert_same(one, other)
        else:
            assert type(one) is type(other)
            assert one == other or one != one  # noqa: PLR0124 - NaN is not itself


def block_of(pieces):
    return b"".join(map(bytes, pieces))


@given(tables())
def test_a_table_comes_back_as_it_went(table):
    got = unpack_table(block_of(pack_table(table)))
    assert (got.height, [*got.columns]) == (table.height, [*table.columns])
    for name, column in table.columns.items():
        assert_same(got.columns[name].values, column.values)
        if column.missing is None:
            assert got.columns[name].missing is None
        else:
            assert_same(got.columns[name].missing, column.missing)


def read(block):
    """Whether it was a block; anything but ValueError is a fault."""
    for unpack in (unpack_arrays, unpack_table):
        try:
            unpack(block)
        except ValueError:
            continue
    return True


@given(st.binary(max_size=300))
def test_garbage_is_refused_as_such(block):
    assert read(block)


@given(tables(), st.data())
def test_a_block_that_was_cut_or_changed_is_read_or_refused(table, data):
    block = bytearray(block_of(pack_table(table)))
    for _ in range(data.draw(st.integers(0, 4))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    assert read(bytes(block[: data.draw(st.integers(0, len(block)))]))


SIZES = st.integers(-(2**63), 2**64 - 1) | st.integers(-3, 3)
WORDS = st.sampled_from(
    ["<f8", "O", "<M8[0s]", "<M8[s]", "<M8[x]", "(2,f8", "f8,f8", "|S9", "<U4", "|V8", "<c8", "<i3"]
)
ANYTHING = st.recursive(LEAVES | SIZES | WORDS, lambda inner: st.lists(inner, max_size=4), max_leaves=10)
PACKED = st.builds(
    _Packed,
    st.text(max_size=3),
    WORDS | st.text(max_size=9),
    st.lists(SIZES, max_size=3).map(tuple),
    SIZES,
    st.none() | st.lists(ANYTHING, max_size=4),
)


def hostile(height, packed):
    head = _encode(_Head(height, packed))
    return len(head).to_bytes(4, "little") + head + bytes(-(4 + len(head)) % 16) + bytes(64)


@given(st.integers(-1, 3), st.lists(PACKED, max_size=3))
def test_a_head_that_lies_is_read_or_refused(height, packed):
    assert read(hostile(height, packed))


@pytest.mark.parametrize(
    "packed",
    [
        _Packed("vx", "<f8", (2**40,), 0),
        _Packed("vx", "<f8", (2**32, 2**32), 0),
        _Packed("vx", "<f8", (-1,), 0),
        _Packed("vx", "<f8", (1,), 2**63),
        _Packed("vx", "<f8", (9,), 0),
        _Packed("vx", "|O", (1,), 0),
        _Packed("vx", "<M8[0s]", (1,), 0),
        _Packed("vx", "O", (2,), -1, ["a"]),
        _Packed("vx", "O", (1,), -1, [{"a": 1}]),
        _Packed("vx", "O", (1,), -1, [["<f8", [2**40], b""]]),
        _Packed("vx", "O", (1,), -1, [["|O", [1], bytes(8)]]),
        _Packed("vx", "O", (1,), -1, [[None, [1], bytes(8)]]),
    ],
)
def test_a_known_lie_is_refused(packed):
    with pytest.raises(ValueError, match=r"."):
        unpack_arrays(hostile(1, [packed]))


def test_endless_nesting_is_refused():
    head = b"\x92\x01\x91\x95\xa1x\xa1O\x91\x01\x00" + b"\x91" * 100_000 + b"\xc0"
    with pytest.raises(ValueError, match="no block of columns"):
        unpack_arrays(len(head).to_bytes(4, "little") + head)


def test_a_table_whose_columns_have_other_heights_is_refused():
    for arrays_ in ({"vx": np.zeros(2)}, {"vx": np.zeros(())}, {"vx": np.zeros(3), "mx": np.zeros(1, bool)}):
        with pytest.raises(ValueError, match="no table of 3 rows"):
            unpack_table(block_of(pack_arrays(arrays_, 3)))


@pytest.mark.parametrize("item", [1 + 2j, object(), {"a": 1}, np.str_("a")])
def test_a_value_that_no_column_holds_is_not_packed(item):
    with pytest.raises(TypeError):
        pack_arrays({"x": objects([item], (1,))}, 1)
