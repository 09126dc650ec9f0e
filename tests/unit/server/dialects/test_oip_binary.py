"""Binary tensors, in and out: the same bits, and no byte of a body that belongs to nobody."""

import json
import struct

import numpy as np
import pytest

from trimtab.core.check import SignatureError, check
from trimtab.core.dtypes import DTYPES
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.dataplane import InferResponse
from trimtab.server.dialects import oip

LENGTH = b"inference-header-content-length"


def packed(*items):
    return b"".join(struct.pack("<I", len(item)) + item for item in items)


def tensor(name, datatype, shape, size, **more):
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": {"binary_data_size": size}, **more}


@pytest.fixture
def read(endpoint, kit):
    def read(head, tail=b"", to=endpoint, pad=0, **headers):
        text = json.dumps(head).encode() + b" " * pad
        given = {LENGTH: str(len(text)).encode(), **{name.encode(): value for name, value in headers.items()}}
        return oip.read(kit.post(text + tail, given), to, "own-id")

    return read


@pytest.mark.parametrize("pad", range(8))
@pytest.mark.parametrize("datatype", [name for name in DTYPES if name != "BYTES"])
def test_numbers_arrive_bit_by_bit_aligned_wherever_the_json_ends(read, datatype, pad):
    array = np.arange(6).reshape(3, 2).astype(DTYPES[datatype])
    raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
    column = read({"inputs": [tensor("x", datatype, [3, 2], len(raw))]}, raw, pad=pad).request.columns["x"]
    assert column.values.dtype == array.dtype
    assert column.values.flags.aligned
    assert np.array_equal(column.values, array)


def test_text_and_json_tensors_come_beside_one_another_in_any_order(read, kit):
    ages, plans = np.array([30, 31], "<i8").tobytes(), packed(b"plus", b"basic")
    head = {
        "inputs": [
            tensor("age", "INT64", [2], len(ages)),
            {"name": "spend", "datatype": "FP64", "shape": [2], "data": [1.5, 2]},
            tensor("plan", "BYTES", [2], len(plans)),
            {"name": "city", "datatype": "BYTES", "shape": [2], "data": [None, "é"]},
        ]
    }
    table = check(kit.signature, read(head, ages + plans).request.columns)
    got = {name: column.values.tolist() for name, column in table.columns.items()}
    assert got == {"age": [30, 31], "plan": ["plus", "basic"], "spend": [1.5, 2.0], "city": [None, "é"]}


def test_the_body_may_say_octets_once_it_says_where_its_json_ends(read, kit):
    head = {"inputs": [tensor("age", "INT64", [0], 0)]}
    kind = {"content-type": b"application/octet-stream"}
    assert len(read(head, **kind).request.columns["age"]) == 0
    with pytest.raises(UserError) as caught:
        oip.read(kit.post(head, {b"content-type": b"application/octet-stream"}), kit.endpoint(), "id")
    assert caught.value.problems[0].code == "P310"
    assert "needs the header `Inference-Header-Content-Length`" in caught.value.problems[0].what


@pytest.mark.parametrize("given", [b"x", b"", b"-1", b"+2", b"1_0", b"0x1", b"21", b"9" * 19, "\u0662".encode()])
def test_a_length_that_is_none_within_the_body_is_refused(kit, endpoint, given):
    with pytest.raises(UserError) as caught:
        oip.read(kit.post(b'{"inputs":[]}' + b" " * 7, {LENGTH: given}), endpoint, "id")
    (found,) = caught.value.problems
    assert (found.code, found.what) == (
        "P310",
        "`Inference-Header-Content-Length` is no length within the 20 bytes of body",
    )


def problem(call):
    with pytest.raises(UserError) as caught:
        call()
    found = caught.value.problems[0]
    return found.code, found.what, found.where


