"""What trimtab.toml says of columns goes before what the sample shows."""

from __future__ import annotations

from typing import Any

import pytest

from trimtab.bundle.sample.merge import declared_field, with_overrides
from trimtab.core.errors import UserError
from trimtab.core.signature import Field

FIELDS = (Field("tenure", "INT64", frame="int64"), Field("plan", "BYTES", categories=("a", "b"), frame="category"))


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, FIELDS[0]),
        ({"nullable": True, "low": 0}, Field("tenure", "INT64", nullable=True, low=0, frame="int64")),
        ({"dtype": "INT64"}, FIELDS[0]),
        ({"dtype": "FP32"}, Field("tenure", "FP32")),
        ({"dtype": "FP32", "frame": "float64"}, Field("tenure", "FP32", frame="float64")),
        ({"shape": [-1, 2]}, Field("tenure", "INT64", (-1, 2), frame="int64")),
        ({"dtype": "BYTES", "kind": "datetime"}, Field("tenure", "BYTES", kind="datetime")),
        ({"categories": [1, 2]}, Field("tenure", "INT64", categories=(1, 2), frame="int64")),
    ],
)
def test_declared_keys_replace_inferred_ones(declared: dict[str, Any], expected: Field) -> None:
    assert with_overrides(FIELDS, {"tenure": declared}) == (expected, FIELDS[1])


def test_a_new_dtype_drops_the_categories_of_the_old() -> None:
    assert with_overrides(FIELDS, {"plan": {"dtype": "INT64"}})[1] == Field("plan", "INT64")


def test_everything_that_is_wrong_is_named_at_once() -> None:
    declared = {
        "tenur": {"dtype": "INT64"},
        "tenure": {"nulable": True},
        "plan": {"dtype": "TEXT"},
    }
    with pytest.raises(UserError) as caught:
        with_overrides(FIELDS, declared)
    found = [(problem.code, problem.hint) for problem in caught.value.problems]
    assert found == [("P268", "did you mean `tenure`?"), ("P268", "did you mean `nullable`?"), ("P268", "")]


def test_a_kind_without_bytes_is_refused() -> None:
    with pytest.raises(UserError, match="needs dtype `BYTES`"):
        with_overrides(FIELDS, {"tenure": {"kind": "datetime"}})


def test_only_a_declared_dtype_makes_a_field_of_nothing() -> None:
    assert declared_field("x", {"x": {"dtype": "FP64"}}) == Field("x", "FP64", nullable=True)
    assert declared_field("x", {"x": {"nullable": True}}) is None
    assert declared_field("y", {"x": {"dtype": "FP64"}}) is None
