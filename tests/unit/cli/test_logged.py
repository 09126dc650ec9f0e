"""Options of the verbs that read a journal."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import click
import pytest

from trimtab.cli.logged import Moment, Text, journal_at, tell_damage


def moment(text):
    return Moment().convert(text, None, None)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-07-01T10:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01T10:00+02:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01 10:00:00.5Z", datetime(2026, 7, 1, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("1969-12-31", datetime(1969, 12, 31, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_utc(text, wanted):
    assert moment(text) == wanted.timestamp()


@pytest.mark.parametrize(("text", "ago_s"), [("30s", 30), ("2h", 7200), ("7d", 7 * 86400), ("1.5h", 5400)])
def test_a_duration_is_so_long_ago(text, ago_s):
    before = time.time()
    assert before - ago_s <= moment(text) <= time.time() - ago_s
    assert moment("99999d") == 0


@pytest.mark.parametrize("text", ["", "7", "yesterday", "2026-13-01", "2h ago", "-2h", "7 d"])
def test_anything_else_is_no_time(text):
    with pytest.raises(click.BadParameter):
        moment(text)


def test_what_is_a_time_already_stays():
    assert moment(5.0) == 5.0


def test_text_that_is_none_is_refused():
    assert Text().convert("ü", None, None) == "ü"
    with pytest.raises(click.BadParameter):
        Text().convert("\udcff", None, None)


def test_the_journal_is_the_one_that_is_said_else_the_projects_else_the_one_here(here, project):
    assert journal_at(None) == (here / "journal", "last")
    assert journal_at(here / "other") == (here / "other", "last")
    with (project / "trimtab.toml").open("a") as file:
        file.write('[server.log]\nfolder = "kept"\ntruth = "first"\n')
    assert journal_at(None) == (project / "kept", "first")


def test_only_the_first_few_pieces_of_damage_are_told(capsys):
    tell_damage([f"\x1b[31m{number}" for number in range(7)])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "damaged    \\x1b[31m0"
    assert lines[5:] == ["damaged    2 more"]
    tell_damage([])
    assert capsys.readouterr().err == ""
