"""Bodies that are small to send and dear to read: depth, numbers, keys, shapes. `test_server.py` has the first few."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from tests.system.attacks.target import INFER, ROWS, Target

INDEX = "/v2/repository/index"


def deep(count: int) -> bytes:
    """Brackets in brackets."""
    return b"[" * count + b"]" * count


def x_is(text: bytes) -> bytes:
    """One row with this text for a number."""
    return b'[{"x":' + text + b"}]"


ROW_BOMBS = {
    "brackets": deep(100_000),
    "braces": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "brackets in a row": x_is(deep(50_000)),
    "a few brackets in a row": x_is(deep(33)),
    "a whole number without end": x_is(b"9" * 900_000),
    "an exponent beyond all": x_is(b"1e999999999"),
    "an exponent without end": x_is(b"1e" + b"9" * 900_000),
    "keys": b"[{" + b",".join(b'"%x":1' % number for number in range(60_000)) + b"}]",
    "one key": b'[{"' + b"k" * 900_000 + b'":1}]',
    "the same key": b"[{" + b'"x":1,' * 100_000 + b'"x":1}]',
    "escapes without an end": b'[{"x":1,"do":"' + b'\\"' * 400_000,
    "rows": b"[" + b"{}," * 300_000 + b"{}]",
    "nulls": b"[" + b"null," * 180_000 + b"null]",
}
TAKEN = {
    "a fraction without end": x_is(b"0." + b"1" * 900_000),
    "an exponent of zeros": x_is(b"1e" + b"0" * 900_000 + b"1"),
    "an exponent below all": x_is(b"1e-999999999"),
    "colons": b'[{"x":1,"do":"' + b":" * 900_000 + b'"}]',
    "escapes": b'[{"x":1,"do":"' + b"\\\\" * 400_000 + b'"}]',
}


@pytest.mark.parametrize("name", ROW_BOMBS)
def test_json_bomb_in_rows(target: Target, name: str) -> None:
    """A clear 4xx, soon, and a short one."""
    refused(target, ROWS, ROW_BOMBS[name])
    refused(target, INDEX, ROW_BOMBS[name][:60_000], admin=True)


@pytest.mark.parametrize("name", TAKEN)
def test_json_bomb_that_is_a_row(target: Target, name: str) -> None:
    """What is a number, or a text, however long, is taken, and soon."""
    began = time.monotonic()
    assert target.send("POST", ROWS, TAKEN[name])[0] == 200
    assert time.monotonic() - began < 2


def tensor(**said: Any) -> dict[str, Any]:
    """A body with one tensor, of which this much is odd."""
    return {"inputs": [{"name": "x", "datatype": "FP64", "shape": [1], "data": [1.0]} | said]}


TENSOR_BOMBS = {
    "brackets": deep(100_000),
    "brackets as data": b'{"inputs":[{"name":"x","datatype":"FP64","shape":[1],"data":' + deep(50_000) + b"}]}",
    "braces as parameters": b'{"parameters":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b',"inputs":[]}',
    "a count beyond 64 bits": tensor(shape=[2**63]),
    "a count beyond all": b'{"inputs":[{"name":"x","datatype":"FP64","shape":[1e400],"data":[1]}]}',
    "counts of thousands of digits": tensor(shape=[10**4000] * 8),
    "a negative count of thousands of digits": tensor(shape=[-(10**4000)]),
    "a negative count": tensor(shape=[-1]),
    "counts whose product is beyond all": tensor(shape=[2**31] * 3),
    "no values of everything": tensor(shape=[0, 2**62], data=[]),
    "a promise": tensor(shape=[10**9], data=[]),
    "axes": tensor(shape=[1] * 50_000),
    "inputs": {"inputs": tensor()["inputs"] * 10_000},
    "outputs": tensor() | {"outputs": [{"name": "y"}] * 20_000},
    "a name": tensor(name="n" * 900_000),
    "a datatype": tensor(datatype="F" * 900_000),
    "an output's name": tensor() | {"outputs": [{"name": "o" * 900_000}]},
    "an id": tensor() | {"id": "i" * 900_000},
}


@pytest.mark.parametrize("name", TENSOR_BOMBS)
def test_json_bomb_in_tensors(target: Target, name: str) -> None:
    """The same for the Open Inference Protocol."""
    body = TENSOR_BOMBS[name]
    refused(target, INFER, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize("size", [-1, 7, 2**31, 2**40, 2**63, 10**3000])
def test_a_bomb_of_bytes(target: Target, size: int) -> None:
    """Binary tensors that promise more than is there, in the JSON ahead of them and in their own lengths."""
    said = json.dumps(tensor(parameters={"binary_data_size": size})).replace('"data": [1.0], ', "").encode()
    headers = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(said))}
    refused(target, INFER, said + bytes(8), headers)
    texts = [
        {"name": "x", "datatype": "FP64", "shape": [1], "data": [1.0]},
        {"name": "do", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 8}},
    ]
    said = json.dumps({"inputs": texts}).encode()
    length = (size % 2**32).to_bytes(4, "little")
    refused(target, INFER, said + length + b"abcd", headers | {"inference-header-content-length": str(len(said))})
    refused(target, INFER, said + bytes(8), headers | {"inference-header-content-length": str(size)})


def refused(
    target: Target, path: str, body: bytes, headers: dict[str, str] | None = None, *, admin: bool = False
) -> None:
    """It is a 4xx with a code, short and soon, and memory does not grow by more than what was sent is worth."""
    target.forget_memory()
    before, began = target.memory(), time.monotonic()
    status, _, said = target.send("POST", path, body, headers, admin=admin)
    assert 400 <= status < 500, said[:300]
    assert json.loads(said)["code"]
    assert len(said) < 4096
    assert time.monotonic() - began < 2
    assert target.memory() - before < 2**26
