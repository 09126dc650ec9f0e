"""Which looks at a flight are worth a line, and what the picture shows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rich.console import Console

from trimtab.cli.flown import Lines, overall, picture, plain_seen, span, step_line
from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, FlightStatus, bucket_of
from trimtab.core.traffic import Traffic
from trimtab.ops.flights.director import Seen
from trimtab.ops.flights.standing import Standing
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Evidence, Finding, Stratum
from trimtab.release.ledger.flights import Begun

LATENCY = tuple(100 if at == bucket_of(0.009) else 0 for at in range(len(LATENCY_S) + 1))
BOUND = f"{1000 * LATENCY_S[bucket_of(0.009)]:.3g} ms"
COUNTS = Counts(ArmCounts(100, 0, LATENCY), ArmCounts(100, 5, LATENCY), mirrored=50, failed=1, delay=LATENCY)
PASS = Finding("errors", 0.005, "PASS", 0.0002, None, 0.001, 3012, "errors 0.02 % <= 0.5 %, n 3012")
OPEN = Finding("p99", 0.008, "UNKNOWN", 0.0041, None, None, 3010, "p99 4.1 ms, not yet proved <= 8 ms, n 3010")
FAIL = replace(PASS, verdict="FAIL", text="errors 1.31 % > 0.5 %, n 3012")
STEP = Stratum(0.05, 600.0, COUNTS)


def seen(do="wait", findings=(PASS, OPEN), now=2000.0, kind="canary", **more):
    begun = Begun("churn", "churn:next", "http://h:1", Plan(kind))
    standing = Standing("churn-1-abcdef", begun, 1000.0, 1500.0, "flying", 0, 0.05, 1400.0)
    status = FlightStatus("churn", "sha256:old", "sha256:new", Traffic("churn-1-abcdef", 0.05, 0.5), "ready", COUNTS)
    action = Action(do, "flying", 0, None, "10 min more at 5 %", findings)
    return replace(Seen(standing, Evidence((STEP,)), action, status, now), **more)


@pytest.fixture
def lines():
    shown: list[tuple[str, str]] = []
    printer = Lines(lambda *line: shown.append(line))
    printer.shown = shown
    return printer


def test_a_step_is_a_line_as_in_the_docs():
    assert step_line(STEP, (PASS,)) == "  5 %  10 min  pass     errors 0.02 % <= 0.5 %, n 3012"
    assert step_line(STEP, ()) == "  5 %  10 min  unknown  n 100"


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [((), "unknown"), ((PASS,), "pass"), ((PASS, OPEN), "unknown"), ((OPEN, FAIL), "fail"),
     ((PASS, replace(FAIL, verdict="WARN")), "warn")],
)  # fmt: skip
def test_the_worst_verdict_counts(findings, verdict):
    assert overall(findings) == verdict


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (119, "119 s"), (600, "10 min"), (9000, "2.5 h")])
def test_times_are_short(seconds, text):
    assert span(seconds) == text


def test_the_same_again_is_no_line_until_a_minute_has_gone(lines):
    for second in range(70):
        lines(seen(now=2000.0 + second))
    assert len(lines.shown) == 2
    lines(seen("wait", (PASS,), now=2071.0))
    assert lines.shown[-1] == ("flight", "  5 %  10 min  pass     errors 0.02 % <= 0.5 %, n 3012")


def test_a_step_that_was_left_is_the_line_and_not_the_new_one(lines):
    lines(seen("advance", (PASS,), evidence=Evidence((STEP, Stratum(0.25, 0.0, COUNTS)))))
    assert lines.shown[0][1].startswith("  5 %  10 min")


def test_what_was_decided_without_evidence_is_said_in_words(lines):
    lines(seen("pause", (), evidence=Evidence()))
    lines(seen("promote", (), evidence=Evidence()))
    assert lines.shown == [("flight", "10 min more at 5 %")]


def test_nobody_who_answers_is_said_once_and_that_somebody_does_again(lines):
    for why in ("connection refused", "connection refused", ""):
        lines(seen(why=why, action=None))
    assert lines.shown == [("waiting", "connection refused"), ("answers", "the control plane answers again")]


def test_a_look_as_json():
    plain = json.loads(json.dumps(plain_seen(seen())))
    assert (plain["share"], plain["seconds"], plain["do"]) == (0.05, 600.0, "wait")
    assert plain["findings"][0]["measure"] == "errors"
    assert plain_seen(seen(action=None, evidence=Evidence()))["do"] is None


def drawn(look):
    console = Console(width=100, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as capture:
        console.print(picture(look))
    return capture.get()


def test_the_picture_has_arms_evidence_and_what_is_waited_for():
    text = drawn(seen())
    assert "churn-1-abcdef  canary, flying, step 1 of 3, 17 min of 60 min" in text
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert f"champion 95 % 100 0 % {BOUND} {BOUND}" in rows
    assert f"challenger 5 % 100 5 % {BOUND} {BOUND}" in rows
    assert "pass     errors 0.02 % <= 0.5 %, n 3012" in text
    assert "10 min more at 5 %" in text
    assert "trimtab flights pause | resume | abort | promote churn" in text


def test_the_picture_of_a_shadow_has_what_it_was_asked():
    text = drawn(seen(kind="shadow"))
    assert f"shadow 50 % 50 2 % {BOUND} {BOUND}" in [" ".join(line.split()) for line in text.splitlines()]


def test_the_picture_of_a_server_that_is_gone_says_so():
    assert "connection refused" in drawn(seen(status=None, action=None, why="connection refused"))
