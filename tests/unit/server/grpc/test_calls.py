"""Messages in, messages out: every call, every datatype, typed and raw, and every way to get it wrong."""

import re

import numpy as np
import pytest

from trimtab.core.check import SignatureError
from trimtab.core.dtypes import DTYPES
from trimtab.core.errors import TrimtabError, UserError
from trimtab.core.signature import Field
from trimtab.core.tensors import encode_binary
from trimtab.server.dataplane import InferResponse
from trimtab.server.faults import GRPC_STATUS, STATUS, NotReadyError
from trimtab.server.grpc.contents import FIELD_OF

LIMITS = {
    "BOOL": [True, False],
    **{name: [int(np.iinfo(DTYPES[name]).min), int(np.iinfo(DTYPES[name]).max)] for name in DTYPES if "INT" in name},
    "FP32": [1.5, float("-inf")],
    "FP64": [0.1, float("inf")],
    "BYTES": [b"\xc3\xa9", b""],
}


def test_health_and_metadata(talk):
    ask = talk(Field("x", "FP64"), Field("names", "BYTES", (-1, 2)))
    assert ask("ServerLive").live
    assert ask("ServerReady").ready
    assert ask("ModelReady", name="echo", version="abababababab").ready
    server = ask("ServerMetadata")
    assert (server.name, list(server.extensions)) == ("trimtab", ["binary_tensor_data"])
    model = ask("ModelMetadata", name="echo")
    assert (model.name, list(model.versions), model.platform) == ("echo", ["abababababab"], "trimtab-python")
    assert [(one.name, one.datatype, list(one.shape)) for one in model.inputs] == [
        ("x", "FP64", [-1]),
        ("names", "BYTES", [-1, 2]),
    ]
    assert len(model.outputs) == 2


def test_a_model_that_loads_or_a_server_that_stops_is_not_ready(talk, one):
    ask = talk()
    ask.plane.stopping = True
    assert not ask("ServerReady").ready
    assert not ask("ModelReady", name="echo").ready
    ask.plane.served.state = "loading"
    with pytest.raises(NotReadyError):
        ask.infer(one("x", "FP64", [1.0]))
    assert ask.plane.asked == []


@pytest.mark.parametrize("call", ["ModelReady", "ModelMetadata"])
def test_an_unknown_model_or_version_is_an_error(talk, call):
    for place in ({"name": "other"}, {"name": "echo", "version": "1"}):
        with pytest.raises(UserError, match="P312"):
            talk()(call, **place)


@pytest.mark.parametrize("datatype", LIMITS)
def test_every_datatype_comes_back_typed_as_it_was_sent_typed(talk, one, datatype):
    answer = talk(Field("x", datatype)).infer(one("x", datatype, LIMITS[datatype]))
    (output,) = answer.outputs
    assert (output.name, output.datatype, list(output.shape)) == ("x", datatype, [2])
    assert list(getattr(output.contents, FIELD_OF[datatype])) == LIMITS[datatype]
    assert not answer.raw_output_contents


@pytest.mark.parametrize("datatype", [*LIMITS, "FP16"])
def test_every_datatype_comes_back_raw_as_it_was_sent_raw(talk, datatype):
    values = LIMITS.get(datatype, [1.5, -2.0])
    raw = encode_binary(np.array(values, DTYPES[datatype]))
    tensor = {"name": "x", "datatype": datatype, "shape": [2]}
    answer = talk(Field("x", datatype)).infer(tensor, raw_input_contents=[raw])
    assert list(answer.raw_output_contents) == [raw]
    assert not answer.outputs[0].HasField("contents")


def answering(values):
    """A model that answers these values whatever it is asked."""

    def ask(request, _timeout_s, _gone, _trail):
        return InferResponse("echo", "1", request.id, {"x": values}, len(values))

    return ask


def test_half_precision_is_raw_since_the_typed_form_has_no_word_for_it(talk, one):
    ask = talk(Field("x", "FP16"))
    with pytest.raises(SignatureError, match="no typed contents, only `raw_input_contents`"):
        ask.infer({"name": "x", "datatype": "FP16", "shape": [1], "contents": {"fp32_contents": [1.0]}})
    ask.plane.ask = answering(np.array([1.5], np.float16))
    assert list(ask.infer(one("x", "FP64", [1.0])).raw_output_contents) == [b"\0>"]


def test_no_rows_are_answered_by_no_rows(talk, one):
    (output,) = talk().infer(one("x", "FP64", [])).outputs
    assert list(output.shape) == [0]


def test_rows_of_lists_keep_their_shape(talk, one):
    (output,) = talk(Field("x", "INT32", (-1, 2))).infer(one("x", "INT32", [[1, 2], [3, 4], [5, 6]])).outputs
    assert list(output.shape) == [3, 2]
    assert list(output.contents.int_contents) == [1, 2, 3, 4, 5, 6]


