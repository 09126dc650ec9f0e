"""Samples in JSON, in each of the forms that people have."""

import json

import pytest

from trimtab.bundle.sample.jsonrows import draft_of_json
from trimtab.core.errors import UserError


@pytest.fixture
def draft(tmp_path):
    def make(content, name="sample.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return draft_of_json(path)

    return make


ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
SPLIT = {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}
TENSORS = [
    {"name": "a", "datatype": "INT64", "shape": [2], "data": [1, 2]},
    {"name": "b", "datatype": "BYTES", "shape": [2], "data": ["x", "y"]},
]


@pytest.mark.parametrize(
    ("content", "name", "container"),
    [
        (ROWS, "sample.json", "frame"),
        (b'{"a": 1, "b": "x"}\n\n {"a": 2, "b": "y"}', "sample.jsonl", "frame"),
        (b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n', "sample.NDJSON", "frame"),
        ({"dataframe_records": ROWS}, "sample.json", "frame"),
        ({"instances": ROWS}, "sample.json", "frame"),
        (SPLIT, "sample.json", "frame"),
        ({"dataframe_split": SPLIT}, "sample.json", "frame"),
        ({"inputs": TENSORS}, "sample.json", "frame"),
        ({"inputs": {"a": [1, 2], "b": ["x", "y"]}}, "sample.json", "arrays"),
    ],
)
def test_the_same_rows_in_each_form(draft, content, name, container):
    found = draft(content, name)
    assert (found.container, found.rows, found.names) == (container, 2, ["a", "b"])
    assert [str(infer()[0]) for _, infer in found.columns] == ["a INT64[-1]", "b BYTES[-1]"]


def test_a_key_that_a_row_lacks_is_null_and_pandas_would_make_floats(draft):
    field, values = draft([{"a": 1}, {"b": 2}]).columns[0][1]()
    assert (field.dtype, field.nullable, field.frame, values) == ("INT64", True, "float64", [1, None])


def test_a_tensor_of_more_axes_is_an_array(draft):
    found = draft({"inputs": [{"name": "a", "datatype": "FP32", "shape": [2, 2], "data": [1, 2, 3, 4]}]})
    field, column = found.columns[0][1]()
    assert (found.container, field.shape, column.values.tolist()) == ("arrays", (-1, 2), [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("content", "code", "what"),
    [
        (b"{", "P262", "`sample.json` is no JSON"),
        (3, "P262", "the JSON is no sample"),
        ({"a": 1}, "P262", "the JSON is no sample"),
        ([{"a": 1}, 2], "P262", "the JSON has a row 1 that is no object"),
        ([], "P263", "the sample has no rows"),
        ({"columns": ["a"], "data": [[1], [1, 2]]}, "P262", "the JSON has a row 1 that is no list of 1 values"),
        ({"inputs": [{"name": "a", "datatype": "INT8", "shape": [1]}]}, "P262", "tensor `a`: no `data`"),
        ({"inputs": [TENSORS[0] | {"shape": [3]}]}, "P262", "tensor `a`: data has 2 values, shape [3] needs 3"),
        ({"inputs": {"a": [1], "b": [1, 2]}}, "P262", "the arrays differ in their number of rows"),
    ],
)
def test_what_is_no_sample_says_why(draft, content, code, what):
    with pytest.raises(UserError) as caught:
        draft(content)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.what.startswith(what)


def test_a_line_that_is_no_json_is_named_by_its_number(draft):
    with pytest.raises(UserError) as caught:
        draft(b'{"a": 1}\n\n{"a": \n', "sample.jsonl")
    assert caught.value.problems[0].where.endswith("sample.jsonl:3")
