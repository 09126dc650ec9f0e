from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trimtab.bundle.mlflow.signature import inputs_of, read_example
from trimtab.core.errors import UserError
from trimtab.core.signature import Field

HERE = Path()


def spec(*inputs: Any) -> dict[str, Any]:
    return {"inputs": json.dumps(inputs)}


def tensor(dtype: str, shape: list[int], **more: str) -> dict[str, Any]:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}, **more}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("boolean", Field("x", "BOOL", frame="bool")),
        ("integer", Field("x", "INT32", frame="int32")),
        ("long", Field("x", "INT64", frame="int64")),
        ("float", Field("x", "FP32", frame="float32")),
        ("double", Field("x", "FP64", frame="float64")),
        ("string", Field("x", "BYTES")),
        ("binary", Field("x", "BYTES", kind="bytes")),
        ("datetime", Field("x", "BYTES", kind="datetime", frame="datetime64[ns]")),
    ],
)
def test_every_column_type_has_its_field(kind: str, field: Field) -> None:
    found = inputs_of(spec({"type": kind, "name": "x", "required": True}), HERE)
    assert (found.inputs, found.container) == ((field,), "frame")


def test_an_optional_column_is_nullable() -> None:
    found = inputs_of(
        spec({"type": "double", "name": "a", "required": False}, {"type": "long", "name": "b", "required": False}), HERE
    )
    assert found.inputs == (Field("a", "FP64", nullable=True, frame="float64"), Field("b", "INT64", nullable=True))


def test_tensors_are_arrays_by_name_or_one_matrix() -> None:
    one = inputs_of(spec(tensor("float32", [-1, 28, 28])), HERE)
    assert (one.inputs, one.container) == ((Field("input", "FP32", (-1, 28, 28)),), "matrix")
    named = inputs_of(spec(tensor("int64", [-1], name="ids"), tensor("str", [-1, 2], name="words")), HERE)
    assert named.inputs == (Field("ids", "INT64"), Field("words", "BYTES", (-1, 2)))
    assert named.container == "arrays"


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [{"type": "array", "items": {"type": "long"}, "name": "x"}],
        [{"type": "any", "name": "x"}],
        [{"type": "long"}],
        [{"type": "long", "name": "a"}, {"type": "object", "properties": {}, "name": "b"}],
    ],
)
def test_what_no_row_can_hold_is_left_to_a_sample(inputs: list[Any]) -> None:
    assert inputs_of(spec(*inputs), HERE).inputs == ()


@pytest.mark.parametrize("text", ["{", '["x"]', '[{"type": "tensor"}]', json.dumps([tensor("complex64", [-1])])])
def test_a_signature_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        inputs_of({"inputs": text}, HERE)
    assert [problem.code for problem in caught.value.problems] == ["P218"]


def example(tmp_path: Path, content: Any, kind: str, *inputs: Field, **info: Any) -> Any:
    (tmp_path / "input_example.json").write_text(json.dumps(content))
    return read_example(tmp_path, {"artifact_path": "input_example.json", "type": kind, **info}, inputs)


def test_a_frame_is_read_in_the_dtypes_of_the_signature(tmp_path: Path) -> None:
    content = {"columns": ["a", "b", "when"], "data": [[1, 2, "2026-01-02T00:00:00"], [3, None, "2026-01-03T00:00:00"]]}
    fields = [
        Field("a", "FP32", frame="float32"),
        Field("b", "INT64", nullable=True),
        Field("when", "BYTES", kind="datetime", frame="datetime64[ns]"),
    ]
    frame = example(tmp_path, content, "dataframe", *fields)
    assert frame.a.dtype == np.float32
    assert frame.b.isna().tolist() == [False, True]
    assert frame.when.dtype.kind == "M"
    assert example(tmp_path, [[1, 2]], "dataframe").columns.tolist() == ["0", "1"]


def test_parameters_beside_the_rows_are_left_out(tmp_path: Path) -> None:
    content = {"inputs": {"columns": ["a"], "data": [[1]]}, "params": {"t": 1}}
    assert example(tmp_path, content, "dataframe", params="true").a.tolist() == [1]


def test_arrays_are_read_in_the_dtypes_of_the_signature(tmp_path: Path) -> None:
    one = example(tmp_path, [[1, 2]], "ndarray", Field("input", "FP32", (-1, 2)))
    assert (one.dtype, one.tolist()) == (np.float32, [[1, 2]])
    several = example(tmp_path, {"ids": [1], "x": [0.5]}, "ndarray", Field("ids", "INT32"))
    assert {name: values.dtype for name, values in several.items()} == {"ids": np.int32, "x": np.float64}
    old = example(tmp_path, {"inputs": [[1, 2]]}, "ndarray")
    assert old.tolist() == [[1, 2]]


def test_other_examples_are_no_rows(tmp_path: Path) -> None:
    assert example(tmp_path, {"question": "?"}, "json_object") is None
    assert read_example(tmp_path, {}, ()) is None


@pytest.mark.parametrize("text", ["{", '{"columns": ["a"]}'])
def test_an_example_that_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "e.json").write_text(text)
    with pytest.raises(UserError) as caught:
        read_example(tmp_path, {"artifact_path": "e.json", "type": "dataframe"}, ())
    assert [problem.code for problem in caught.value.problems] == ["P218"]
