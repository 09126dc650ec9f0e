from __future__ import annotations

from tests.doubles.lines import around

from trimtab.core.traffic import Traffic
from trimtab.server.gateway.reckoning import Reckoning
from trimtab.server.heads import framed

HTTP = framed(b"POST /x HTTP/1.1\r\nhost: a\r\n\r\n").request


def begun(share: float):
    made, _, clock = around()
    made.choosing.traffic = Traffic("f", share)
    reckon = Reckoning(made, HTTP)
    reckon.choose(b"")
    return made, reckon, clock


def test_a_request_counts_once_and_for_its_own_arm():
    made, reckon, clock = begun(1.0)
    clock.now += 0.5
    reckon.count(made.sides["champion"], 200)  # it stood in for the challenger
    reckon.count(made.sides["challenger"], 200)
    counts = made.tally.counts()
    assert (counts.champion.requests, counts.challenger.requests) == (0, 0)
    made, reckon, clock = begun(1.0)
    for status in (502, 200):
        reckon.count(made.sides["challenger"], status)
    assert (made.tally.counts().challenger.requests, made.tally.counts().challenger.errors) == (1, 1)


def test_a_challenger_is_overdue_when_ten_times_as_slow_as_the_champion_ever_was():
    made, reckon, clock = begun(1.0)
    made.tally.answered("champion", 200, 0.5)
    side, start = made.sides["challenger"], clock.now
    assert reckon.look(side, start + 60) == start + 5.0
    clock.now = start + 4.9
    assert reckon.look(side, start + 60) == start + 5.0
    assert made.tally.counts().challenger.requests == 0
    clock.now = start + 5.0
    assert reckon.look(side, start + 60) == start + 60
    assert made.tally.counts().challenger.errors == 1


def test_nobody_is_overdue_while_the_champion_has_answered_nothing():
    made, reckon, clock = begun(1.0)
    clock.now += 50
    assert reckon.look(made.sides["challenger"], 160.0) == 152.0
    assert made.tally.counts().challenger.requests == 0


def test_a_champion_is_never_overdue():
    made, reckon, clock = begun(0.0)
    made.tally.answered("champion", 200, 0.001)
    clock.now += 50
    assert reckon.look(made.sides["champion"], 160.0) == 160.0
    assert made.tally.counts().champion.requests == 1


def test_bodies_are_kept_where_somebody_wants_them():
    made, reckon, _ = begun(0.0)
    assert reckon.request is None
    told = []

    class Keeps:
        def ended(self, ended):
            told.append(ended)

    made.keeps = Keeps()
    reckon = Reckoning(made, HTTP)
    reckon.choose(b"asked")
    assert reckon.answer is not None
    reckon.answer.add(b"said")
    reckon.over(made.sides["champion"], None, 200, "")
    assert [(one.request, one.answer, one.status, one.chosen) for one in told] == [(b"asked", b"said", 200, "champion")]
