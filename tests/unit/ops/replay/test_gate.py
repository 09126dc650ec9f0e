"""The word on a limit, and the page in its place."""

from dataclasses import replace

import pytest

from trimtab.core.errors import OutsideError, RefusedError
from trimtab.ops.replay.gate import require, write_page


def refused(report, limit):
    with pytest.raises(RefusedError) as caught:
        require(report, limit)
    return caught.value.problems[0]


def test_a_limit_that_holds_is_no_word(report):
    require(report, 0.9)


def test_beyond_the_limit_the_worst_segment_is_named(report):
    problem = refused(report, 0.01)
    assert problem.code == "P976"
    assert problem.what.startswith("more than 1 % change: ")
    assert problem.hint.startswith("most of them where carrier = ")
    assert "--page" in refused(replace(report, groups=()), 0.01).hint


def test_too_few_rows_are_no_yes(report):
    problem = refused(report, report.changed.value)
    assert "997 rows are too few to show that at most" in problem.what
    assert "--since" in problem.hint


def test_a_page_is_whole_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "a.html"
    write_page(path, "one")
    write_page(path, "two")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("two", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["a.html"]


def test_where_it_cannot_be_written_that_is_said(tmp_path):
    with pytest.raises(OutsideError, match="P977"):
        write_page(tmp_path / "none" / "a.html", "x")
