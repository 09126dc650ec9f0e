"""Which bodies are read quickly, and in which form first."""

import json
from types import SimpleNamespace

import pytest

from trimtab.core.signature import Field, Signature
from trimtab.server.dialects.oip_quick import Quick, quick_of
from trimtab.server.endpoint import Endpoint


def endpoint_of(*inputs: Field) -> Endpoint:
    signature = Signature(inputs, (Field("p", "FP64"),), "arrays")
    manifest = SimpleNamespace(flavour="python")
    return Endpoint("m", SimpleNamespace(name="m", digest="sha256:ab", signature=signature, manifest=manifest))


def body(datatype: str, shape: list, data: list, **more: object) -> bytes:
    return json.dumps({"inputs": [{"name": "x", "shape": shape, "datatype": datatype, "data": data, **more}]}).encode()


def test_columns_of_one_value_a_row_stay_lists_for_the_check():
    reader = Quick(endpoint_of(Field("x", "FP64")))
    assert reader.read(body("FP64", [2], [1.5, 2])) == ({"x": [1.5, 2]}, None)
    assert reader.read(body("FP64", [2, 1], [1.5, 2])) == ({"x": [1.5, 2]}, None)


@pytest.mark.parametrize(
    "odd",
    [
        body("FP32", [1], [1.5]),  # another datatype than the field's
        body("FP64", [2], [1.5]),  # another shape than the data's
        body("FP64", [1], [1.5], parameters={}),
        body("FP64", [1], [[1.5]]),
        b"",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_anything_odd_is_left_to_the_careful_reading(odd):
    assert Quick(endpoint_of(Field("x", "FP64"))).read(odd) is None


def test_lists_of_varying_length_are_never_read_quickly():
    assert Quick(endpoint_of(Field("x", "FP64", (-1, -1)))).read(body("FP64", [1, 2], [[1, 2]])) is None


def test_an_endpoint_has_one_reader():
    endpoint = endpoint_of(Field("x", "FP64"))
    assert quick_of(endpoint) is quick_of(endpoint)


def test_an_odd_body_is_followed_by_a_pause():
    reader = Quick(endpoint_of(Field("x", "FP64", (-1, 2))))
    flat, rows = (body("FP64", [1, 2], data) for data in ([1, 2], [[1, 2]]))
    for given in (rows, flat, flat, rows):
        assert reader.read(given) is not None
    assert reader.read(b"[]") is None
    tries = [reader.read(rows) is not None for _ in range(100)]
    assert not tries[0]
    assert tries[-1]
    assert sum(tries) == 36
