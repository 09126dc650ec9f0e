"""The rule of a decision: nothing changes against itself, and columns are judged as their rows are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.ops.replay.decision import Wanted, changed, moved, rules_of

FLOATS = st.floats(allow_nan=True, allow_infinity=True)
KINDS = st.sampled_from(
    [
        (Field("y", "FP64"), FLOATS, np.float64),
        (Field("y", "FP64", (-1, 2)), st.lists(FLOATS, min_size=2, max_size=2), np.float64),
        (Field("y", "BYTES", nullable=True), st.none() | st.text(max_size=3), object),
        (Field("y", "INT64"), st.integers(-3, 3), np.int64),
        (Field("y", "BOOL"), st.booleans(), np.bool_),
    ]
)
WANTED = st.sampled_from([Wanted({}), Wanted({"y": 0.5}), Wanted({}, rtol=0.1, atol=1.0), Wanted({}, rtol=0, atol=0)])


@st.composite
def pairs(draw):
    field, values, dtype = draw(KINDS)
    rows = draw(st.lists(st.tuples(values, values), min_size=1, max_size=8))
    one, other = (np.array([row[side] for row in rows], dtype) for side in (0, 1))
    wanted = draw(WANTED)
    if len(field.shape) > 1:
        wanted = Wanted({}, rtol=wanted.rtol, atol=wanted.atol)
    return rules_of([field], {"y": Column(one)}, wanted)[0], Column(one), Column(other)


@given(pairs())
def test_nothing_has_changed_against_itself(pair):
    rule, before, _ = pair
    assert not changed(rule, before, before).any()


@given(pairs())
def test_each_row_is_judged_by_itself(pair):
    rule, before, after = pair
    whole = changed(rule, before, after).tolist()
    assert whole == [
        bool(changed(rule, before.rows(slice(row, row + 1)), after.rows(slice(row, row + 1)))[0])
        for row in range(len(whole))
    ]


@given(pairs())
def test_what_has_not_moved_has_not_changed(pair):
    rule, before, after = pair
    by = moved(before, after)
    if by is not None and rule.how != "label":
        assert not changed(rule, before, after)[by == 0].any()
