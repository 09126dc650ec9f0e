"""A row's schema allows what the server takes and nothing else: both are asked about the same values."""

import jsonschema
import pytest

from trimtab.core.check import SignatureError, check
from trimtab.core.signature import Field, Signature
from trimtab.server import schemas

AGE = Field("age", "INT64", low=0, high=120)
PLAN = Field("plan", "BYTES", categories=("basic", "plus"))
SIGNATURE = Signature((AGE, PLAN, Field("city", "BYTES", nullable=True)), (Field("score", "FP32"),))
LARGEST_32 = 3.4028234663852886e38

FIELDS = {
    "INT8": (Field("x", "INT8"), [-128, 127], [-129, 128, 1.5, True, "1", None, [1]]),
    "UINT64": (Field("x", "UINT64"), [0, 2**64 - 1], [-1, 2**64]),
    "a range": (AGE, [0, 120], [-1, 121]),
    "a range wider than its type": (Field("x", "UINT8", low=-5, high=1000), [0, 255], [-1, 256]),
    "BOOL": (Field("x", "BOOL"), [True, False], [0, 1, "true", None]),
    "FP64": (Field("x", "FP64"), [1, -1.5, 1.7976931348623157e308, "Infinity", "-Infinity"], ["NaN", "inf", True]),
    "FP64 from zero": (Field("x", "FP64", low=0), [0, 1e300, "Infinity"], [-0.1, "-Infinity"]),
    "FP64 to one": (Field("x", "FP64", high=1), [1, "-Infinity"], [1.1, "Infinity"]),
    "FP32": (Field("x", "FP32"), [LARGEST_32, -LARGEST_32], [2.0**128 - 2.0**103, -1e39]),
    "FP16": (Field("x", "FP16"), [65504, 65519.9, -65519.9], [65520, -65520]),
    "text": (Field("x", "BYTES"), ["", "é"], [1, None, True, ["a"]]),
    "categories": (PLAN, ["basic", "plus"], ["gold", "", None, 1]),
    "numbers that are categories": (Field("x", "INT32", categories=(1, 2)), [1, 2], [3, 0]),
    "nullable": (Field("x", "INT64", nullable=True), [None, 1], ["a", 1.5]),
    "nullable categories": (Field("x", "BYTES", categories=("a",), nullable=True), [None, "a"], ["b"]),
    "pairs": (Field("x", "FP64", (-1, 2)), [[1, 2]], [[1], [1, 2, 3], 1, [1, [2]], [1, "x"]]),
    "lists": (Field("x", "INT64", (-1, -1)), [[], [1], [1, 2, 3]], [1, ["x"], [[1]]]),
    "tables": (Field("x", "INT64", (-1, 2, 1)), [[[1], [2]]], [[1, 2], [[1]], [[1], [2], [3]]]),
}


def takes(field, value):
    """Whether the server takes this value in a row."""
    try:
        check(Signature((field,)), {field.name: [value]})
    except SignatureError:
        return False
    return True


def allows(schema, value):
    return jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("name", FIELDS)
def test_schema_and_server_agree_on_every_value(name):
    field, good, bad = FIELDS[name]
    schema = schemas.row_schema((field,))
    jsonschema.Draft202012Validator.check_schema(schema)
    for value in good:
        assert (value, takes(field, value), allows(schema, {field.name: value})) == (value, True, True)
    for value in bad:
        assert (value, takes(field, value), allows(schema, {field.name: value})) == (value, False, False)


def test_a_time_says_its_format():
    assert schemas.row_schema((Field("t", "BYTES", kind="datetime"),))["properties"]["t"] == {
        "type": "string",
        "format": "date-time",
    }


def test_only_a_nullable_column_may_be_left_out_and_no_other_be_there():
    schema = schemas.rows_request(SIGNATURE)
    row = {"age": 1, "plan": "plus"}
    assert allows(schema, [row, {**row, "city": None}])
    assert allows(schema, {"rows": [row], "id": "r"})
    assert allows(schema, {"rows": [], "id": None})
    for bad in (
        [{"age": 1}],
        [{**row, "more": 1}],
        [1],
        {"id": "r"},
        {"rows": row},
        {"rows": [], "id": "x" * 129},
        row,
    ):
        assert not allows(schema, bad)


def test_an_answer_may_hold_what_a_request_may_not():
    """Outputs of floats may be null (NaN) and are not bound to categories or to these columns alone."""
    schema = schemas.rows_answer(SIGNATURE)
    said = {"model": "m", "version": "v", "id": "i"}
    for rows in ([{"score": None}], [{"score": "Infinity"}], [{"score": 0.5, "more": 1}], []):
        assert allows(schema, {**said, "rows": rows})
    for rows in ([{"score": "high"}], [{}], None):
        assert not allows(schema, {**said, "rows": rows})
    assert not allows(schema, {"rows": []})
    loose = schemas.row_schema((PLAN,), closed=False)
    assert allows(loose, {"plan": "gold"})


TENSOR = {"name": "age", "datatype": "INT64", "shape": [1], "data": [1]}
LABEL = {**TENSOR, "name": "plan", "datatype": "BYTES", "data": ["plus"]}


def test_an_infer_request_has_each_tensor_that_must_be_there():
    schema = schemas.infer_request(SIGNATURE)
    whole = {"inputs": [TENSOR, LABEL, {**LABEL, "name": "city"}]}
    assert allows(schema, whole)
    assert allows(schema, {**whole, "id": "r", "outputs": [{"name": "score"}], "parameters": {"x": 1}})
    for bad in (
        {},
        {"inputs": [TENSOR, LABEL]},  # one that is nullable too: only rows may leave it out
        {"inputs": [TENSOR, LABEL, LABEL, LABEL]},
        {"inputs": [TENSOR, LABEL, {**LABEL, "name": "other"}]},
        {"inputs": [TENSOR, LABEL, {**LABEL, "datatype": "TEXT"}]},
        {"inputs": [TENSOR, LABEL, {**LABEL, "shape": [-1]}]},
        {"inputs": [TENSOR, LABEL, {**LABEL, "shape": []}]},
        {"inputs": [TENSOR, LABEL, {key: LABEL[key] for key in ("name", "datatype", "shape")}]},
        {**whole, "outputs": [{"name": "age"}]},
        {**whole, "outputs": [{}]},
    ):
        assert not allows(schema, bad), bad


def test_an_infer_answer_may_say_that_a_length_varies():
    schema = schemas.infer_answer(SIGNATURE)
    output = {"name": "score", "datatype": "FP32", "shape": [1, -1], "data": [[0.5]]}
    assert allows(schema, {"model_name": "m", "outputs": [output]})
    for bad in ({"outputs": []}, {"model_name": "m", "outputs": [{**output, "shape": [-2]}]}):
        assert not allows(schema, bad)


def test_a_model_without_outputs_to_name_has_a_schema_too():
    schema = schemas.infer_answer(Signature((AGE,)))
    assert allows(schema, {"model_name": "m", "outputs": [{**TENSOR, "name": "anything"}]})


def test_an_error_has_its_words_and_names_each_fault():
    assert allows(schemas.ERROR, {"error": "no", "code": "P301", "faults": [{"column": "x", "row": None, "what": "w"}]})
    for bad in ({"error": "no"}, {"error": "no", "code": "P301", "faults": [{"column": "x", "what": "w"}]}):
        assert not allows(schemas.ERROR, bad)
