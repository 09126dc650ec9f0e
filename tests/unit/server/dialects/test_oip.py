"""The Open Inference Protocol in JSON: tensors become columns, and every faulty tensor is named at once."""

import numpy as np
import pytest

from trimtab.core.check import SignatureError, check
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column
from trimtab.server.dialects import oip


def tensor(name, datatype, shape, data, **more):
    return {"name": name, "datatype": datatype, "shape": shape, "data": data, **more}


AGE = tensor("age", "INT64", [2], [30, 31])


@pytest.fixture
def read(endpoint, kit):
    def read(body, headers=None, to=endpoint):
        return oip.read(kit.post(body, headers), to, "own-id").request

    return read


def problem(call):
    with pytest.raises(UserError) as caught:
        call()
    return caught.value.problems[0]


def faults(call):
    with pytest.raises(SignatureError) as caught:
        call()
    return [(fault.column, fault.row, fault.what) for fault in caught.value.faults]


def test_a_tensor_of_the_signature_s_own_type_is_left_for_the_field_to_parse(read):
    request = read({"inputs": [AGE, tensor("plan", "BYTES", [2, 1], ["plus", "basic"])]})
    assert (request.model, request.id, request.outputs) == ("churn", "own-id", ())
    assert request.columns == {"age": [30, 31], "plan": ["plus", "basic"]}


def test_a_tensor_of_another_type_or_form_is_decoded_as_it_says(read):
    columns = read(
        {"inputs": [tensor("age", "INT8", [2], [30, 31]), tensor("spend", "FP64", [2, 1], [[1.5], [2]])]}
    ).columns
    assert isinstance(columns["age"], Column)
    assert (columns["age"].values.dtype, columns["age"].values.tolist()) == (np.int8, [30, 31])
    assert columns["spend"].values.tolist() == [[1.5], [2.0]]


def test_flat_and_nested_data_mean_the_same(read, kit):
    endpoint = kit.endpoint(Signature((Field("v", "FP32", (-1, 2)),)))
    for data in ([1, 2, 3, 4], [[1, 2], [3, 4]]):
        columns = read({"inputs": [tensor("v", "FP32", [2, 2], data)]}, to=endpoint).columns
        assert check(endpoint.signature, columns).columns["v"].values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_null_and_infinity_have_their_words(read, kit):
    endpoint = kit.endpoint(Signature((Field("x", "FP64", nullable=True),)))
    columns = read({"inputs": [tensor("x", "FP64", [3], [None, "-Infinity", 1])]}, to=endpoint).columns
    column = check(endpoint.signature, columns).columns["x"]
    assert column.values.tolist()[1:] == [-np.inf, 1.0]
    assert column.missing.tolist() == [True, False, False]


def test_lists_of_varying_length_have_minus_one_for_their_length(read, kit):
    endpoint = kit.endpoint(Signature((Field("v", "BYTES", (-1, -1)),)))
    columns = read({"inputs": [tensor("v", "BYTES", [2, -1], [["a"], ["b", "c"]])]}, to=endpoint).columns
    assert [item.tolist() for item in columns["v"].values] == [["a"], ["b", "c"]]


def test_id_and_outputs_are_taken_over(read):
    body = {"id": "mine", "inputs": [AGE], "outputs": [{"name": "label"}, {"name": "score"}], "parameters": {"x": 1}}
    request = read(body)
    assert (request.id, request.outputs) == ("mine", ("label", "score"))


def test_all_faulty_tensors_are_named_at_once_with_their_rows(read):
    inputs = [
        tensor("age", "INT65", [1], [1]),
        tensor("plan", "BYTES", [3], ["a"], parameters={}) | {"shape": [3, 2]},
        tensor("spend", "FP32", [2], [1.0, "x"]),
        tensor("spend", "FP64", [1], [1]) | {"data": [1.0]},
        tensor("age", "INT64", [1] * 9, [1]),
        {"name": "city", "datatype": "BYTES", "shape": [1]},
        tensor("x", "INT64", [-1], [1]),
        tensor("y", "INT64", [], [1]),
        tensor("z", "INT64", [2, 2], [[1, 2], 3]),
    ]
    found = faults(lambda: read({"inputs": inputs}))
    known = "BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BYTES"
    assert found == [
        ("age", None, f"unknown datatype `INT65`, the protocol has {known}"),
        ("plan", None, "data has 1 values, shape [3, 2] needs 6"),
        ("spend", 1, '`"x"` is no number'),
        ("age", None, "a shape of 9 axes, at most 8 are taken"),
        ("city", None, "neither `data` nor `binary_data_size`"),
        ("x", None, "shape [-1] is not a list of one or more counts"),
        ("y", None, "shape [] is not a list of one or more counts"),
        ("z", None, "data mixes lists and values"),
    ]


def test_a_tensor_that_is_given_twice_is_named(read):
    assert faults(lambda: read({"inputs": [AGE, AGE]})) == [("age", None, "given twice")]


def test_a_flood_of_faulty_tensors_is_cut_short_and_long_names_too(read):
    flood = [tensor("n" * 1000, "nonsense", [1], [1])] * 1000
    found = faults(lambda: read({"inputs": flood}))
    assert len(found) == 51
    assert {len(column) for column, _, _ in found} == {256}


def test_a_shape_beyond_every_memory_is_a_fault_of_the_tensor(read):
    (fault,) = faults(lambda: read({"inputs": [tensor("x", "INT64", [2**62, 2**62, 0], [])]}))
    assert fault[:2] == ("x", None)
    assert fault[2].startswith("shape and data do not fit: ")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({}, "the body does not fit: Object missing required field `inputs`"),
        ({"inputs": [{"name": "a"}]}, "the body does not fit: Object missing required field `shape` - at `$"),
        ({"inputs": [AGE | {"shape": ["2"]}]}, "the body does not fit: Expected `int`, got `str` - at"),
        ({"inputs": [AGE], "id": "a\n"}, "`id` must be printable ASCII of at most 128 characters"),
        ({"inputs": [AGE], "outputs": [{"name": "score"}] * 2}, "an output is asked for twice"),
        ({"inputs": [AGE], "parameters": {"binary_data_output": 1}}, "parameter `binary_data_output` is neither true"),
        (
            {"inputs": [AGE], "outputs": [{"name": "score", "parameters": {"binary_data": "yes"}}]},
            "parameter `binary_data` is neither true nor false",
        ),
        (b'{"inputs":[],"inputs":[]}', "an object has the key `inputs` twice"),
        (b'{"inputs":[{"name":"a","name":"b","shape":[0],"datatype":"BOOL"}]}', "an object has the key `name` twice"),
        (b'{"inputs":[],"parameters":{"a":{"b":1,"b":1}}}', "an object has the key `b` twice"),
        (b'{"inputs":[],"unknown":{"b":1,"b":1}}', "an object has the key `b` twice"),
    ],
)  # fmt: skip
def test_what_is_no_such_request_is_refused(read, body, what):
    found = problem(lambda: read(body))
    assert (found.code, found.what[: len(what)]) == ("P310", what)


def test_keys_that_are_not_known_are_no_duplicates(read):
    assert (
        read({"inputs": [AGE | {"x": {"y": 1}}], "more": [{"z": 1}], "parameters": {"deep": {"a": 1}}}).id == "own-id"
    )


def test_a_number_out_of_range_is_named_by_column_and_row(read):
    body = b'{"inputs":[{"name":"spend","datatype":"FP64","shape":[3],"data":[1,2,-1e999]}]}'
    found = problem(lambda: read(body))
    assert (found.what, found.where) == ("the number `-1e999` is out of range", "column `spend`, row 2")
