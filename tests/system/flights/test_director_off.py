"""`trimtab fly` and a real server: challengers that are no good are off the traffic within seconds.

Callers ask 20 times a second, a tenth of which the challenger answers, if it is allowed to.
"""

from __future__ import annotations

import time

import pytest
from tests.doubles.asking import PROJECT, People, bad, ended, exposed_s

CHAMPION, CHALLENGER = "00" * 6, "aa" * 6
LIMITS = 'p95 = { at_most = "80ms" }\ndisagreement = { at_most = 0.1 }\n'
ALONE = PROJECT.partition("[limits]")[0] + "[limits]\n"
OFF_S, BAD = 10.0, 30  # as the issue states them


@pytest.mark.parametrize(
    ("what", "measure"),
    [
        ("says raise", "errors"),
        ("says sleep 0.09", "p95"),
        ("says hang", "errors"),
        ("says crash", "errors"),
        ("says more", "disagreement"),
    ],
)
def test_a_bad_challenger_is_off_the_traffic_before_it_harms_many(flown, fly, what, measure):
    server = flown(answer_timeout_s=5.0)
    (server.shelf / "new").write_text(f"aa {what}")
    with People(server) as people:
        director = fly(server, project=PROJECT + LIMITS)
        status = ended(director)
        time.sleep(0.5)
    harmed = [one for one in people.of(CHALLENGER) if bad(one)]
    print(f"{what}: {len(harmed)} bad answers, off after {exposed_s(people.of(CHALLENGER)):.1f} s")
    assert status == 1, director.err
    assert harmed or measure == "disagreement"  # that may be known before anybody was exposed
    assert len(harmed) <= BAD
    assert exposed_s(people.of(CHALLENGER)) <= OFF_S
    assert [one for one in people.answers if one.revision != CHALLENGER and one.status != 200] == []
    assert f"limits.{measure}" in director.err
    assert server.status() is None


def test_a_challenger_that_ends_while_it_loads_answers_nobody(flown, fly):
    server = flown()
    (server.shelf / "new").write_text("aa crash")
    with People(server) as people:
        director = fly(server)
        assert ended(director) == 1, director.err
    assert people.of(CHALLENGER) == []
    assert [one for one in people.answers if one.status != 200] == []
    assert "error[P420]: flight of `m:new` failed: the challenger failed" in director.err


def test_a_shadow_that_disagrees_is_found_and_nobody_has_seen_it(flown, fly):
    server = flown()
    (server.shelf / "new").write_text("aa says more")
    project = ALONE.replace("[10, 50]", "[100]") + "disagreement = { at_most = 0.05 }\n"
    with People(server) as people:
        director = fly(server, "--kind", "shadow", project=project)
        assert ended(director) == 1, director.err
    assert people.of(CHALLENGER) == []
    assert [one for one in people.answers if one.status != 200 or one.y] == []
    assert "limits.disagreement" in director.err


def test_a_challenger_that_leaks_is_off_the_traffic_and_costs_nobody_an_answer(flown, fly):
    server = flown(memory=300 * 2**20)
    (server.shelf / "new").write_text("aa says leak")
    with People(server) as people:
        director = fly(server, project=f"{ALONE}errors = {{ at_most = 0.1 }}\n")
        assert ended(director) == 1, director.err
    assert '"why": "memory"' in server.child.err
    assert "outgrow the memory that the champion's keep to" in director.err
    assert exposed_s(people.of(CHALLENGER)) <= OFF_S
    assert [one for one in people.answers if one.status != 200] == []
