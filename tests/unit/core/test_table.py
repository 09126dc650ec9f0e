import numpy as np
import pytest

from trimtab.core.table import Column, Table, concat, side_by_side

TABLE = Table({"a": Column(np.arange(4), np.array([0, 1, 0, 0], bool)), "b": Column(np.array(list("wxyz"), object))}, 4)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (slice(1, 3), [1, 2]),
        (slice(0, 0), []),
        (np.array([3, 0, 0]), [3, 0, 0]),
        (np.array([True, False, False, True]), [0, 3]),
    ],
)
def test_rows_are_taken_from_every_column_with_their_marks(where, rows):
    part = TABLE.rows(where)
    assert part.height == len(rows)
    assert part.columns["a"].values.tolist() == rows
    assert part.columns["a"].missing.tolist() == [row == 1 for row in rows]
    assert part.columns["b"].values.tolist() == ["wxyz"[row] for row in rows]
    assert part.columns["b"].missing is None


@pytest.mark.parametrize("where", [slice(1, 3), np.array([0, 2]), np.array([True, False, True])])
def test_a_table_without_columns_has_a_height_all_the_same(where):
    assert Table({}, 3).rows(where).height == 2


def test_parts_joined_are_the_whole():
    whole = concat([TABLE.rows(slice(0, 1)), TABLE.rows(slice(1, 1)), TABLE.rows(slice(1, 4))])
    assert whole.height == 4
    assert list(whole.columns) == ["a", "b"]
    assert whole.columns["a"].missing.tolist() == [False, True, False, False]
    assert whole.columns["b"].values.tolist() == list("wxyz")


def test_a_part_without_marks_has_no_missing_rows():
    joined = concat([Table({"a": Column(np.arange(2))}, 2), Table({"a": Column(np.arange(1), np.array([True]))}, 1)])
    assert joined.columns["a"].missing.tolist() == [False, False, True]
    assert concat([Table({"a": Column(np.arange(2))}, 2)]).columns["a"].missing is None


def test_a_column_is_as_long_as_its_rows():
    assert len(Column(np.zeros((3, 5)))) == 3


def test_columns_that_lie_side_by_side_are_a_table_like_any_other():
    table = side_by_side(["a", "b"], np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert (list(table.columns), len(table.columns), table.height) == (["a", "b"], 2, 3)
    assert table.columns["b"].values.tolist() == [4.0, 5.0, 6.0]
    assert table.columns["b"].missing is None
    with pytest.raises(KeyError):
        table.columns["c"]
    part = table.rows(slice(1, 3))
    assert {name: column.values.tolist() for name, column in part.columns.items()} == {"a": [2.0, 3.0], "b": [5.0, 6.0]}
    assert part.block is not None


def test_tables_of_one_array_each_are_joined_as_arrays_and_with_others_by_column():
    one = side_by_side(["a", "b"], np.array([[1.0], [2.0]]))
    other = Table({"a": Column(np.array([3.0])), "b": Column(np.array([np.nan]), np.array([True]))}, 1)
    both = concat([one, one])
    assert both.block is not None
    assert both.block.tolist() == [[1.0, 1.0], [2.0, 2.0]]
    mixed = concat([one, other])
    assert mixed.block is None
    assert mixed.columns["a"].values.tolist() == [1.0, 3.0]
    assert mixed.columns["b"].missing.tolist() == [False, True]
