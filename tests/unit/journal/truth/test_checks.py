"""What a key of an entry may hold, at the limit and just beyond it."""

import math

import pytest

from trimtab.journal.truth import checks
from trimtab.journal.truth.checks import WrongError

NOW = 1_700_000_000.0


@pytest.mark.parametrize("text", ["a", "call 7", "x" * 256, "<b>", "0123456789ababcdefghijkl-5"])
def test_an_id_is_printable_and_short(text):
    assert checks.checked_id(text, NOW) == text


@pytest.mark.parametrize("value", ["", "x" * 257, "é", "a\nb", "\x7f", 7, None, ["a"], True])
def test_anything_else_is_no_id(value):
    with pytest.raises(WrongError):
        checks.checked_id(value, NOW)


@pytest.mark.parametrize(
    "value", [True, False, 0, -1, 2**63 - 1, -(2**63), 0.5, -1e308, "", "on time", "<script>", "é\n\t", "x" * 4000]
)
def test_a_scalar_comes_back_as_it_is(value):
    kept = checks.scalar(value, NOW)
    assert (kept, type(kept)) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "no boolean, number or text"),
        ([1], "no boolean, number or text"),
        ({"a": 1}, "no boolean, number or text"),
        (math.nan, "not finite"),
        (-math.inf, "not finite"),
        (2**63, "64 bits"),
        (-(2**63) - 1, "64 bits"),
        (10**4000, "64 bits"),
        ("x" * 4001, "at most 4000"),
        ("a\x00b", "U+0000"),
        ("\x1b[31m", "U+001B"),
        ("\ud800", "U+D800"),
    ],
)
def test_what_is_no_scalar_is_said(value, said):
    with pytest.raises(WrongError) as caught:
        checks.scalar(value, NOW)
    assert said in caught.value.what
    assert len(caught.value.what) < 200


@pytest.mark.parametrize(("value", "kept"), [(0, 0.0), (1, 1.0), (0.25, 0.25)])
def test_a_score_is_between_bad_and_good(value, kept):
    assert checks.score(value, NOW) == kept


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf, True, "1", None])
def test_anything_else_is_no_score(value):
    with pytest.raises(WrongError, match="no score"):
        checks.score(value, NOW)


def test_a_comment_keeps_its_lines_and_its_markup():
    text = "first line\nsecond <img src=x onerror=alert(1)>"
    assert checks.comment(text, NOW) == text
    assert checks.comment("x" * 4000, NOW) == "x" * 4000
    for value in ("x" * 4001, 7, "\x00"):
        with pytest.raises(WrongError):
            checks.comment(value, NOW)


def test_rows_and_names_have_bounds():
    assert [checks.row(value, NOW) for value in (0, 2**31 - 1)] == [0, 2**31 - 1]
    for value in (-1, 2**31, 1.0, True, "0"):
        with pytest.raises(WrongError, match="counted from 0"):
            checks.row(value, NOW)
    assert checks.name("arrival_delay.v2", NOW) == "arrival_delay.v2"
    for value in ("", "x" * 65, "a b", "7th", "é", 'x"; DROP TABLE truth', 7):
        with pytest.raises(WrongError, match="no name"):
            checks.name(value, NOW)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0.0),
        (1_699_999_999.1234567, 1_699_999_999.123457),
        ("1970-01-02", 86400.0),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-14T23:13:20+01:00", NOW),
        ("2023-11-14 22:13:20.000001", NOW + 1e-6),
        (NOW + checks.AHEAD_S, NOW + checks.AHEAD_S),
    ],
)
def test_a_time_is_in_whole_microseconds_of_utc(value, seconds):
    assert checks.moment(value, NOW) == seconds


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("yesterday", "no time"),
        ("", "no time"),
        (None, "no time"),
        (True, "no time"),
        ("0001-01-01T00:00:00+10:00", "no time"),
        (-1, "before 1970"),
        ("1969-12-31", "before 1970"),
        (math.nan, "no time"),
        (-math.inf, "before 1970"),
        (math.inf, "in the future"),
        (10**400, "in the future"),
        (NOW + checks.AHEAD_S + 1, "in the future"),
        ("9999-01-01", "in the future"),
    ],
)
def test_what_is_no_time_is_said(value, said):
    with pytest.raises(WrongError, match=said):
        checks.moment(value, NOW)


def test_milliseconds_are_told_from_seconds():
    with pytest.raises(WrongError) as caught:
        checks.moment(NOW * 1000, NOW)
    assert "milliseconds" in caught.value.hint
