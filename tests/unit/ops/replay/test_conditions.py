"""A path through the tree in words."""

import pytest

from trimtab.ops.replay.conditions import Condition, merged, phrase


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("carrier", "in", ("B6",)), "carrier = `B6`"),
        (Condition("carrier", "in", ("B6", "EV")), "carrier is one of `B6`, `EV`"),
        (Condition("carrier", "not in", ("B6",)), "carrier is not `B6`"),
        (Condition("carrier", "not in", tuple("abcdef")), "carrier is none of `a`, `b`, `c`, `d` and 2 more"),
        (Condition("hour", ">=", (17,)), "hour >= 17"),
        (Condition("spend", "<", (1 / 3,), or_null=True), "spend < 0.333333 or null"),
        (Condition("since", ">=", ("2013-10-01T00:00:00",)), "since >= `2013-10-01T00:00:00`"),
        (Condition("tail", "null"), "tail is null"),
        (Condition("tail", "not null"), "tail is not null"),
        (Condition("new", "in", (True,)), "new = true"),
        (Condition("word", "in", ("a\n`b",)), 'word = `"a\\n`b"`'),
    ],
)
def test_a_condition_reads_as_a_person_would_say_it(condition, words):
    assert str(condition) == words


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ([Condition("x", ">=", (1,)), Condition("x", ">=", (3,))], "x >= 3"),
        ([Condition("x", "<", (5,), or_null=True), Condition("x", "<", (3,), or_null=True)], "x < 3 or null"),
        ([Condition("x", "<", (5,), or_null=True), Condition("x", ">=", (3,))], "3 <= x < 5"),
        ([Condition("x", "<", (5,), or_null=True), Condition("x", "not null")], "x < 5"),
        ([Condition("x", "not null"), Condition("x", ">=", (3,))], "x >= 3"),
        ([Condition("x", "<", (5,), or_null=True), Condition("x", "null")], "x is null"),
        ([Condition("c", "not in", ("a",)), Condition("c", "not in", ("b",))], "c is none of `a`, `b`"),
        ([Condition("c", "not in", ("a",)), Condition("c", "in", ("b",))], "c = `b`"),
        ([Condition("c", "in", ("a", "b", "d")), Condition("c", "not in", ("b",))], "c is one of `a`, `d`"),
        ([Condition("n", "in", (7,)), Condition("n", ">=", (3,))], "n = 7"),
        ([Condition("c", "in", ("a",)), Condition("x", ">=", (3,))], "c = `a` and x >= 3"),
    ],
)
def test_what_others_imply_is_not_said(path, words):
    assert phrase(path) == words
    assert merged(merged(path)) == merged(path)
