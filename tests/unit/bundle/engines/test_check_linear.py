"""Folded weights are held against themselves before they are used."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from trimtab.bundle.engines.check_linear import linear_faults
from trimtab.bundle.engines.weights import Category, LinearSpec, Number, Shift

NUMBER = Number(0, (1.0, 2.0, 3.0))
CATEGORY = Category(1, ("u", "v"), ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)), unknown=(0.0, 0.0, 0.0))
SOUND = LinearSpec(
    count=2,
    terms=(NUMBER, CATEGORY),
    intercept=(0.0, 1.0, 2.0),
    link="label",
    output="prediction",
    labels=("x", "y", "z"),
    shifts=(Shift((1.0,), None),),
)


def test_a_sound_one_has_no_faults() -> None:
    assert list(linear_faults(SOUND)) == []
    one = LinearSpec(1, (Number(0, (1.0,)),), (0.0,), "sigmoid", "probability")
    assert list(linear_faults(one)) == []
    assert list(linear_faults(msgspec.structs.replace(one, link="label", labels=(False, True)))) == []


def with_terms(**changes: Any) -> dict[str, Any]:
    return {"terms": (NUMBER, msgspec.structs.replace(CATEGORY, **changes))}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"count": 1}, "terms[1].at"),
        ({"names": ("a",)}, "names"),
        ({"by_name": True}, "by_name"),
        ({"terms": ()}, "terms"),
        ({"labels": ("x", "y")}, "labels"),
        ({"link": "softmax", "flat": False}, "labels"),
        ({"link": "softmax", "labels": ()}, "flat"),
        ({"shifts": (Shift((1.0, 2.0)),)}, "shifts[0].minus"),
        ({"shifts": (Shift(), Shift(None, ()))}, "shifts[1].by"),
        ({"terms": (msgspec.structs.replace(NUMBER, at=-1), CATEGORY)}, "terms[0].at"),
        ({"terms": (msgspec.structs.replace(NUMBER, weights=(1.0,)), CATEGORY)}, "terms[0].weights"),
        ({"terms": (msgspec.structs.replace(NUMBER, limit=-1.0), CATEGORY)}, "terms[0].limit"),
        (with_terms(values=("u",)), "terms[1].weights"),
        (with_terms(values=("u", "u")), "terms[1].values"),
        (with_terms(weights=((1.0, 2.0, 3.0), (4.0,))), "terms[1].weights[1]"),
        (with_terms(missing=()), "terms[1].missing"),
        (with_terms(unknown=(1.0,)), "terms[1].unknown"),
    ],
)
def test_what_could_not_be_used_is_named(change: dict[str, Any], place: str) -> None:
    (at, _), *_ = linear_faults(msgspec.structs.replace(SOUND, **change))
    assert at == place


def test_without_an_intercept_there_is_no_output() -> None:
    assert ("intercept", "there is none") in list(linear_faults(msgspec.structs.replace(SOUND, intercept=())))