def test_the_id_comes_back_and_a_request_without_one_is_given_one(talk, one):
    ask = talk()
    assert ask.infer(one("x", "FP64", [1.0]), id="mine").id == "mine"
    assert ask.infer(one("x", "FP64", [1.0])).id == "own-1"


def test_what_is_left_of_the_deadline_is_passed_on(talk, one):
    ask = talk()
    ask.infer(one("x", "FP64", [1.0]), model_version="abababababab")
    ((request, timeout_s),) = ask.plane.asked
    assert (timeout_s, request.version) == (2.5, "abababababab")


def test_only_the_outputs_asked_for_come_back(talk, one):
    ask = talk(Field("x", "FP64"), Field("y", "FP64"))
    answer = ask.infer(one("x", "FP64", [1.0]), one("y", "FP64", [2.0]), outputs=[{"name": "y"}])
    assert [(output.name, list(output.contents.fp64_contents)) for output in answer.outputs] == [("y", [2.0])]


X = {"name": "x", "datatype": "FP64", "shape": [1]}
NARROW = {"datatype": "INT8", "shape": [2]}
TYPED = {**X, "contents": {"fp64_contents": [1.0]}}
WRONG = {
    "int8 out of range": ({**X, **NARROW, "contents": {"int_contents": [1, 200]}}, "row 1: 200 is no INT8"),
    "unknown datatype": ({**X, "datatype": "BF16", "contents": {"fp32_contents": [1.0]}}, "unknown datatype `BF16`"),
    "the wrong list": ({**X, "contents": {"fp32_contents": [1.0]}}, "`fp32_contents` holds no FP64"),
    "too few": ({**X, "shape": [3], "contents": {"fp64_contents": [1.0]}}, r"has 1 values, shape \[3\] needs 3"),
    "no contents": (X, r"has 0 values, shape \[1\] needs 1"),
    "negative shape": ({**TYPED, "shape": [-1]}, "is not a list of one or more counts"),
    "huge shape": ({**X, "shape": [2**40, 2**40], "contents": {}}, "values, shape"),
    "no shape": ({**TYPED, "shape": []}, "is not a list of one or more counts"),
    "70 axes": ({**X, "shape": [1] * 70, "contents": {"fp64_contents": [1.0]}}, "shape and data do not fit"),
    "unknown column": ({**X, "name": "z", "contents": {"fp64_contents": [1.0]}}, "`z`: unknown column"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_tensor_that_is_wrong_is_named_by_column_and_row(talk, name):
    tensor, message = WRONG[name]
    with pytest.raises(SignatureError) as caught:
        talk().infer(tensor)
    said = "; ".join(map(str, caught.value.faults))
    assert re.search(message, said), said


def test_all_faulty_tensors_are_named_at_once(talk):
    bad = {**X, "contents": {"fp32_contents": [1.0]}}
    with pytest.raises(SignatureError) as caught:
        talk().infer(bad, {**bad, "name": "y"})
    assert [fault.column for fault in caught.value.faults] == ["x", "y"]


REFUSED = {
    "raw and typed": ({"raw_input_contents": [b"\0" * 8], "inputs": [TYPED]}, "both"),
    "too many raw ones": ({"raw_input_contents": [b"\0" * 8] * 2, "inputs": [X]}, "2 `raw_input_contents` for 1 "),
    "raw of another size": ({"raw_input_contents": [b"\0" * 7], "inputs": [X]}, "7 bytes of data"),
    "twice the input": ({"raw_input_contents": [b"\0" * 8] * 2, "inputs": [X, X]}, "given twice"),
    "twice the output": ({"inputs": [], "outputs": [{"name": "x"}] * 2}, "twice"),
    "an id of no print": ({"inputs": [], "id": "a\nb"}, "printable"),
    "no input": ({"inputs": []}, "missing column"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_contradicts_itself_is_refused(talk, name):
    values, message = REFUSED[name]
    with pytest.raises(UserError, match=message):
        talk()("ModelInfer", model_name="echo", **values)


def test_an_output_that_the_messages_cannot_carry_is_named(talk, one):
    ask = talk()
    rows = np.empty(2, object)
    rows[:] = [np.array([1.0]), np.array([1.0, 2.0])]
    ask.plane.ask = answering(rows)
    with pytest.raises(TrimtabError, match="output `x`"):
        ask.infer(one("x", "FP64", [1.0, 2.0]))


def test_every_code_of_the_room_has_a_status_in_both_worlds():
    assert STATUS.keys() == GRPC_STATUS.keys()


def test_every_status_is_one_of_grpc():
    import grpc

    names = {status.name for status in grpc.StatusCode}
    assert set(GRPC_STATUS.values()) <= names
