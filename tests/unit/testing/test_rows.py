"""Golden rows: what counts as the same answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trimtab.testing import Rows


def body(**outputs: Any) -> bytes:
    """An answer of the protocol."""
    tensors = [{"name": name, "shape": [1], "datatype": "FP64", "data": data} for name, data in outputs.items()]
    return json.dumps({"model_name": "m", "outputs": tensors}).encode()


SAID = Rows(b"", body(y=[[1.0, 2.0], [3.0, 0.0]], label=["a", None], yes=[True]), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (body(y=[1.0, 2.0, 3.0, 0.0], label=["a", None], yes=[True]), ""),
        (body(y=[1.0009, 2.0, 3.0, 9e-7], label=["a", None], yes=[True]), ""),
        (body(y=[1.0011, 2.0, 3.0, 0.0], label=["a", None], yes=[True]), "`y[0]` is 1.0011, not 1.0"),
        (body(y=[1.0, 2.0, 3.0, 2e-6], label=["a", None], yes=[True]), "`y[3]` is 2e-06, not 0.0"),
        (body(y=[1.0, 2.0, 3.0, None], label=["a", None], yes=[True]), "`y[3]` is None, not 0.0"),
        (body(y=[1.0, 2.0, 3.0, 0.0], label=["b", None], yes=[True]), "`label[0]` is 'b', not 'a'"),
        (body(y=[1.0, 2.0, 3.0, 0.0], label=["a", None], yes=[1]), "`yes[0]` is 1, not True"),
        (body(y=[1.0, 2.0, 3.0], label=["a", None], yes=[True]), "`y` has 3 values, not 4"),
        (body(y=[1.0, 2.0, 3.0, 0.0]), "the outputs are ['y'], not ['label', 'y', 'yes']"),
        (b"{", "no answer of the protocol"),
        (b"[]", "no answer of the protocol"),
        (b'{"error": "no"}', "no answer of the protocol"),
    ],
)
def test_an_answer_is_held_against_what_is_said(answer: bytes, fault: str) -> None:
    found = SAID.fault(answer)
    assert found.startswith(fault)
    assert bool(found) is bool(fault)
