"""Preparation and model as one function, held to the rows it was given and to the signature."""

# ruff: noqa: PD011 - `values` is the array of our own Column

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.data.compose import compose
from trimtab.core.errors import RefusedError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

ARRAYS = Signature((Field("x", "FP64"),), (Field("y", "FP64"), Field("n", "INT32")), "arrays")


def table(rows=3):
    return Table({"x": Column(np.arange(rows, dtype=float))}, rows)


def model(data):
    return {"n": np.arange(len(data["x"])), "y": data["x"] * 2}


def refused(predictor):
    with pytest.raises(RefusedError) as caught:
        predictor(table())
    return [(problem.code, problem.what) for problem in caught.value.problems]


def test_outputs_come_in_the_order_and_dtypes_of_the_signature():
    outputs = compose(ARRAYS, None, model)(table())
    assert {name: (str(array.dtype), array.tolist()) for name, array in outputs.items()} == {
        "y": ("float64", [0.0, 2.0, 4.0]), "n": ("int32", [0, 1, 2]),
    }  # fmt: skip
    assert list(outputs) == ["y", "n"]


def test_preparation_runs_before_the_model():
    outputs = compose(ARRAYS, lambda data: {"x": data["x"] + 1}, model)(table())
    assert outputs["y"].tolist() == [2.0, 4.0, 6.0]


@pytest.mark.parametrize(("container", "kind"), [("frame", pd.DataFrame), ("arrays", dict), ("matrix", np.ndarray)])
def test_user_code_gets_the_container_of_the_signature(container, kind):
    seen = []
    signature = Signature((Field("x", "FP64"),), (), container)

    def note(data):
        seen.append(data)
        return data

    compose(signature, note, lambda _: np.zeros(3))(table())
    assert [type(data) for data in seen] == [kind]


@pytest.mark.parametrize(
    ("prepared", "what"),
    [
        (lambda data: {"x": data["x"][:2]}, "preparation turned 3 rows into 2"),
        (lambda data: data["x"][:0], "preparation turned 3 rows into 0"),
        (lambda data: np.float64(data["x"].sum()), "preparation turned 3 rows into 0"),
        (lambda data: list(data["x"]) * 2, "preparation turned 3 rows into 6"),
        (lambda data: pd.DataFrame(data).query("x > 0"), "preparation turned 3 rows into 2"),
        (lambda _: None, "preparation returned `None`"),
    ],
)
def test_preparation_that_loses_or_adds_rows_is_refused(prepared, what):
    assert refused(compose(ARRAYS, prepared, model)) == [("P242", what)]


def test_an_object_whose_rows_cannot_be_counted_is_passed_on():
    def use(pair):
        one, other = pair
        return {"y": one + other, "n": np.arange(3)}

    assert compose(ARRAYS, lambda data: (data["x"], data["x"]), use)(table())["y"].tolist() == [0.0, 2.0, 4.0]


def test_all_broken_promises_are_named_at_once():
    found = refused(compose(ARRAYS, None, lambda data: {"y": data["x"][:1], "n": np.array([1.5, 0, 0])}))
    assert [code for code, _ in found] == ["P244", "P244"]
    assert found[0][1] == "output `y` has 1 rows for 3 rows of input"
    assert refused(compose(ARRAYS, None, lambda data: {"y": data["x"]}))[0] == (
        "P243", "the model answers `y`, the signature promises `y`, `n`",
    )  # fmt: skip


def test_a_signature_without_outputs_promises_their_number_of_rows_only():
    free = Signature(ARRAYS.inputs, (), "arrays")
    assert compose(free, None, lambda data: data["x"].astype(int))(table())["prediction"].tolist() == [0, 1, 2]
    assert refused(compose(free, None, lambda data: data["x"][:1]))[0][0] == "P244"


def test_a_table_without_rows_is_answered_without_user_code():
    def never(_data):
        raise AssertionError

    outputs = compose(ARRAYS, never, never)(table(0))
    assert {name: (str(array.dtype), array.shape) for name, array in outputs.items()} == {
        "y": ("float64", (0,)), "n": ("int32", (0,)),
    }  # fmt: skip


def test_what_user_code_raises_is_not_ours():
    def fail(_data):
        msg = "theirs"
        raise KeyError(msg)

    with pytest.raises(KeyError, match="theirs"):
        compose(ARRAYS, fail, model)(table())


def test_user_code_that_writes_into_its_input_changes_no_row_of_the_table():
    def spoil(data):
        data["x"][:] = -1
        return data

    rows = table()
    compose(ARRAYS, spoil, model)(rows)
    assert rows.columns["x"].values.tolist() == [0.0, 1.0, 2.0]


class Yields:
    """A model that yields these parts; `closed` once its generator has ended."""

    def __init__(self, *parts):
        self.given, self.asked, self.closed = parts, [], False

    def __call__(self, _data):
        raise AssertionError("the parts are asked for")

    def parts(self, data):
        self.asked.append(data)
        try:
            yield from self.given
        finally:
            self.closed = True


def parts(*given):
    return list(compose(ARRAYS, None, Yields(*given)).parts(table(2)))


def test_each_part_is_held_to_the_promise_and_their_join_is_the_answer():
    given = {"y": [1, 2], "n": [7, 8]}, {"y": [1.5, 2.5]}
    first, second = parts(*given)
    assert (str(first["n"].dtype), first["y"].tolist(), list(second)) == ("int32", [1.0, 2.0], ["y"])
    outputs = compose(ARRAYS, None, Yields(*given))(table(2))
    assert {name: array.tolist() for name, array in outputs.items()} == {"y": [1.5, 2.5], "n": [7, 8]}


@pytest.mark.parametrize(
    ("given", "code", "what"),
    [
        ([{"y": [1.0]}], "P244", "output `y` has 1 rows for 2 rows of input"),
        ([{"y": ["a", "b"]}], "P244", "output `y` holds values of type `str`, the signature promises FP64"),
        ([{"z": [1, 2]}], "P243", "the model answers `z`, the signature promises `y`, `n`"),
        ([{"y": [1.0, 2.0]}], "P243", "the model yielded nothing for `n`"),
        ([], "P243", "the model yielded nothing for `y`, `n`"),
    ],
)
def test_a_part_that_breaks_the_promise_is_refused(given, code, what):
    with pytest.raises(RefusedError) as caught:
        parts(*given)
    assert [(problem.code, problem.what) for problem in caught.value.problems] == [(code, what)]


def test_a_model_that_yields_nothing_at_all_has_no_answer():
    with pytest.raises(RefusedError, match="the model yielded nothing"):
        compose(Signature(ARRAYS.inputs, (), "arrays"), None, Yields())(table())


def test_leaving_closes_the_models_generator():
    model = Yields({"y": [1, 2], "n": [1, 2]}, {"y": [1, 2]})
    steps = compose(ARRAYS, lambda data: data | {"more": 1}, model).parts(table(2))
    next(steps)
    assert (model.closed, list(model.asked[0])) == (False, ["x", "more"])
    steps.close()
    assert model.closed


def test_no_rows_are_one_part_and_no_call():
    model = Yields()
    assert [list(part) for part in compose(ARRAYS, None, model).parts(table(0))] == [["y", "n"]]
    assert model.asked == []
