from __future__ import annotations

from trimtab.cli.decided import lines
from trimtab.core.flights import Counts
from trimtab.ops.flights.standing import flights_of
from trimtab.release.flight.plan import Plan
from trimtab.release.flight.states import Action, Finding, Stratum
from trimtab.release.ledger.flights import Applied, Begun, Decided, Ended, Resumed, Wish, body_of, kind_of
from trimtab.release.ledger.lines import follow

FINDING = Finding("errors", 0.005, "FAIL", 0.0131, None, None, 6208, "errors 1.31 % > 0.5 %, n 6208")
BACK = Action("roll back", "rolling back", 0, 0.0, "errors 1.31 % > 0.5 %", (FINDING,))


def test_every_entry_is_told_with_its_time():
    notes = [
        Begun("churn", "churn:next", "http://h:1", Plan(), "uid:0 on host"),
        Applied("begin", "flying", 0, 0.05, Counts(), "sha256:old", "sha256:new"),
        Decided(Action("pause", "paused", 0, None, ""), (), Wish("churn-1", "pause", "t", "uid:7 on host")),
        Resumed(5.0, "uid:0 on host"),
        Resumed(5.0),
        Decided(BACK, (Stratum(0.05, 240.0, Counts()),)),
        Ended("rolled back"),
    ]
    last, entries = None, []
    for at, note in enumerate(notes):
        last = follow(last, 1_800_000_000.0 + 60 * at, kind_of(note), "churn-1", body_of(note))
        entries.append(last)
    (standing,) = flights_of(entries).values()
    assert [f"{topic:<10} {text}" for topic, text in lines(standing, entries)] == [
        "flight     churn-1, 2027-01-15 08:00:00 UTC",
        "endpoint   churn at http://h:1",
        "challenger churn:next sha256:new",
        "champion   sha256:old",
        "plan       canary 5 %, 25 %, 50 %, 10 min each, given up after 60 min, alpha 0.05",
        "+0 s       begun by uid:0 on host",
        "+60 s      done: begin, 5 %",
        "+2 min     uid:7 on host asks to pause",
        "+2 min     pause",
        "+3 min     gone on with by uid:0 on host",
        "+4 min     the server answers again",
        "+5 min       5 %   4 min  fail     errors 1.31 % > 0.5 %, n 6208",
        "+5 min     roll back: errors 1.31 % > 0.5 %",
        "+6 min     rolled back",
    ]