@pytest.mark.parametrize(
    ("sizes", "tail", "expected"),
    [
        ([8], b"1234567", ("P310", "`binary_data_size` goes 1 bytes beyond the body", "column `x0`")),
        ([8, 8], b"1" * 12, ("P310", "`binary_data_size` goes 4 bytes beyond the body", "column `x1`")),
        ([2**62], b"", ("P310", f"`binary_data_size` goes {2**62} bytes beyond the body", "column `x0`")),
        ([8], b"1" * 9, ("P310", "1 bytes of the body belong to no input", "")),
        ([], b"1", ("P310", "1 bytes of the body belong to no input", "")),
        ([-8], b"", ("P310", "`binary_data_size` is no count of bytes", "column `x0`")),
        ([True], b"1", ("P310", "`binary_data_size` is no count of bytes", "column `x0`")),
        ([8.0], b"1" * 8, ("P310", "`binary_data_size` is no count of bytes", "column `x0`")),
        (["8"], b"1" * 8, ("P310", "`binary_data_size` is no count of bytes", "column `x0`")),
    ],
)
def test_sizes_and_body_must_agree(read, sizes, tail, expected):
    inputs = [tensor(f"x{place}", "INT64", [1], size) for place, size in enumerate(sizes)]
    assert problem(lambda: read({"inputs": inputs}, tail)) == expected


def faults(call):
    with pytest.raises(SignatureError) as caught:
        call()
    return [(fault.column, fault.row, fault.what) for fault in caught.value.faults]


def test_faulty_tensors_are_named_and_the_ones_behind_them_still_found(read):
    inputs = [
        tensor("short", "INT64", [2], 8),
        tensor("flag", "BOOL", [3], 3),
        tensor("text", "BYTES", [2], 9),
        tensor("both", "INT8", [1], 1, data=[1]),
        tensor("good", "INT8", [1], 1),
        tensor("cut", "BYTES", [1], 3),
    ]
    tail = b"12345678" + b"\0\1\2" + packed(b"a", b"") + b"1" + b"1" + b"\0\0\0"
    found = faults(lambda: read({"inputs": inputs}, tail))
    assert found == [
        ("short", None, "8 bytes of data, INT64 of shape [2] needs 16"),
        ("flag", 2, "a BOOL byte is neither 0 nor 1"),
        ("both", None, "both `data` and `binary_data_size`"),
        ("cut", 0, "a BYTES element's length is cut off"),
    ]


def written(exchange, outputs, count=2):
    return exchange.encode(InferResponse("churn", "v1", exchange.request.id, outputs, count))


@pytest.mark.parametrize("name", [name for name in DTYPES if name != "BYTES"])
def test_outputs_leave_bit_by_bit_behind_their_json(read, kit, name):
    endpoint = kit.endpoint(Signature((Field("a", "INT64"),), (Field("x", name), Field("y", "BYTES"))))
    exchange = read({"inputs": [], "parameters": {"binary_data_output": True}}, to=endpoint)
    array = np.arange(4).astype(DTYPES[name]).reshape(2, 2)
    answer = written(exchange, {"x": array, "y": np.array(["é", b"\xff"], object)})
    (header, length) = answer.headers[0]
    head, tail = json.loads(answer.body[: int(length)]), answer.body[int(length) :]
    assert (header, answer.content_type, answer.status) == (LENGTH, b"application/octet-stream", 200)
    first, second = head.pop("outputs")
    assert head == {"model_name": "churn", "model_version": "v1", "id": "own-id"}
    raw, text = array.astype(array.dtype.newbyteorder("<")).tobytes(), packed("é".encode(), b"\xff")
    assert first == tensor("x", name, [2, 2], len(raw))
    assert second == tensor("y", "BYTES", [2], len(text))
    assert tail == raw + text


def test_a_body_that_says_it_is_binary_and_not_where_is_refused_whatever_came_before(kit):
    signature = Signature((Field("x", "FP64", (-1, 2)),), (Field("y", "FP64"),), "matrix")
    endpoint = kit.endpoint(signature)
    tensor = {"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}
    for more in ({}, {"more": 1}, {}):
        with pytest.raises(UserError, match="Inference-Header-Content-Length"):
            oip.read(
                kit.post({"inputs": [tensor]} | more, {b"content-type": b"application/octet-stream"}), endpoint, "1"
            )
