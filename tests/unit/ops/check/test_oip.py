import json

import numpy as np
import pytest

from trimtab.bundle.golden import Golden
from trimtab.core.tensors import encode_binary
from trimtab.ops.check.oip import binary_request, fault_of, json_request
from trimtab.ops.check.subject import Heard

LENGTH = "inference-header-content-length"


@pytest.fixture
def golden(table, good):
    return Golden(table(), good(table()), 1e-6, 1e-9)


def heard(outputs, status=200):
    tensors = [
        {"name": name, "datatype": "FP64", "shape": [len(values)], "data": values.tolist()}
        for name, values in outputs.items()
    ]
    return Heard(status, {}, json.dumps({"outputs": tensors}).encode(), 0.1)


def test_all_golden_rows_are_asked_in_json(signature, golden):
    body, headers = json_request(signature, golden)
    inputs = json.loads(body)["inputs"]
    assert [(one["name"], one["shape"]) for one in inputs] == [("x", [12]), ("plan", [12])]
    assert headers == {"content-type": "application/json"}


def test_and_in_binary_behind_a_head_of_the_length_it_says(signature, golden):
    body, headers = binary_request(signature, golden)
    size = int(headers[LENGTH])
    head = json.loads(body[:size])
    sizes = [one["parameters"]["binary_data_size"] for one in head["inputs"]]
    assert len(body) == size + sum(sizes)
    assert head["parameters"] == {"binary_data_output": True}
    assert np.frombuffer(body[size : size + sizes[0]], "<f8").tolist() == golden.inputs.columns["x"].values.tolist()


def test_the_right_answer_is_one_in_either_form(signature, golden):
    assert fault_of(signature, golden, heard(golden.outputs)) == ""
    raw = encode_binary(golden.outputs["y"])
    head = {"name": "y", "datatype": "FP64", "shape": [12], "parameters": {"binary_data_size": len(raw)}}
    text = json.dumps({"outputs": [head]}).encode()
    assert fault_of(signature, golden, Heard(200, {LENGTH: str(len(text))}, text + raw, 0.1)) == ""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda y: heard({"y": y + 0.1}), "`y` of golden row"),
        (lambda y: heard({"y": y[:-1]}), "`y` of golden row"),
        (lambda y: heard({"z": y}), "an answer that cannot be read"),
        (lambda y: heard({"y": y}, 500), "status 500"),
        (lambda _y: Heard(200, {}, b"{", 0.1), "an answer that cannot be read"),
        (lambda _y: Heard(200, {LENGTH: "x"}, b"{}", 0.1), "an answer that cannot be read"),
    ],
)
def test_any_other_answer_is_named(answer, why, signature, golden):
    assert fault_of(signature, golden, answer(golden.outputs["y"])).startswith(why)
