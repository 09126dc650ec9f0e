"""What is suggested of each kind."""

from __future__ import annotations

import pytest

from trimtab.bundle.privacy.kinds import KINDS, fits, policy_for
from trimtab.core.policies import misfit, parse_policy
from trimtab.core.signature import Field

FIELDS = [
    Field("x", "BYTES"), Field("x", "INT8"), Field("x", "UINT64"), Field("x", "FP32"), Field("x", "BOOL"),
    Field("x", "BYTES", kind="datetime"), Field("x", "BYTES", kind="bytes"), Field("x", "BYTES", (-1, -1)),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field} {field.kind}")
def test_every_suggestion_fits_its_column(kind, field):
    policy = parse_policy(policy_for(kind, field))
    assert misfit(field, policy) == ""
    assert policy.kind != "keep"


def test_suggestions_are_as_much_as_can_be_kept():
    assert policy_for("age", Field("x", "INT8")) == "bucket 10"
    assert policy_for("birth", Field("x", "BYTES", kind="datetime")) == "bucket year"
    assert policy_for("birth", Field("x", "INT64")) == "bucket 10"
    assert policy_for("birth", Field("x", "BYTES")) == "drop"
    assert policy_for("id", Field("x", "INT64")) == "tokenise"
    assert policy_for("email", Field("x", "BYTES")) == "drop"


def test_a_kind_is_not_seen_in_columns_that_cannot_hold_it():
    text, number, truth, time = (Field("x", "BYTES"), Field("x", "FP64"), Field("x", "BOOL"), FIELDS[5])
    assert [fits("email", field) for field in (text, number, truth, time)] == [True, False, False, False]
    assert [fits("phone", field) for field in (text, number, truth, time)] == [True, True, False, False]
    assert [fits("birth", field) for field in (text, number, truth, time)] == [True, True, False, True]
    assert [fits("sensitive", field) for field in (text, number, truth, time)] == [True, True, True, False]
