"""Samples that are objects: drafts name their columns, and look at none before they are asked."""

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.sample.objects import draft_of_arrays, draft_of_frame, draft_of_matrix
from trimtab.core.errors import UserError


def fields(draft):
    return [str(infer()[0]) for _, infer in draft.columns]


def test_a_frame_has_its_columns_and_no_index():
    draft = draft_of_frame(pd.DataFrame({"a": [1], "b": ["x"]}, index=["i"]), "here")
    assert (draft.container, draft.place, draft.rows, draft.names) == ("frame", "here", 1, ["a", "b"])
    assert fields(draft) == ["a INT64[-1]", "b BYTES[-1]"]


def test_columns_of_one_name_are_both_there():
    draft = draft_of_frame(pd.DataFrame([[1, "x"]], columns=["a", "a"]), "here")
    assert draft.names == ["a", "a"]
    assert fields(draft) == ["a INT64[-1]", "a BYTES[-1]"]


def test_a_matrix_is_one_input():
    draft = draft_of_matrix(np.zeros((3, 2), np.float32))
    assert (draft.container, draft.rows, fields(draft)) == ("matrix", 3, ["input FP32[-1,2]"])
    assert draft_of_matrix(np.float64(1)).rows == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (np.zeros((2, 3), np.int8), "x INT8[-1,3]"),
        ([1, 2], "x INT64[-1]"),
        ([1.5, None], "x FP64[-1]"),
        ([[1], [2, 3]], "x INT64[-1,-1]"),
        (["a", None], "x BYTES[-1]"),
        ([1, 2.5], "x FP64[-1]"),
    ],
)
def test_arrays_and_lists_are_columns(values, field):
    draft = draft_of_arrays({"x": values})
    assert (draft.container, draft.rows, fields(draft)) == ("arrays", 2, [field])


def test_arrays_of_different_heights_are_refused_with_each_height():
    with pytest.raises(UserError) as caught:
        draft_of_arrays({"a": [1, 2], "b": np.zeros(3)})
    (problem,) = caught.value.problems
    assert (problem.code, problem.what) == ("P262", "the arrays differ in their number of rows: `a` has 2, `b` has 3")


def test_a_column_is_not_looked_at_before_it_is_asked_for():
    draft = draft_of_arrays({"x": [object()]})
    assert draft.names == ["x"]
    with pytest.raises(Exception, match="no datatype for"):
        fields(draft)
