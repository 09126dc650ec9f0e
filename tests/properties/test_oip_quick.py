"""The quick reading of protocol bodies agrees with the careful one: what it takes, the other reads the same."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trimtab.core.check import SignatureError, check
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.dialects import oip
from trimtab.server.dialects.oip_quick import Quick, quick_of
from trimtab.server.endpoint import Endpoint
from trimtab.server.wire import Request

FLAT = Signature((Field("a", "FP64"), Field("b", "INT64"), Field("c", "BYTES")), (Field("p", "FP64"),), "arrays")
SINGLE = Signature((Field("x", "FP32", (-1, 2)),), (Field("p", "FP64"),), "matrix")
DOUBLE = Signature((Field("x", "FP64", (-1, 2)),), (Field("p", "FP64"),), "matrix")
WHOLE = Signature((Field("x", "INT32", (-1, 2)),), (Field("p", "FP64"),), "matrix")
SIGNATURES = (FLAT, SINGLE, DOUBLE, WHOLE)


def endpoint_of(signature: Signature) -> Endpoint:
    bundle = SimpleNamespace(
        name="m", digest="sha256:" + "ab" * 32, signature=signature, manifest=SimpleNamespace(flavour="python")
    )
    return Endpoint("m", bundle)


def outcome(signature: Signature, body: bytes, *, quick: bool):
    """The table that a body becomes, or what is wrong with it; careful when the quick reading pauses."""
    endpoint = endpoint_of(signature)
    if not quick:
        quick_of(endpoint)._wait = 10
    http = Request(b"POST", b"/", b"", {b"host": b"a"}, body, keep_alive=True)
    try:
        exchange = oip.read(http, endpoint, "own")
        table = check(signature, exchange.request.columns)
    except (SignatureError, UserError) as error:
        return [problem.what for problem in error.problems]
    columns = {name: (column.values.dtype.str, column.values.tolist()) for name, column in table.columns.items()}
    return exchange.request.id, exchange.request.timeout_s, columns


values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**70), 2**70), st.booleans(), st.none(),
    st.text(max_size=3), st.sampled_from([1e39, -1e39, 2**53 + 1, "Infinity", ":"]),
)  # fmt: skip
numbers = st.floats(-1e6, 1e6) | st.integers(-(2**33), 2**33)
shapes = st.sampled_from([[1], [2], [2, 1], [1, 2], [2, 2], [0], [0, 2], [-1, 2], []])
datas = st.one_of(
    st.lists(values, max_size=4), st.lists(numbers, max_size=4), st.lists(st.lists(numbers, max_size=3), max_size=3)
)
tensors = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a", "b", "c", "x", "x:"]),
        "shape": shapes,
        "datatype": st.sampled_from(["FP64", "FP32", "INT64", "INT32", "BYTES"]),
        "data": datas,
    },
    optional={"parameters": st.just({})},
)
bodies = st.fixed_dictionaries(
    {"inputs": st.lists(tensors, max_size=3)}, optional={"id": st.sampled_from(["7", "", ":", None])}
)


def matrix(datatype: str, shape: list[int], data: list) -> dict:
    return {"inputs": [{"name": "x", "shape": shape, "datatype": datatype, "data": data}]}


@pytest.mark.parametrize("signature", SIGNATURES, ids=["columns", "FP32", "FP64", "INT32"])
@given(body=bodies)
@example(body=matrix("FP64", [1, 2], [[1.5, 2]]))
@example(body=matrix("FP64", [1, 2], [1.5, 2]))
@example(body=matrix("FP32", [1, 2], [[1e39, 2]]))
@example(body=matrix("FP32", [1, 2], [[5e178, 2]]))
@example(body=matrix("FP32", [1, 2], [[0.1, 16777217]]))
@example(body=matrix("INT32", [1, 2], [2**31, 1]))
@example(body=matrix("INT32", [1, 2], [True, 1]))
@example(body=matrix("FP64", [2, 2], [[1, 2], [3]]))
@example(body=matrix("FP64", [-1, 2], [1, 2]))
@example(body=matrix("FP64", [0, 2], []))
def test_both_readings_agree(signature, body):
    text = json.dumps(body).encode()
    assert outcome(signature, text, quick=True) == outcome(signature, text, quick=False)


@given(st.lists(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=2), min_size=1, max_size=5))
def test_rows_of_numbers_are_read_quickly_and_exactly(rows):
    body = json.dumps(matrix("FP64", [len(rows), 2], rows)).encode()
    found = Quick(endpoint_of(DOUBLE)).read(body)
    assert found is not None
    assert np.array_equal(found[0]["x"].values, np.array(rows))


def test_a_key_that_is_there_twice_is_not_read_quickly():
    text = b'{"inputs":[{"name":"x","name":"x","shape":[1,2],"datatype":"FP64","data":[[1,2]]}]}'
    assert Quick(endpoint_of(DOUBLE)).read(text) is None
    assert outcome(DOUBLE, text, quick=True) == ["an object has the key `name` twice"]
