from __future__ import annotations

import pytest
from tests.doubles.lines import around

from trimtab.core.traffic import Traffic
from trimtab.server.gateway.answers import AnswerHead
from trimtab.server.gateway.asking import Broken
from trimtab.server.gateway.exchange import Exchange
from trimtab.server.heads import framed
from trimtab.server.wire import Answer

HEAD = AnswerHead(200, b"HTTP/1.1 200 OK\r\n", (), -1, -1, chunked=True, kept=True, json=True)


class Caller:
    address, secure = "10.0.0.1", False

    def __init__(self) -> None:
        self.written, self.told, self.reading = b"", [], True

    def write(self, data: bytes) -> None:
        self.written += data

    def pause(self, *, reading: bool) -> None:
        self.reading = reading

    def ended(self, *, keep_alive: bool) -> None:
        self.told.append(keep_alive)

    def abort(self) -> None:
        self.told.append("aborted")


def begun(share: float = 0.0, method: str = "POST", *, whole: bool = True):
    made, pools, clock = around()
    made.choosing.traffic = Traffic("f", share)
    http = framed(f"{method} /x HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n".encode())
    caller = Caller()
    exchange = Exchange(made, caller, http.request, chunked=False)
    exchange.begin(b"{}" if whole else b"{", last=whole)
    return made, pools, clock, caller, exchange


def test_an_answer_passes_and_counts_to_its_last_byte():
    made, pools, clock, caller, exchange = begun()
    assert pools["champion"].lines[0].sent[0].endswith(b"content-length: 2\r\n\r\n{}")
    exchange.heard(HEAD, b"ab", last=False)
    assert made.tally.counts().champion.requests == 0
    clock.now += 0.25
    exchange.heard(None, b"cd", last=True)
    assert caller.written.endswith(b"\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n")
    assert (caller.told, exchange.gone, made.deadlines.waiting) == ([True], True, set())
    assert made.tally.slowest("champion") == 0.25


def test_a_challenger_that_took_no_connection_is_an_error_and_the_champion_answers():
    made, pools, _, caller, exchange = begun(1.0)
    exchange.broke(Broken("refused", "connection refused"))
    assert len(pools["champion"].lines) == 1
    exchange.heard(HEAD, b"", last=True)
    counts = made.tally.counts()
    assert caller.told == [True]
    assert (counts.challenger.errors, counts.challenger.requests, counts.champion.requests) == (1, 1, 0)


@pytest.mark.parametrize(
    ("method", "kept", "heard", "again"),
    [
        ("GET", True, False, True),
        ("PUT", True, False, True),
        ("POST", True, False, False),
        ("GET", False, False, False),
        ("GET", True, True, False),
    ],
)
def test_what_is_sent_again_was_not_answered_and_may_be_sent_twice(method, kept, heard, again):
    _, pools, _, caller, exchange = begun(method=method)
    pools["champion"].connect = lambda asker: pools["champion"].take(asker, safe=True)
    exchange.broke(Broken("closed", "it closed", heard, kept))
    assert len(pools["champion"].lines) == 1 + again
    assert (caller.told == []) is again
    if again:  # and never a third time
        exchange.broke(Broken("closed", "it closed", heard=False, kept=True))
        assert len(pools["champion"].lines) == 2
        assert b" 502 " in caller.written


def test_what_breaks_off_in_the_middle_breaks_off_for_the_caller():
    made, _, _, caller, exchange = begun()
    exchange.heard(HEAD, b"ab", last=False)
    exchange.broke(Broken("closed", "it closed", heard=True))
    assert caller.told == ["aborted"]
    assert made.tally.counts().champion.errors == 1


def test_a_backend_is_not_late_while_its_caller_reads_slowly():
    made, _, clock, caller, exchange = begun()
    exchange.heard(HEAD, b"ab", last=False)
    exchange.take(more=False)
    clock.now += 1000
    made.deadlines.look(clock.now)
    assert caller.told == []
    exchange.take(more=True)
    clock.now += 59
    made.deadlines.look(clock.now)
    assert caller.told == []
    clock.now += 2
    made.deadlines.look(clock.now)
    assert caller.told == ["aborted"]


def test_a_backend_that_reads_no_more_of_a_request_is_late():
    made, pools, clock, caller, exchange = begun(whole=False)
    exchange.full(full=True)
    assert caller.reading is False
    clock.now += 61
    made.deadlines.look(clock.now)
    assert b" 504 " in caller.written
    assert pools["champion"].lines[0].aborted
    assert caller.told == [False]  # the rest of the request is still to come on that connection


def test_a_caller_that_has_left_is_nobodys_error():
    made, pools, _, _, exchange = begun()
    exchange.left()
    counts = made.tally.counts().champion
    assert (counts.requests, counts.errors, pools["champion"].lines[0].aborted) == (1, 0, True)


def test_paths_that_are_answered_here_ask_no_backend_and_are_in_no_count():
    made, pools, _ = around()
    told: list[int] = []
    made.own = {b"/livez": lambda: Answer(200, b"{}")}
    made.sums = Sums(told)
    for path in ("/livez?x=1", "/livez/"):
        http = framed(f"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        caller = Caller()
        exchange = Exchange(made, caller, http.request, chunked=False)
        exchange.begin(b"", last=True)
        assert (caller.told == [True], bool(pools["champion"].lines)) == ("?" in path, "?" not in path)
    exchange.heard(HEAD, b"", last=True)
    assert (told, made.tally.counts().champion.requests) == ([200], 1)


def test_sums_have_every_answer_by_who_gave_it_also_where_it_is_no_evidence():
    made, _, clock, _, exchange = begun(1.0)
    told: list[int] = []
    made.sums = Sums(told)
    exchange.broke(Broken("refused", "connection refused"))
    clock.now += 0.5
    exchange.heard(HEAD, b"", last=True)
    assert (told, made.sums.by, made.sums.seconds) == ([200], ["champion"], [0.5])


class Sums:
    """See `around.Sums`."""

    def __init__(self, told: list[int]) -> None:
        self.told, self.by, self.seconds = told, [], []

    def answered(self, side, status, seconds) -> None:
        self.told.append(status)
        self.by.append(side.arm)
        self.seconds.append(seconds)
