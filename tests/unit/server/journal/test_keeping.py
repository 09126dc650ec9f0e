from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from trimtab.server.journal.keeping import Keeping, command_of
from trimtab.server.journal.settings import JournalSettings


class Beside:
    """A keeper whose program is a line of Python, and a clock that is turned by hand."""

    def __init__(self, program: str, **settings):
        self.now, self.logged = 0.0, []
        given = JournalSettings(Path("unused"), **settings)
        self.keeping = Keeping(given, self.log, [sys.executable, "-c", program], lambda: self.now)

    def log(self, event, fields):
        self.logged.append((event, fields))

    def a_pass(self):
        """One pass from its beginning to its end."""
        self.now += 1000
        self.keeping.look()
        assert self.keeping._process is not None
        end = time.monotonic() + 20
        while self.keeping._process is not None:
            assert time.monotonic() < end
            self.keeping.look()
            time.sleep(0.005)


def said(**what):
    return f"print({json.dumps(json.dumps({'problems': [], 'sealed': {'segments': 0}, **what}))})"


def test_a_pass_that_sealed_something_is_told():
    beside = Beside(said(sealed={"segments": 2, "rows": 7}))
    beside.a_pass()
    assert beside.logged == [("journal sealed", {"level": "info", "segments": 2, "rows": 7})]


def test_what_stays_wrong_is_told_once():
    problem = {"code": "P920", "what": "no pyarrow", "where": "", "hint": "pip install trimtab[log]"}
    beside = Beside(said(problems=[problem]))
    beside.a_pass()
    beside.a_pass()
    assert beside.logged == [("journal not in order", {"level": "error", **problem})]


def test_a_keeper_that_breaks_is_told_with_what_it_cried():
    beside = Beside("raise SystemExit('no such thing')")
    beside.a_pass()
    ((event, fields),) = beside.logged
    assert event == "journal not in order"
    assert "status 1: no such thing" in fields["what"]


def test_a_program_that_is_not_there_costs_nobody_anything():
    beside = Beside("")
    beside.keeping._command = ["/no/such/program"]
    beside.now += 1000
    beside.keeping.look()
    assert beside.logged[0][1]["what"].startswith("no process for it: ")


def test_the_first_pass_waits_a_moment_and_the_next_ones_for_the_rotation():
    beside = Beside(said(), rotate_s=100.0)
    for now, runs in ((9, False), (11, True)):
        beside.now = now
        beside.keeping.look()
        assert (beside.keeping._process is not None) is runs
    beside.keeping.close()
    beside.keeping.close()


def test_its_end_is_the_end_of_the_server():
    beside = Beside("import time; time.sleep(600)")
    beside.now += 1000
    beside.keeping.look()
    process = beside.keeping._process
    beside.keeping.close()
    assert process.returncode is not None


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({}, []),
        ({"keep_s": 86400.0, "size": 10, "ship": ("file:///a", "s3://b")},
         ["--keep", "86400", "--size", "10", "--ship", "file:///a", "--ship", "s3://b"]),
    ],
)  # fmt: skip
def test_the_command_says_what_the_settings_say(settings, more):
    words = command_of(JournalSettings(Path("/j"), **settings))
    assert words[1:4] == ["-m", "trimtab.journal.seal.program", "/j"]
    assert words[6:] == more
