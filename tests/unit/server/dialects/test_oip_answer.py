"""Answers of the Open Inference Protocol: each output in the form that was asked for."""

import json

import numpy as np
import pytest

from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import oip
from trimtab.server.dialects.oip_answer import Texts, Wanted, describe, encode

JSON = Wanted({}, binary=False)


def ragged(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


def answer(endpoint, wanted, outputs):
    return encode(endpoint, wanted, InferResponse("churn", "v1", "id-1", outputs, 2))


def test_the_answer_in_json_has_every_output_as_a_tensor(endpoint, outputs):
    written = answer(endpoint, JSON, outputs)
    assert (written.status, written.content_type, written.headers) == (200, b"application/json", ())
    assert json.loads(written.body) == {
        "model_name": "churn", "model_version": "v1", "id": "id-1",
        "outputs": [
            {"name": "score", "datatype": "FP64", "shape": [2], "data": [3.0, "Infinity"]},
            {"name": "label", "datatype": "BYTES", "shape": [2], "data": ["3", "é"]},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("whole", "flags", "expected"),
    [
        (None, (None, None), []),
        (True, (None, None), ["score", "label"]),
        (None, (True, None), ["score"]),
        (True, (False, None), ["label"]),
        (False, (None, True), ["label"]),
    ],
)
def test_the_form_is_that_of_the_output_or_else_of_the_whole_request(kit, endpoint, outputs, whole, flags, expected):
    body = {"inputs": [], "outputs": [{"name": "score"}, {"name": "label"}]}
    if whole is not None:
        body["parameters"] = {"binary_data_output": whole}
    for output, flag in zip(body["outputs"], flags, strict=True):
        if flag is not None:
            output["parameters"] = {"binary_data": flag}
    exchange = oip.read(kit.post(body), endpoint, "own-id")
    written = exchange.encode(InferResponse("churn", "v1", "own-id", outputs, 2))
    length = int(dict(written.headers).get(b"inference-header-content-length", len(written.body)))
    tensors = json.loads(written.body[:length])["outputs"]
    assert [one["name"] for one in tensors if "parameters" in one] == expected
    assert [one["name"] for one in tensors if "data" in one] == [name for name in outputs if name not in expected]
    assert sum(one.get("parameters", {}).get("binary_data_size", 0) for one in tensors) == len(written.body) - length


@pytest.mark.parametrize(
    ("array", "field", "expected"),
    [
        (np.zeros((2, 3), np.float32), None, {"datatype": "FP32", "shape": [2, 3]}),
        (np.array(["a"]), None, {"datatype": "BYTES", "shape": [1]}),
        (np.zeros(1, "M8[s]"), None, {"datatype": "BYTES", "shape": [1]}),
        (ragged(np.array([1]), np.array([2, 3])), None, {"datatype": "INT64", "shape": [2, -1]}),
        (ragged(None, np.array(["a"])), None, {"datatype": "BYTES", "shape": [2, -1]}),
        (ragged(np.zeros(2)), Field("x", "FP32", (-1, -1)), {"datatype": "FP32", "shape": [1, -1]}),
        (ragged(np.zeros((3, 2))), Field("x", "FP32", (-1, -1, 2)), {"datatype": "FP32", "shape": [1, -1, 2]}),
    ],
)
def test_an_output_is_described_by_name_datatype_and_shape(array, field, expected):
    assert describe("x", array, field) == {"name": "x", **expected}


def test_lists_of_varying_length_are_nested_json(kit):
    endpoint = kit.endpoint(Signature((Field("a", "INT64"),), (Field("v", "INT64", (-1, -1)),)))
    written = answer(endpoint, JSON, {"v": ragged(np.array([1, 2]), np.array([], np.int64), None)})
    assert json.loads(written.body)["outputs"] == [
        {"name": "v", "datatype": "INT64", "shape": [3, -1], "data": [[1, 2], [], None]}
    ]


@pytest.mark.parametrize(
    ("wanted", "array", "what"),
    [
        (JSON, np.array([b"\xff"], object), "bytes that are no UTF-8 text need the binary form"),
        (Wanted({"x": True}, binary=False), ragged(np.array([1])), "lists of varying length have no binary form"),
    ],
)
def test_an_output_that_the_wanted_form_cannot_carry_is_named(endpoint, wanted, array, what):
    with pytest.raises(UserError) as caught:
        answer(endpoint, wanted, {"x": array})
    (found,) = caught.value.problems
    assert (found.code, found.what, found.where) == ("P310", what, "output `x`")


@pytest.mark.parametrize(
    "array",
    [
        np.array([0.1, -0.0, 1e300]), np.array([1.5, np.nan, -np.inf]), np.array([[1.0, 2.0]]), np.array([]),
        np.linspace(0, 1, 100), np.array([1, 2]), np.array([0.1], np.float32),
    ],
)  # fmt: skip
def test_plain_numbers_are_written_as_the_careful_way_writes_them(kit, array):
    field = {"f": "FP64", "i": "INT64"}[array.dtype.kind] if array.itemsize == 8 else "FP32"
    outputs = tuple(Field(name, field, (-1, *array.shape[1:])) for name in "yz")
    endpoint = kit.endpoint(Signature((Field("a", "INT64"),), outputs))
    response = InferResponse(endpoint.name, endpoint.version, 'id "\\ 1', {"y": array, "z": array}, len(array))
    quick = encode(endpoint, JSON, response)
    careful = encode(endpoint, Wanted({"y": False}, binary=False), response)
    assert quick.body == careful.body
    assert json.loads(quick.body)["id"] == response.id


@pytest.mark.parametrize("array", [np.array([1.5, -2.0]), np.array([[1.5, 2.5]])])
def test_what_is_around_the_values_is_what_is_written(kit, array):
    field = Field("y", "FP64", (-1, *array.shape[1:]))
    endpoint = kit.endpoint(Signature((Field("x", "FP64"),), (field,), "arrays"))
    head, middle = Texts(endpoint).around("y", len(array))
    response = InferResponse("churn", endpoint.version, "mine", {"y": array}, len(array))
    values = json.dumps(array.ravel().tolist(), separators=(",", ":")).encode()
    assert head + b'"mine"' + middle + values + b"}]}" == encode(endpoint, JSON, response).body
