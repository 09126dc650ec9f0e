"""What is typed, as values."""

from datetime import UTC, datetime

import pytest

from trimtab.core.errors import UserError
from trimtab.ops.replay.wishes import parse_moment, parse_share, parse_thresholds


def test_thresholds_are_numbers_by_output():
    assert parse_thresholds(["a=0.5", "b=c=-1e3"]) == {"a": 0.5, "b=c": -1000}
    with pytest.raises(UserError) as caught:
        parse_thresholds(["a", "=1", "b=x", "c=nan", "d=1"])
    assert [problem.code for problem in caught.value.problems] == ["P975"] * 4


@pytest.mark.parametrize(("word", "share"), [("1%", 0.01), ("0.01", 0.01), ("0", 0), ("100%", 1), ("2.5%", 0.025)])
def test_a_share_is_written_either_way(word, share):
    assert parse_share(word) == pytest.approx(share)


@pytest.mark.parametrize("word", ["", "%", "-1%", "101%", "1.5", "1 %", "one"])
def test_anything_else_is_no_share(word):
    with pytest.raises(UserError, match="P975"):
        parse_share(word)


def test_a_moment_is_a_date_or_a_time():
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()
    assert parse_moment("2026-05-01T12:00Z") == parse_moment("2026-05-01T14:00+02:00") == noon
    assert parse_moment("2026-05-01") == noon - 12 * 3600
    assert parse_moment("7d") is None
