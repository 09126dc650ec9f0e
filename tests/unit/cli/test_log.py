"""`trimtab log`: what was asked and answered, for people and programs."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doubles.logged import INTERACTION_ID, NOON, Logging, schema_of

from trimtab.core.signature import Field
from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.privacy.keys import open_keys
from trimtab.journal.seal.seal import seal
from trimtab.journal.segments.writer import Writer


@pytest.fixture
def folder(here: Path) -> Folder:
    """The journal in this folder."""
    return open_folder(here / "journal")


@pytest.fixture
def asked(folder: Folder) -> Callable[..., Writer]:
    """Interactions of these numbers, not sealed: asked(1, 2, status=404)."""
    writer = Writer(folder)

    def ask(*numbers: int, schema=None, **facts) -> Writer:
        log = Logging(writer, schema)
        for number in numbers:
            log.ask(number, **facts)
        return writer

    return ask


def columns(said, name: str) -> list[str]:
    """A column of a table that was printed."""
    head, *rows = said.out.splitlines()
    at = head.split().index(name)
    return [row.split()[at] for row in rows]


def test_a_table_for_people(type_in, asked):
    asked(1, 2)
    said = type_in("log")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "time                      id                          status  ms  revision  out_y  in_x  in_plan",
        f"2026-02-16T12:00:01.000Z  {INTERACTION_ID}1     200   1  one           2     1  plan 1",
        f"2026-02-16T12:00:02.000Z  {INTERACTION_ID}2     200   1  one           4     2  plan 2",
    ]


def test_a_line_of_json_for_each_row(type_in, asked):
    asked(1, rows=2)
    rows = [json.loads(line) for line in type_in("log", "--json").out.splitlines()]
    assert [(row["id"], row["row"], row["in_x"]) for row in rows] == [
        (f"{INTERACTION_ID}1", at, 1.0 + at) for at in (0, 1)
    ]
    assert rows[0]["time"] == "2026-02-16T12:00:01.000000Z"


def test_only_so_many_are_listed_and_more_are_told(type_in, asked):
    asked(*range(60))
    said = type_in("log")
    assert len(said.out.splitlines()) == 51
    assert said.err == "only the newest 50 rows are listed, --limit 0 lists all\n"
    assert columns(type_in("log", "--limit", "2"), "in_x") == ["58", "59"]
    said = type_in("log", "--limit", "0")
    assert (len(said.out.splitlines()), said.err) == (61, "")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("churn",), [1, 2, 3]),
        (("--since", "2026-02-16T12:00:02"), [2, 3, 4]),
        (("--until", "2026-02-16T12:00:02Z"), [1]),
        (("--revision", "on"), [1, 2, 3]),
        (("--revision", "sha256:two"), [4]),
        (("--arm", "new"), [2]),
        (("--principal", "me"), [3]),
        (("--principal", ""), [1, 2, 4]),
        (("--id", f"{INTERACTION_ID}2"), [2]),
        (("--id", "mine"), [3]),
        (("--status", "4xx"), [3]),
        (("--status", "404"), [3]),
        (("--errors",), [3]),
        (("--where", "in_x > 1 AND out_y < 8"), [2, 3]),
        (("churn", "--where", "in_plan = 'plan 2' OR principal = 'me'", "--status", "200"), [2]),
    ],
)
def test_each_option_narrows_it_down(type_in, asked, words, found):
    asked(1)
    asked(2, arm="new", probability=0.5)
    asked(3, status=404, principal="me", request_id="mine")
    asked(4, schema=schema_of([Field("x", "FP64"), Field("plan", "BYTES")], endpoint="other", revision="sha256:two"))
    assert columns(type_in("log", *words, "--columns", "x"), "in_x") == [str(number) for number in found]


def test_columns_stand_as_they_were_typed(type_in, asked):
    asked(1)
    assert type_in("log", "--columns", "plan,STATUS,out_y").out == "in_plan  status  out_y\nplan 1      200      2\n"


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (("--where", "nothing > 1", "--columns", "x,gone"), ["P933", "P933"]),
        (("--where", "in_x; DROP TABLE x"), ["P932"]),
        (("--where", "in_plan::INTEGER > 1"), ["P932"]),
        (("--where", "in_x IN (SELECT 1)"), ["P932"]),
        (("--status", "700"), ["P114"]),
        (("--since", "yesterday"), ["P114"]),
        (("--limit", "-1"), ["P114"]),
        (("--follow", "--until", "2026-07-01"), ["P114"]),
        (("--follow", "--stats"), ["P114"]),
        (("--id", "\udcff"), ["P114"]),
        (("--journal", "nowhere"), ["P904"]),
    ],
)
def test_what_is_wrong_is_exit_2(type_in, asked, words, codes):
    asked(1)
    said = type_in("log", *words, "--json")
    assert (said.status, said.out) == (2, "")
    assert [one["code"] for one in json.loads(said.err)["errors"]] == codes


def test_a_condition_reads_no_files_whatever_it_says(type_in, asked, here):
    asked(1)
    (here / "secret.csv").write_text("a\n1\n")
    hostile = (
        "in_x = 1 OR EXISTS (FROM read_csv('secret.csv'))",
        "(FROM read_text('secret.csv')) IS NULL",
        "FROM 'secret.csv'",
    )
    for text in hostile:
        assert type_in("log", "--where", text).status == 2


def test_nothing_is_said_to_be_nothing(type_in, folder, asked):
    assert type_in("log").err == "no interactions\n"
    asked(1).close()
    seal(folder)
    said = type_in("log", "chrun")
    assert (said.status, said.out, said.err) == (0, "", "no interactions of `chrun`; there are of `churn`\n")
    assert type_in("log", "churn", "--errors").err == "no interactions\n"


def test_damage_is_told_and_the_rest_is_listed(type_in, folder, asked):
    name = asked(1, 2).name
    path = folder.segments / f"{name}.seg"
    path.write_bytes(path.read_bytes().replace(b"plan 1", b"plan 9"))
    said = type_in("log")
    assert (said.status, columns(said, "in_x")) == (0, ["2"])
    assert said.err.startswith(f"damaged    {path}: ")


def test_a_tokenised_value_is_found_by_its_clear_one(type_in, folder, asked):
    token = open_keys(folder).token("plan", "gold")
    asked(1)
    writer = asked()
    log = Logging(writer)
    log.ask(2, principal=token)  # any column of text will do
    said = type_in("log", "--where", "principal = token('plan', 'gold')")
    assert columns(said, "in_x") == ["2"]


def test_the_journal_is_the_projects(type_in, project):
    with (project / "trimtab.toml").open("a") as file:
        file.write('[server.log]\nfolder = "kept"\n')
    Logging(Writer(open_folder(project / "kept"))).ask(7)
    assert columns(type_in("log"), "in_x") == ["7"]


def test_what_somebody_sent_cannot_write_to_the_terminal(type_in, asked):
    asked(1, principal="\x1b[2Jme", request_id="\x9b31m", error="\u202eP310")
    for words in ((), ("--json",), ("--columns", "request_id,error,principal"), ("--limit", "0", "--json")):
        said = type_in("log", *words)
        assert all(one.isprintable() for one in said.out.replace("\n", ""))


def test_a_terminal_is_shown_the_columns_that_fit(here, asked):
    asked(1, schema=schema_of([Field("x", "FP64"), Field("plan", "BYTES")]))
    outer, inner = pty.openpty()
    environ = {**os.environ, "COLUMNS": "80", "TERM": "dumb"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "trimtab", "log"], cwd=here, env=environ, stdout=inner, stderr=subprocess.PIPE,
            check=True, text=True,
        )  # fmt: skip
        text = os.read(outer, 10_000).decode()
    finally:
        os.close(inner)
        os.close(outer)
    assert max(map(len, text.splitlines())) <= 80
    assert "in_plan" not in text
    assert done.stderr == "3 more columns do not fit: --columns NAME,... or --json\n"


def test_following_goes_on_with_what_arrives(here, folder, asked):
    """A process that follows, while segments are let go and sealed; ended as somebody at a keyboard ends it."""
    writer = asked(1)
    ahead = ["env", "--default-signal=INT"]  # a shell has its background jobs ignore it, and this may run in one
    words = [*ahead, sys.executable, "-m", "trimtab", "log", "--follow", "--columns", "x", "--limit", "5"]
    with subprocess.Popen(words, cwd=here, stdout=subprocess.PIPE, text=True) as process:
        guard = threading.Timer(60, process.kill)
        guard.start()
        assert [process.stdout.readline().strip() for _ in range(2)] == ["in_x", "1"]
        for number in (2, 3, 4):
            asked(number)
            if number == 3:
                writer.rotate()
                seal(folder)
            assert process.stdout.readline().strip() == str(number)
        process.send_signal(2)
        rest = process.stdout.read()
        guard.cancel()
    assert (process.returncode, rest) == (130, "")


def test_time_is_not_touched_by_the_zone_of_the_machine(type_in, asked, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    asked(1)
    assert columns(type_in("log"), "time") == ["2026-02-16T12:00:01.000Z"]
    assert NOON % 86_400 == 43_200
