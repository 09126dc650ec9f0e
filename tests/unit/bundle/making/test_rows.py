import numpy as np
import pytest

from trimtab.bundle.making.model import ModelSource, modules_of
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.making.rows import made_up, rows_for
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature

FIELDS = (
    Field("amount", "FP64", low=5.0, high=9.0),
    Field("count", "UINT8"),
    Field("plan", "BYTES", categories=("a", "b")),
    Field("text", "BYTES"),
    Field("raw", "BYTES", kind="bytes"),
    Field("flag", "BOOL"),
    Field("image", "FP32", (-1, 2, 2)),
    Field("words", "INT64", (-1, -1)),
    Field("level", "INT64", categories=(1, 2, 3)),
)


def test_made_up_rows_fit_their_fields_and_are_the_same_each_time():
    first, second = (made_up(Signature(FIELDS, container="arrays"), 20) for _ in range(2))
    assert first.height == 20
    for name, column in first.columns.items():
        again = second.columns[name].values
        if name == "words":
            assert all(np.array_equal(left, right) for left, right in zip(column.values, again, strict=True))
        else:
            np.testing.assert_array_equal(column.values, again)
    assert (first.columns["amount"].values >= 5).all()
    assert set(first.columns["plan"].values) == {"a", "b"}
    assert first.columns["image"].values.shape == (20, 2, 2)


def test_made_up_numbers_begin_with_zero_and_one_where_the_range_allows():
    table = made_up(Signature((Field("x", "FP32"),)), 5)
    assert table.columns["x"].values[:2].tolist() == [0.0, 1.0]


def test_a_single_row_can_be_made_up():
    assert made_up(Signature(FIELDS, container="arrays"), 1).height == 1


def recipe(tmp_path, **changed):
    return Recipe(**{"name": "m", "root": tmp_path, "model": "m:f", **changed})


def test_the_recipes_sample_goes_before_the_models_example(tmp_path):
    source = ModelSource("m:f", "python", sample={"a": np.zeros(3)})
    assert rows_for(recipe(tmp_path), source).table.height == 3
    given = rows_for(recipe(tmp_path, sample={"a": np.zeros(2)}), source)
    assert given.table.height == 2
    assert not given.invented


def test_a_model_that_states_its_inputs_needs_no_sample(tmp_path):
    source = ModelSource("m:f", "onnx", fields=FIELDS[:2], container="arrays")
    rows = rows_for(recipe(tmp_path, golden_rows=7, inputs={"amount": {"high": 6.0}}), source)
    assert rows.invented
    assert rows.table.height == 7
    assert rows.fields[0].high == 6.0
    assert rows.table.columns["amount"].values.max() <= 6.0


def test_no_sample_and_no_stated_inputs_asks_for_a_sample(tmp_path):
    with pytest.raises(UserError) as caught:
        rows_for(recipe(tmp_path), ModelSource("m:f", "python"))
    assert [problem.code for problem in caught.value.problems] == ["P285"]


def test_the_modules_of_an_object_are_those_of_all_that_it_holds():
    assert "trimtab.core.signature" in modules_of({"deep": [Signature(FIELDS)]})
    assert modules_of("module:attr") == frozenset()


def test_an_object_that_cannot_be_taken_apart_is_known_by_its_class():
    class Stubborn:
        def __reduce__(self):
            msg = "no"
            raise TypeError(msg)

    assert __name__ in modules_of(Stubborn())
