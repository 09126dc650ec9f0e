"""One type for arrays of several: no value changes."""

from __future__ import annotations

import pyarrow as pa
import pytest

from trimtab.journal.seal.mixed import as_text, together


@pytest.mark.parametrize(
    ("arrays", "type_", "values"),
    [
        ([pa.array([1]), pa.array([2])], pa.int64(), [1, 2]),
        ([pa.array([1], pa.int8()), pa.array([2**40])], pa.int64(), [1, 2**40]),
        ([pa.array([2**63], pa.uint64()), pa.array([1], pa.int8())], pa.uint64(), [2**63, 1]),
        ([pa.array([2**63], pa.uint64()), pa.array([-1])], pa.string(), [str(2**63), "-1"]),
        ([pa.array([1]), pa.array([0.5])], pa.float64(), [1, 0.5]),
        ([pa.array([2**60 + 1]), pa.array([0.5])], pa.string(), [str(2**60 + 1), "0.5"]),
        ([pa.array([0.1], pa.float32()), pa.array([0.1])], pa.float64(), [0.10000000149011612, 0.1]),
        ([pa.array([True]), pa.array([1])], pa.string(), ["true", "1"]),
        ([pa.array(["1"]), pa.array([1])], pa.string(), ["1", "1"]),
        ([pa.nulls(1), pa.array([1])], pa.int64(), [None, 1]),
        ([pa.nulls(1, pa.int64()), pa.array(["a"])], pa.string(), [None, "a"]),
        ([pa.nulls(1), pa.nulls(1, pa.int8())], pa.int8(), [None, None]),
        ([pa.nulls(1)], pa.null(), [None]),
        ([pa.array([[1]]), pa.array([[0.5]]), pa.array([[]])], pa.list_(pa.float64()), [[1], [0.5], []]),
        ([pa.array([[]]), pa.array([[["a"]]])], pa.list_(pa.list_(pa.string())), [[], [["a"]]]),
        ([pa.array([[]])], pa.list_(pa.string()), [[]]),
        ([pa.array([[1]]), pa.array([1])], pa.string(), ["[1]", "1"]),
    ],
)
def test_arrays_of_one_type(arrays, type_, values):
    found = together(arrays)
    assert {one.type for one in found} == {type_}
    assert pa.concat_arrays(found).to_pylist() == values


def test_times_of_several_units():
    fine, coarse = pa.array([1], pa.timestamp("ns")), pa.array([2], pa.timestamp("s"))
    assert [one.cast(pa.int64()).to_pylist() for one in together([fine, coarse])] == [[1], [2 * 10**9]]
    far = pa.array([2**40], pa.timestamp("s"))
    assert {one.type for one in together([pa.array([1000], pa.timestamp("ns")), far])} == {pa.timestamp("us")}


def test_text_is_as_it_is_and_anything_else_json():
    assert as_text(["a", None, {"b": [1]}, b"\xff", "ä"]).to_pylist() == ["a", None, '{"b": [1]}', '"/w=="', "ä"]
