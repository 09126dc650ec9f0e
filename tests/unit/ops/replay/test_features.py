"""Columns as few whole numbers: what a code stands for, whatever order the rows come in."""

import numpy as np
import pyarrow as pa
import pytest

from trimtab.ops.replay.features import feature_of, features_of


def meanings(feature):
    return [None if code == 0 else feature.labels[code - 1] for code in feature.codes.tolist()]


@pytest.mark.parametrize("values", [["b", None, "a", "b"], [True, None, False, True]])
def test_words_and_booleans_stand_for_themselves_in_their_order(values):
    feature = feature_of("x", pa.chunked_array([values]))
    assert meanings(feature) == values
    assert list(feature.labels) == sorted(feature.labels)
    assert (feature.ordered, feature.named) == (False, True)


def test_a_dictionary_over_chunks_is_one_column_of_words():
    column = pa.chunked_array([pa.array(["b", "a"]).dictionary_encode(), pa.array(["c", "b"]).dictionary_encode()])
    assert meanings(feature_of("x", column)) == ["b", "a", "c", "b"]


def test_few_numbers_are_groups_of_their_own_and_whole_ones_have_names():
    whole = feature_of("x", pa.chunked_array([[3, None, 1, 3]]))
    assert meanings(whole) == [3, None, 1, 3]
    assert (whole.ordered, whole.named) == (True, True)
    parts = feature_of("x", pa.chunked_array([[0.5, None, float("nan")]]))
    assert meanings(parts) == [0.5, None, None]
    assert (parts.ordered, parts.named) == (True, False)


def test_many_numbers_are_parted_into_groups_of_about_one_size():
    values = np.random.default_rng(0).permutation(100_000) * 1.0
    feature = feature_of("x", pa.chunked_array([values]))
    sizes = np.bincount(feature.codes)[1:]
    assert len(feature.labels) == 255
    assert max(sizes) - min(sizes) <= 2
    low = np.array(meanings(feature))
    assert (low <= values).all()
    assert (values - low < 400).all()
    assert not feature_of("x", pa.chunked_array([values.astype(int)])).named


def test_times_are_ordered_and_read_as_times():
    column = pa.chunked_array(
        [pa.array(["2013-10-02", None, "2013-10-01"]).cast(pa.timestamp("ns")).cast(pa.timestamp("us", "UTC"))]
    )
    feature = feature_of("x", column)
    assert meanings(feature) == ["2013-10-02T00:00:00", None, "2013-10-01T00:00:00"]
    assert feature.ordered


def test_what_cannot_tell_groups_apart_is_left_out():
    table = pa.table(
        {
            "list": [[1.0], [2.0]],
            "raw": [b"a", b"b"],
            "null": pa.array([None, None], pa.string()),
            "some": [1, None],
        }
    )
    assert [one.name for one in features_of(zip(table.column_names, table.columns, strict=True))] == ["some"]
    names = pa.chunked_array([[f"n{number}" for number in range(60_000)]])
    assert feature_of("x", names) is None


def test_no_rows_are_no_fault():
    assert features_of([("x", pa.chunked_array([], pa.string())), ("y", pa.chunked_array([], pa.int64()))]) == []
