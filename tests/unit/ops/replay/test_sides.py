"""Which endpoint is meant, and which columns are read."""

import pytest

from trimtab.core.errors import UserError
from trimtab.ops.replay.recorded import Part
from trimtab.ops.replay.sides import endpoint_of, tells


def test_the_endpoint_is_the_one_said_the_only_one_or_the_candidates_name():
    assert endpoint_of({"a": 1}, "", "other") == "a"
    assert endpoint_of({"a": 1, "b": 2}, "", "b") == "b"
    assert endpoint_of({"a": 1, "b": 2}, "a", "b") == "a"


@pytest.mark.parametrize(
    ("endpoints", "said", "code", "hint"),
    [
        ({}, "", "P971", "an earlier `--since`"),
        ({"flights": 1}, "flight", "P972", "did you mean `flights`?"),
        ({"a": 1, "b": 2}, "", "P972", "valid: `a`, `b`"),
    ],
)
def test_where_none_is_meant_the_names_are_said(endpoints, said, code, hint):
    with pytest.raises(UserError) as caught:
        endpoint_of(endpoints, said, "churn")
    assert (caught.value.problems[0].code, caught.value.problems[0].hint) == (code, hint)


def test_values_tell_groups_apart_and_names_in_their_place_do_not():
    parts = [
        Part(1, {"in_a": "keep", "in_b": "bucket 10", "in_c": "keep"}),
        Part(1, {"in_a": "keep 9d", "in_b": "keep"}),
    ]
    assert [tells(name, parts) for name in ("in_a", "in_b", "in_c")] == [True, True, False]
    assert not tells("in_a", [Part(1, {"in_a": "hash"})])
