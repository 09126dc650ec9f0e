"""Categories become numbers by a look into a table, as the encoders do it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from trimtab.bundle.engines.lookups import hot, ordinal, words
from trimtab.bundle.engines.steps import Codes, Hot, Ordinal, Words

PLAN = np.array(["basic", "pro", None, "new", "basic"], object)
SIZE = np.array([1.0, 2.0, np.nan, 3.0, 2.0])
PLANS = Codes(("basic", "pro"), (0.0, 1.0))
SIZES = Codes((1, 2), (2.0, 3.0))


def test_a_one_for_each_value() -> None:
    rows = np.column_stack([PLAN, SIZE])[[0, 1, 4]]
    wanted = OneHotEncoder(sparse_output=False).fit_transform(rows)
    found = hot(Hot((PLANS, SIZES), 4))([PLAN[[0, 1, 4]], SIZE[[0, 1, 4]]])
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("at", range(5))
def test_one_row_is_answered_as_many_are(at: int) -> None:
    step = Hot((PLANS, Codes((1, 2), (2.0, None), 3.0, 4.0)), 5, "float32")
    many, one = hot(step)([PLAN, SIZE]), hot(step)([PLAN[at : at + 1], SIZE[at : at + 1]])
    assert one.dtype == many.dtype == np.float32
    np.testing.assert_array_equal(one[0], many[at])


def test_missing_and_unknown_values_have_places_or_none() -> None:
    found = hot(Hot((Codes(("basic", "pro"), (0.0, 1.0), 2.0, None),), 3))([PLAN])
    assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0]]


def test_ones_may_be_in_the_dtype_of_the_rows() -> None:
    assert hot(Hot((SIZES,), 4, ""))([SIZE.astype(np.float32)]).dtype == np.float32


def test_a_number_for_each_value() -> None:
    model = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float32)
    model.fit(np.array([["basic"], ["pro"]], object))
    found = ordinal(Ordinal((Codes(PLANS.values, PLANS.codes, -1.0, -1.0), SIZES), "float32"))([PLAN, SIZE])
    np.testing.assert_array_equal(found[:, :1], model.transform(PLAN[:, None]))
    np.testing.assert_array_equal(found[:, 1], np.array([2, 3, np.nan, np.nan, 3], np.float32))
    assert found.dtype == np.float32


@pytest.mark.parametrize(("refused", "row"), [("missing", 2), ("unknown", 3)])
@pytest.mark.parametrize("make", [lambda codes: hot(Hot((codes,), 2)), lambda codes: ordinal(Ordinal((codes,)))])
def test_what_the_encoder_raises_for_is_refused(make: Any, refused: Any, row: int) -> None:
    run = make(Codes(PLANS.values, PLANS.codes, refused=(refused,)))
    with pytest.raises(ValueError, match="a category that the model does not know, or a missing one"):
        run([PLAN])
    with pytest.raises(ValueError, match="a category"):
        run([PLAN[row : row + 1]])
    assert len(run([np.delete(PLAN, row)])) == 4


def test_infinities_are_no_category() -> None:
    with pytest.raises(ValueError, match="infinity"):
        ordinal(Ordinal((SIZES,)))([np.array([1.0, np.inf])])


def test_numbers_and_booleans_are_found_by_value() -> None:
    found = ordinal(Ordinal((Codes((1, 2), (5.0, 6.0)), Codes((False, True), (0.0, 1.0)))))
    assert found([np.array([1, 2], np.int8), np.array([True, False])]).tolist() == [[5.0, 1.0], [6.0, 0.0]]
    assert found([np.array([2.0, 1.0]), np.array([0, 1])]).tolist() == [[6.0, 0.0], [5.0, 1.0]]


def test_words_stand_for_missing_texts() -> None:
    given = [PLAN, np.array(["", None, np.nan, "w", "v"], object)]
    first, second = words(Words(("none", "v")))(given)
    assert first.tolist() == ["basic", "pro", "none", "new", "basic"]
    assert second.tolist() == ["", "v", "v", "w", "v"]
    assert first.dtype == object
    assert given[0][2] is None
