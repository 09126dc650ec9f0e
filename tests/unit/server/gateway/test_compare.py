from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.gateway.compare import agree

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def said(value) -> bytes:
    return json.dumps(value).encode()


@given(JSON)
def test_an_answer_agrees_with_itself(value):
    assert agree(said(value), said(value), 0.0) is True


def oip(*data, model="m", name="y"):
    return said(
        {"model_name": model, "id": model, "outputs": [{"name": name, "shape": [len(data)], "data": list(data)}]}
    )


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (oip(1.0, 2.0), oip(1.0, 2.0 + 1e-7, model="other"), True),
        (oip(1.0), oip(1.1), False),
        (oip(1.0), oip(1.0, 1.0), False),
        (oip(1.0), oip(1.0, name="z"), False),
        (said({"predictions": [1]}), said({"predictions": [1.0], "metadata": 3}), True),
        (said({"predictions": ["a"]}), said({"predictions": ["b"]}), False),
        (said({"label": "a", "id": 1}), said({"label": "a", "id": 2}), True),
        (said([True]), said([1]), False),
        (said([10**400]), said([10**400]), True),
        (said([10**400]), said([1.0]), False),
        (said({"a": None}), said({}), False),
    ],
)
def test_what_was_predicted_is_compared_whatever_wraps_it(left, right, same):
    assert agree(left, right, 1e-6) is same
    assert agree(right, left, 1e-6) is same


def test_what_is_no_json_is_not_known():
    assert agree(b"{", b"{}", 1.0) is None
    assert agree(b"[" * 100_000, b"[]", 1.0) is None
