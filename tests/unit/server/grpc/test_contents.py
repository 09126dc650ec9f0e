"""Tensors of messages by themselves: what becomes of their lists, and how many faults are worth naming."""

from types import SimpleNamespace

import numpy as np
import pytest

from trimtab.core.check import SignatureError
from trimtab.core.dtypes import DTYPES
from trimtab.core.errors import UserError
from trimtab.core.signature import Field
from trimtab.server.dataplane import InferResponse
from trimtab.server.grpc.contents import FIELD_OF, columns, fill
from trimtab.server.grpc.proto import load

INFER = load("inference").rpcs["ModelInfer"]


def inputs(*tensors):
    """These tensors as they arrive, each (name, datatype, shape, contents)."""
    keys = ("name", "datatype", "shape", "contents")
    return INFER.request(inputs=[dict(zip(keys, tensor, strict=False)) for tensor in tensors]).inputs


def faults(given, raws=()):
    with pytest.raises(SignatureError) as caught:
        columns(given, raws)
    return [(fault.column, fault.row, fault.what) for fault in caught.value.faults]


def filled(outputs, fields=None, *, raw=False):
    message = INFER.response()
    response = InferResponse("m", "v1", "id-1", outputs, 2)
    fill(message, response, SimpleNamespace(outputs=fields or {}), raw=raw)
    return message


def test_every_datatype_but_one_has_a_list_that_the_messages_know():
    assert set(DTYPES) - set(FIELD_OF) == {"FP16"}
    known = INFER.request.DESCRIPTOR.fields_by_name["inputs"].message_type.fields_by_name["contents"].message_type
    assert set(FIELD_OF.values()) == set(known.fields_by_name.keys())


def test_a_list_becomes_an_array_of_its_shape_and_of_its_narrower_type():
    found = columns(
        inputs(
            ("a", "INT8", [2, 2], {"int_contents": [1, -2, 3, -128]}),
            ("b", "BYTES", [2], {"bytes_contents": ["é".encode(), b""]}),
        ),
        (),
    )
    assert (found["a"].values.dtype, found["a"].values.tolist()) == (np.int8, [[1, -2], [3, -128]])
    assert found["b"].values.tolist() == ["é".encode(), b""]


def test_raw_tensors_are_taken_in_their_order():
    found = columns(
        inputs(("a", "INT16", [2]), ("b", "FP32", [1])), [b"\x01\x00\xff\xff", np.array([1.5], "<f4").tobytes()]
    )
    assert [found[name].values.tolist() for name in "ab"] == [[1, -1], [1.5]]


@pytest.mark.parametrize("count", [1, 3])
def test_raw_tensors_of_another_number_are_refused(count):
    with pytest.raises(UserError, match=f"{count} `raw_input_contents` for 2 inputs"):
        columns(inputs(("a", "INT8", [1]), ("b", "INT8", [1])), [b"\0"] * count)


@pytest.mark.parametrize(
    ("tensor", "row", "said"),
    [
        (("a", "INT8", [2, 2], {"int_contents": [1, 2, 3, 128]}), 1, "128 is no INT8"),
        (("a", "UINT8", [2], {"uint_contents": [256, 1]}), 0, "256 is no UINT8"),
        (("a", "INT8", [2], {"int_contents": [1]}), None, "`int_contents` has 1 values, shape [2] needs 2"),
        (("a", "INT8", [1], {"fp64_contents": [1]}), None, "`fp64_contents` holds no INT8, `int_contents` does"),
        (("a", "FP16", [1]), None, "FP16 has no typed contents, only `raw_input_contents`"),
    ],
)
def test_a_tensor_that_contradicts_itself_is_named_with_its_row(tensor, row, said):
    assert faults(inputs(tensor)) == [("a", row, said)]


def test_a_tensor_is_raw_or_typed_and_there_once():
    assert faults(inputs(("a", "INT8", [1], {"int_contents": [1]})), [b"\0"]) == [
        ("a", None, "both `contents` and `raw_input_contents`")
    ]
    assert faults(inputs(*[("a", "INT8", [1], {"int_contents": [1]})] * 2)) == [("a", None, "given twice")]


def test_faults_are_named_at_once_but_not_without_end():
    found = faults(inputs(*[(f"{number:0300}", "INT8", [1]) for number in range(1000)]))
    assert len(found) == 51
    assert {len(name) for name, _, _ in found} == {256}


def test_an_answer_is_typed_or_raw():
    outputs = {"y": np.array([[1, 2], [3, 4]], np.int8), "t": np.array(["é", ""], object)}
    typed, raw = filled(outputs), filled(outputs, raw=True)
    assert (typed.model_name, typed.model_version, typed.id) == ("m", "v1", "id-1")
    assert [(one.name, one.datatype, list(one.shape)) for one in typed.outputs] == [
        ("y", "INT8", [2, 2]),
        ("t", "BYTES", [2]),
    ]
    assert list(typed.outputs[0].contents.int_contents) == [1, 2, 3, 4]
    assert list(typed.outputs[1].contents.bytes_contents) == ["é".encode(), b""]
    assert not typed.raw_output_contents
    assert list(raw.raw_output_contents) == [b"\x01\x02\x03\x04", b"\x02\0\0\0\xc3\xa9\0\0\0\0"]
    assert not any(one.HasField("contents") for one in raw.outputs)


def test_half_precision_makes_the_whole_answer_raw():
    message = filled({"y": np.array([1, 2], np.int8), "h": np.array([1, 2], np.float16)})
    assert [len(one) for one in message.raw_output_contents] == [2, 4]


def test_lists_of_varying_length_have_no_form_here():
    rows = np.empty(2, object)
    rows[:] = [np.array([1.0]), np.array([1.0, 2.0])]
    with pytest.raises(UserError, match="P310") as caught:
        filled({"y": rows}, {"y": Field("y", "FP64", (-1, -1))})
    assert (caught.value.problems[0].where, caught.value.problems[0].hint) == (
        "output `y`",
        "ask over REST in JSON, or leave this output out",
    )
