"""Answers by name, the fields that describe them, and the promise that they are held to."""

from collections import namedtuple

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.data.outputs import ONLY, empty_outputs, fields_of, fit, to_outputs
from trimtab.core.errors import RefusedError
from trimtab.core.signature import Field

Answer = namedtuple("Answer", ["label", "score"])  # noqa: PYI024  # what user code returns has no types


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


def refused(call, *arguments):
    with pytest.raises(RefusedError) as caught:
        call(*arguments)
    return [(problem.code, problem.what) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "raw",
    [
        {"label": ["a", "b"], "score": [1.0, 2.0]},
        pd.DataFrame({"label": ["a", "b"], "score": [1.0, 2.0]}),
        Answer(["a", "b"], np.array([1.0, 2.0])),
        np.array([("a", 1.0), ("b", 2.0)], [("label", "U1"), ("score", "f8")]),
    ],
    ids=["mapping", "frame", "named tuple", "structured array"],
)
def test_named_answers_keep_their_names(raw):
    assert {name: array.tolist() for name, array in to_outputs(raw).items()} == {
        "label": ["a", "b"],
        "score": [1.0, 2.0],
    }


@pytest.mark.parametrize("raw", [[1, 2], (1, 2), np.array([1, 2]), pd.Series([1, 2], name="other")])
def test_an_answer_without_a_name_is_the_prediction(raw):
    assert {name: array.tolist() for name, array in to_outputs(raw).items()} == {ONLY: [1, 2]}


def test_every_output_that_is_no_column_is_named():
    assert refused(to_outputs, {"a": 3, "b": [1], "c": [{}]}) == [
        ("P244", "output `a` holds what is no column: a single value, not one a row"),
        ("P244", "output `c` holds what is no column: values of type `dict`"),
    ]
    twice = pd.DataFrame([[1, 2]], columns=["x", "x"])
    assert refused(to_outputs, twice) == [("P244", "output `x` is there more than once")]


@pytest.mark.parametrize(
    ("array", "field"),
    [
        (np.array([1.0]), Field("y", "FP64")),
        (np.array([np.nan]), Field("y", "FP64", nullable=True)),
        (np.zeros((1, 3), np.int8), Field("y", "INT8", (-1, 3))),
        (objects("a", None), Field("y", "BYTES", nullable=True)),
        (objects(b"a"), Field("y", "BYTES", kind="bytes")),
        (objects(np.zeros(2), np.zeros(3)), Field("y", "FP64", (-1, -1))),
        (objects(np.zeros((2, 4)), np.zeros((3, 4))), Field("y", "FP64", (-1, -1, 4))),
        (objects(np.zeros(2), None), Field("y", "FP64", (-1, -1), nullable=True)),
        (np.array(["NaT"], "M8[ms]"), Field("y", "BYTES", nullable=True, kind="datetime", frame="datetime64[ms, UTC]")),
    ],
)
def test_arrays_are_described_so_that_they_fit(array, field):
    assert fields_of({"y": array}) == (field,)
    assert fit({"y": array}, (field,), len(array))["y"].shape == array.shape


@pytest.mark.parametrize(
    ("array", "field", "dtype"),
    [
        (np.array([1.0, 2.0]), Field("y", "FP32"), "float32"),
        (np.array([1, 2]), Field("y", "INT8"), "int8"),
        (np.array([1, 2], np.uint8), Field("y", "FP64"), "float64"),
        (np.array([np.inf]), Field("y", "FP16"), "float16"),
        (objects(None, None), Field("y", "FP64", nullable=True), "float64"),
        (np.array(["2020-01-01"], "M8[s]"), Field("y", "BYTES", kind="datetime"), "datetime64[us]"),
        (objects(), Field("y", "BYTES"), "object"),
    ],
)
def test_values_are_cast_where_none_is_lost(array, field, dtype):
    assert str(fit({"y": array}, (field,), len(array))["y"].dtype) == dtype


def test_a_rectangle_fits_a_list_of_varying_length():
    got = fit({"y": np.array([[1.0, 2.0]])}, (Field("y", "FP32", (-1, -1)),), 1)["y"]
    assert (got.dtype, got[0].dtype, got[0].tolist()) == (object, np.float32, [1.0, 2.0])


@pytest.mark.parametrize(
    ("array", "field", "what"),
    [
        (np.array([300, 1]), Field("y", "INT8"), "holds 300, which does not fit INT8"),
        (np.array([-1, 2]), Field("y", "UINT64"), "holds `int64`, the signature promises UINT64"),
        (np.array([1e300, 0]), Field("y", "FP32"), "holds 1e+300, which does not fit FP32"),
        (np.array([1.0, 2.0]), Field("y", "INT64"), "holds `float64`, the signature promises INT64"),
        (np.array([1, 2]), Field("y", "BOOL"), "holds `int64`, the signature promises BOOL"),
        (objects("a", "b"), Field("y", "FP64"), "holds values of type `str`, the signature promises FP64"),
        (objects("a", b"b"), Field("y", "BYTES"), "holds values of type `bytes`, `str`, the signature promises BYTES"),
        (objects("a", "b"), Field("y", "BYTES", kind="bytes"), "holds values of type `str`, the signature promises"),
        (np.zeros((2, 2)), Field("y", "FP64"), "has the shape [-1, 2], the signature promises [-1]"),
        (np.zeros((2, 2)), Field("y", "FP64", (-1, 3)), "has the shape [-1, 2], the signature promises [-1, 3]"),
        (np.zeros(3), Field("y", "FP64"), "has 3 rows for 2 rows of input"),
        (
            np.array(["2020", "2021"], "M8[s]"),
            Field("y", "INT64"),
            "holds `datetime64[s]`, the signature promises INT64",
        ),
    ],
)
def test_a_broken_promise_is_said_with_its_values(array, field, what):
    ((code, said),) = refused(fit, {"y": array}, (field,), 2)
    assert code == "P244"
    assert said.startswith(f"output `y` {what}")


def test_without_a_promise_only_rows_count():
    outputs = {"a": np.zeros(2)}
    assert fit(outputs, (), 2) == outputs
    assert refused(fit, {"a": np.zeros(1)}, (), 2) == [("P244", "output `a` has 1 rows for 2 rows of input")]


def test_outputs_without_rows_have_the_dtypes_and_shapes_of_full_ones():
    fields = [
        Field("f", "FP32", (-1, 2)), Field("l", "FP32", (-1, -1)), Field("t", "BYTES", kind="datetime"),
        Field("s", "BYTES"),
    ]  # fmt: skip
    assert {name: (str(array.dtype), array.shape) for name, array in empty_outputs(fields).items()} == {
        "f": ("float32", (0, 2)), "l": ("object", (0,)), "t": ("datetime64[us]", (0,)), "s": ("object", (0,)),
    }  # fmt: skip
