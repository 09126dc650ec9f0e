"""Blocks of columns: `tests/properties/test_codec.py` asks any table and any lie; here is what a block looks like."""

import numpy as np
import pytest

from trimtab.core.table import Column, Table
from trimtab.server.workers.codec import pack_arrays, pack_table, unpack_arrays, unpack_table


def block_of(pieces):
    return b"".join(map(bytes, pieces))


def test_numbers_are_read_only_views_of_the_block_and_aligned():
    table = Table({"a": Column(np.ones(3, np.int8)), "b": Column(np.arange(3.0))}, 3)
    block = block_of(pack_table(table))
    b = unpack_table(block).columns["b"].values
    assert not b.flags.owndata
    assert not b.flags.writeable
    assert b.flags.aligned
    with pytest.raises(ValueError, match="read-only"):
        b[0] = 1


def test_a_table_without_columns_keeps_its_height():
    assert unpack_table(block_of(pack_table(Table({}, 7)))).height == 7


def test_text_of_any_width_becomes_objects():
    height, arrays = unpack_arrays(block_of(pack_arrays({"x": np.array([["a", "bé"]])}, 1)))
    assert (height, arrays["x"].tolist(), arrays["x"].dtype) == (1, [["a", "bé"]], object)


def test_lists_of_one_length_stay_lists():
    lists = np.empty(2, object)
    lists[0], lists[1] = np.array([1, 2]), np.array([3, 4])
    got = unpack_arrays(block_of(pack_arrays({"x": lists}, 2)))[1]["x"]
    assert (got.shape, [item.tolist() for item in got]) == ((2,), [[1, 2], [3, 4]])
