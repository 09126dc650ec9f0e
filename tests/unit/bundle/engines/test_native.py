"""Which models are one call of the kernels, and for which signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from tests.doubles.laned import columns, forest, linear, matrix

from trimtab.bundle.engines.direct import direct
from trimtab.bundle.engines.forest import ForestModel, ForestOptions
from trimtab.bundle.engines.linear import Linear
from trimtab.bundle.engines.load import ByRows
from trimtab.bundle.engines.native import Native, asked_with, at_most, native_of
from trimtab.bundle.engines.weights import LinearSpec, Number, Shift
from trimtab.bundle.forest.forest import Forest
from trimtab.bundle.kernels import library
from trimtab.core.signature import Field, Signature

F64 = np.dtype(np.float64)
NATIVE = Native("linear", 1, 3, F64, 1, F64, "y", True, None)
needs_kernel = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
SPEC = LinearSpec(2, (Number(0, (1.0,)), Number(1, (2.0,))), (0.5,), "identity", "y")


def test_columns_side_by_side_are_its_matrix() -> None:
    assert asked_with(NATIVE, matrix()) is NATIVE
    assert asked_with(NATIVE, columns()) is NATIVE
    assert asked_with(None, matrix()) is None
    named = replace(NATIVE, names=("a", "b", "c"))
    assert asked_with(named, columns()) is named


@pytest.mark.parametrize(
    ("native", "signature"),
    [
        (NATIVE, matrix("FP32")),
        (NATIVE, columns("INT64")),
        (replace(NATIVE, columns=4), matrix()),
        (replace(NATIVE, columns=4), columns()),
        (replace(NATIVE, width=2), matrix()),
        (replace(NATIVE, flat=False), matrix()),
        (replace(NATIVE, output="z"), matrix()),
        (replace(NATIVE, answers=np.dtype(np.float32)), matrix()),
        (replace(NATIVE, names=("b", "a", "c")), columns()),
        (NATIVE, replace(columns(), outputs=(Field("y", "FP64"), Field("z", "FP64")))),
        (NATIVE, replace(columns(), outputs=())),
        (NATIVE, replace(columns(), inputs=(*columns().inputs[:2], Field("c", "FP64", low=0.0)))),
        (NATIVE, replace(columns(), inputs=(*columns().inputs[:2], Field("c", "FP64", high=1e9)))),
        (NATIVE, replace(columns(), inputs=(*columns().inputs[:2], Field("c", "FP64", (-1, 1))))),
        (NATIVE, Signature((*matrix().inputs, Field("a", "FP64")), matrix().outputs, "matrix")),
    ],
)
def test_whatever_else_a_signature_says_it_is_not(native: Native, signature: Signature) -> None:
    assert asked_with(native, signature) is None


def test_no_more_rows_than_both_take() -> None:
    assert at_most(None, 3) is None
    assert [found.most for most in (3, 9) if (found := at_most(replace(NATIVE, most=5), most))] == [3, 5]


@needs_kernel
def test_a_predictor_says_what_it_is() -> None:
    predictor = direct(matrix(), linear())
    assert native_of(predictor) is not None
    assert native_of(direct(matrix("FP32"), linear())) is None
    assert native_of(lambda table: table) is None
    few = native_of(ByRows(predictor, predictor, 8))
    assert few is not None
    assert few.most == 7


@needs_kernel
@pytest.mark.parametrize(
    "change",
    [
        {"link": "softmax"},
        {"link": "label", "labels": (0, 1)},
        {"link": "shares"},
        {"shifts": (Shift((1.0, 2.0)),)},
        {"terms": SPEC.terms[::-1]},
        {"terms": SPEC.terms[:1]},
        {"terms": (Number(0, (1e300,)), Number(1, (2.0,)))},
    ],
)
def test_a_linear_model_in_which_numpy_has_a_part_is_none(change: dict[str, object]) -> None:
    assert Linear(SPEC).native is not None
    assert Linear(msgspec.structs.replace(SPEC, **change)).native is None


@needs_kernel
@pytest.mark.parametrize("change", [{"answer": "even"}, {"answer": "sign"}, {"dtype": "float32"}])
def test_a_forest_in_which_numpy_has_a_part_is_none(change: dict[str, str]) -> None:
    whole = forest()
    assert whole.native is not None
    options = msgspec.structs.replace(ForestOptions("y", 3), **change)
    assert ForestModel(whole.forest, options).native is None


@needs_kernel
def test_a_forest_that_walks_in_numpy_is_none() -> None:
    whole = forest().forest
    assert ForestModel(Forest(whole.tables, whole.facts, native=False), ForestOptions("y", 3)).native is None


@needs_kernel
@pytest.mark.parametrize("made", [linear, lambda: linear(2), forest, lambda: forest("float32")])
def test_it_says_of_itself_what_its_answers_are(made: Callable[[], Linear | ForestModel]) -> None:
    model = made()
    native = model.native
    assert native is not None
    (answers,) = model(np.ones((2, native.columns), native.rows)).values()
    assert answers.dtype == native.answers
    assert answers.shape == ((2,) if native.flat and native.width == 1 else (2, native.width))
