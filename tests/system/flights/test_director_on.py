"""`trimtab fly` and a real server: what goes on, whoever is killed or comes twice.

Callers ask 20 times a second, a tenth of which the challenger answers, if it is allowed to.
"""

from __future__ import annotations

import json

from tests.doubles.asking import People, bad, ended

CHAMPION, CHALLENGER = "00" * 6, "aa" * 6


def test_a_good_challenger_is_promoted_and_answers_everybody(flown, fly):
    server = flown()
    (server.shelf / "new").write_text("aa")
    with People(server) as people:
        director = fly(server)
        assert ended(director) == 0, director.err
        server.settled()
    assert [one for one in people.answers if bad(one) and one.seconds < 0.08] == []
    assert server.ask()[2]["version"] == CHALLENGER
    assert "promoted" in director.out


def test_without_traffic_nothing_is_promoted(flown, fly):
    server = flown()
    (server.shelf / "new").write_text("aa")
    director = fly(server, "--watch", "0s", "--give-up", "4s")
    assert ended(director) == 1
    assert "no evidence after 4 s" in director.err
    assert server.ask()[2]["version"] == CHAMPION


def test_a_director_that_is_killed_is_followed_by_another_with_the_same_flight(flown, fly, start, tmp_path):
    server = flown()
    (server.shelf / "new").write_text("aa")
    with People(server) as people:
        killed = []
        for at in ("10 % from now", "  50 %", ""):
            director = fly(server)
            killed.append(director)
            if at:
                director.wait_until(lambda at=at, director=director: at in director.out, 60)
                director.process.kill()
                director.process.wait()
        assert ended(director) == 0, director.err
    listed = start("trimtab", "flights", "--json", cwd=tmp_path)
    listed.process.wait()
    (flight,) = json.loads(listed.out)["flights"]
    assert (flight["outcome"], flight["flight"][:4]) == ("promoted", "m-1-")
    assert [one for one in people.answers if one.status != 200] == []
    assert server.ask()[2]["version"] == CHALLENGER


def test_two_directors_and_two_flights_are_one_too_many(flown, fly, start, tmp_path):
    server = flown()
    (server.shelf / "new").write_text("aa")
    first = fly(server)
    first.wait_until(lambda: "10 % from now" in first.out)
    second = fly(server)
    assert ended(second) == 2
    assert "error[P424]: flight `m-1-" in second.err
    assert f"process {first.pid}" in second.err
    elsewhere = fly(server, "--ledger", str(tmp_path / "elsewhere"))
    assert ended(elsewhere) == 2
    assert "error[P361]: flight `m-1-" in elsewhere.err
    stop = start("trimtab", "flights", "abort", "m", cwd=tmp_path)
    assert ended(stop) == 0, stop.err
    assert stop.out.startswith("rolled back flight `m-1-")
    assert ended(first) == 1
    assert "somebody asked to abort" in first.err


def test_a_word_is_taken_up_where_no_director_runs(flown, fly, start, tmp_path):
    server = flown()
    (server.shelf / "new").write_text("aa")
    first = fly(server)
    first.wait_until(lambda: "10 % from now" in first.out)
    first.process.kill()
    first.process.wait()
    promote = start("trimtab", "flights", "promote", "m", cwd=tmp_path)
    assert ended(promote) == 0, promote.err
    assert promote.out.startswith("promoted   flight `m-1-")
    server.settled()
    assert server.ask()[2]["version"] == CHALLENGER
