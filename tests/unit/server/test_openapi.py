"""The OpenAPI document is a valid one, and its row schema says what `check` says."""

import json

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from trimtab.core.check import SignatureError, check
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.app import ROUTES
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import oip, rows
from trimtab.server.faults import error_answer
from trimtab.server.openapi import document
from trimtab.server.router import expand
from trimtab.server.schemas import row_schema


@pytest.fixture
def endpoints(endpoint, kit):
    wide = Signature((Field("v", "FP32", (-1, 2, -1)), Field("t", "BYTES", kind="datetime")), (Field("y", "INT8"),))
    return {"churn": endpoint, "churn_version": kit.endpoint(wide, "churn_version")}


def schema_at(whole, *path):
    """A validator of the schema at this place, with the components that it refers to."""
    found = whole
    for step in path:
        found = found[step]
    return Draft202012Validator({**found, "components": whole["components"]})


def json_of(content):
    return [*content, "content", "application/json", "schema"]


def test_the_document_is_valid_with_one_model_with_more_and_with_none(endpoints):
    for some in (endpoints, {"churn": endpoints["churn"]}, {}):
        validate(json.loads(json.dumps(document(some))))


def test_every_operation_has_a_name_of_its_own(endpoints):
    operations = [each["operationId"] for path in document(endpoints)["paths"].values() for each in path.values()]
    assert len(set(operations)) == len(operations)


def test_every_documented_path_is_served_with_that_method(endpoints):
    paths = expand(ROUTES, endpoints)
    documented = [(path, method) for path, methods in document(endpoints)["paths"].items() for method in methods]
    assert len(documented) == 10 + 7 * len(endpoints)
    assert [(path, method) for path, method in documented if method.upper().encode() not in paths[path.encode()]] == []


def test_the_example_fits_its_own_schema_and_is_answered(endpoints, kit):
    whole = document(endpoints)
    content = whole["paths"]["/v1/models/churn/rows"]["post"]["requestBody"]["content"]["application/json"]
    assert content["example"] == [{"age": 30, "plan": "plus", "spend": 1.5, "city": None}]
    for body in (content["example"], {"rows": content["example"], "id": "x"}):
        assert Draft202012Validator(content["schema"]).is_valid(body)
        exchange = rows.read(kit.post(body), endpoints["churn"], "id")
        assert check(kit.signature, exchange.request.columns).height == 1
    assert not Draft202012Validator(content["schema"]).is_valid({"row": []})


def test_answers_are_what_the_document_promises(endpoints, endpoint, outputs, kit):
    whole = document(endpoints)
    response = InferResponse("churn", "v1", "id", {**outputs, "score": np.array([np.nan, -np.inf])}, 2)
    ok = json_of(["responses", "200"])
    by_rows = json.loads(rows.write(response).body)
    assert schema_at(whole, "paths", "/v1/models/churn/rows", "post", *ok).is_valid(by_rows)
    infer = whole["paths"]["/v2/models/churn/infer"]["post"]
    asked = infer["requestBody"]["content"]["application/json"]["example"]
    assert [tensor["data"] for tensor in asked["inputs"]] == [[30], ["plus"], [1.5], [None]]
    assert schema_at(whole | {"at": infer}, "at", "requestBody", "content", "application/json", "schema").is_valid(
        asked
    )
    by_tensors = json.loads(oip.read(kit.post(asked), endpoint, "id").encode(response).body)
    assert schema_at(whole | {"at": infer}, "at", *ok).is_valid(by_tensors)


def test_errors_are_what_the_document_promises(endpoints, kit):
    with pytest.raises(SignatureError) as caught:
        check(kit.signature, {**kit.row, "age": [-1], "x": [1]})
    body = json.loads(error_answer(caught.value, "id").body)
    errors = schema_at(document(endpoints), "components", "schemas", "Error")
    assert errors.is_valid(body)
    assert not errors.is_valid({**body, "faults": [{"row": "one"}]})


NUMERIC = ("UINT8", "INT16", "INT64", "UINT64", "FP16", "FP32", "FP64")
CATEGORIES = {"BYTES": ("x", "1"), "BOOL": (True,), **dict.fromkeys(NUMERIC, (1, 2))}
LIMITS = st.sampled_from([(None, None), (None, None), (0, None), (None, 1), (0, 2), (-1, 1)])
SHAPES = st.sampled_from([(-1,), (-1,), (-1, 2), (-1, -1), (-1, 1, 2)])


@st.composite
def fields(draw, name):
    dtype = draw(st.sampled_from(["BOOL", "BYTES", *NUMERIC]))
    low, high = draw(LIMITS) if dtype in NUMERIC else (None, None)
    shape = draw(SHAPES)
    closed = shape == (-1,) and (low, high) == (None, None) and draw(st.booleans())
    return Field(name, dtype, shape, draw(st.booleans()), low, high, CATEGORIES[dtype] if closed else None)


SCALARS = (
    None, True, False, 0, 1, 2, -1, 255, 256, -32768, 32768, 2**31, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1,
    0.0, 1.0, 2.5, -0.5, 65504, 65536, 1e38, 1e39, -1e39, "Infinity", "-Infinity", "NaN", "", "x", "1", "é",
)  # fmt: skip
scalars = st.sampled_from(SCALARS)
values = scalars | st.lists(scalars, max_size=3) | st.lists(st.lists(scalars, max_size=3), max_size=2) | st.just({})


def plausible(field):
    """Values of which many fit."""
    number = st.sampled_from([0, 1, 2, 1.0, 0.5, "Infinity", 300])
    leaf = {"BOOL": st.booleans(), "BYTES": st.sampled_from(["x", "1", "y"])}.get(field.dtype, number)
    for size in reversed(field.shape[1:]):
        leaf = st.lists(leaf, min_size=max(size, 0), max_size=2 if size < 0 else size)
    return leaf


@st.composite
def signatures_and_rows(draw):
    inputs = tuple(draw(fields(name)) for name in "ab"[: draw(st.integers(1, 2))])
    row = {field.name: draw(plausible(field) | plausible(field) | values) for field in inputs}
    dropped = draw(st.sampled_from(["", "", "", "a", "b"]))
    row = {name: value for name, value in row.items() if name != dropped}
    return Signature(inputs), row | draw(st.sampled_from([{}, {}, {}, {}, {"c": 1}]))


@settings(max_examples=200)
@given(signatures_and_rows())
def test_the_row_schema_takes_what_the_check_takes_and_nothing_else(kit, pair):
    signature, row = pair
    try:
        exchange = rows.read(kit.post([row]), kit.endpoint(signature, ready=False), "id")
        check(signature, exchange.request.columns)
        taken, why = True, ""
    except UserError as error:
        taken, why = False, str(error)
    event(f"taken: {taken}")
    schema = row_schema(signature.inputs)
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(row) is taken, why or "the check takes it"
