"""Challengers come, go and become champions while callers keep their connections: none of them notices."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

CHAMPION, CHALLENGER = "00" * 6, "aa" * 6


def test_no_request_fails_from_beginning_to_end(flown, Callers):
    server = flown()
    with Callers(server) as callers:
        callers.wait_for(20)
        server.fly(share=0.3)
        callers.wait_for(20, CHALLENGER)
        server.steer(0.6)
        callers.wait_for(20, CHALLENGER)
        server.end()
        server.settled()
        before = callers.count(CHALLENGER)
        callers.wait_for(50)
        assert callers.count(CHALLENGER) == before
        assert server.begin("", "f2") == 202
        server.until(lambda status: status.state == "ready")
        server.steer(0.2, "f2")
        callers.wait_for(20, CHALLENGER)
        assert server.promote("f2") == (200, {})
        before = callers.count(CHAMPION)
        callers.wait_for(100)
        assert callers.count(CHAMPION) - before <= 4  # what was on its way when it was promoted
        server.settled()
        callers.wait_for(50)
        assert server.promote("f2") == (200, {})
        assert server.status() is None
    assert callers.failed == []


def test_counts_outlive_the_processes(flown, Callers):
    server = flown()
    server.fly(share=0.5)
    with Callers(server, callers=2) as callers:
        callers.wait_for(40)
        for pid in server.serving():
            before = server.status().counts
            os.kill(pid, signal.SIGKILL)
            callers.wait_for(40)
            after = server.status().counts
            assert after.champion.requests > before.champion.requests
            assert after.challenger.requests > before.challenger.requests
    total = server.status().counts
    assert total.champion.requests + total.challenger.requests >= callers.count("0") + callers.count("a") - 8


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("crash", "the process that loads the model has ended"),
        ("broken", "cannot be loaded: ZeroDivisionError"),
        ("unfit", "gives another `y` than in training"),
    ],
)
def test_a_challenger_that_cannot_answer_is_never_asked(flown, fault, why):
    server = flown()
    processes = set(server.child.below())
    assert server.begin(fault) == 202
    failed = server.until(lambda status: status.state == "failed")
    assert why in failed.why
    assert server.steer(0.5)[1]["code"] == "P364"
    assert server.steer(0.0)[0] == 200
    assert server.promote()[1]["code"] == "P364"
    assert server.ask(x_trimtab_arm="challenger")[1] == ""
    assert processes <= set(server.child.below())  # nobody had to make place
    assert server.begin("", "f2") == 409
    assert server.end() == (200, {})
    assert server.begin("", "f2") == 202


def test_a_challenger_that_never_loads_is_given_up_when_its_flight_ends(flown):
    server = flown()
    server.begin("waits")
    assert server.status().state == "loading"
    assert server.ask()[0] == 200
    server.end()
    assert server.status() is None
    server.fly()


def test_a_challenger_of_another_signature_is_refused_with_what_differs(flown):
    server = flown()
    (server.shelf / "new").write_text("aa other")
    status, body = server.control("POST", "/m", {"flight": "f1", "challenger": "m:new"})
    assert (status, body["code"]) == (409, "P360")
    assert "no input `do`" in body["error"]
    assert server.status() is None


def test_a_model_in_flight_is_neither_loaded_nor_unloaded_nor_renewed(flown):
    server = flown()
    server.fly(share=1.0)
    (server.shelf.parent / "version").write_text("bb")
    os.kill(server.child.pid, signal.SIGHUP)
    server.child.wait_until(lambda: server.child.err.count('"renewed"') == 2)
    assert server.ask()[1] == CHALLENGER
    assert server.ask(x_trimtab_arm="champion")[1] == CHAMPION
    assert server.status().state == "ready"


def test_of_many_who_ask_at_once_one_begins_and_promotes(flown):
    server = flown()
    (server.shelf / "new").write_text("aa")
    with ThreadPoolExecutor(8) as pool:
        bodies = [{"flight": f"f{at % 4}", "challenger": "m:new"} for at in range(8)]
        statuses = list(pool.map(lambda body: server.control("POST", "/m", body)[0], bodies))
        assert sorted(statuses) == [200, 202, *[409] * 6]
        flight = server.until(lambda status: status.state == "ready").traffic.flight
        promoted = list(pool.map(lambda _: server.promote(flight)[0], range(8)))
        assert promoted == [200] * 8
        assert list(pool.map(lambda _: server.end(flight)[0], range(8))) == [200] * 8
    server.settled()
    assert server.ask()[2]["version"] == CHALLENGER


def test_a_control_plane_that_dies_takes_no_flight_with_it(flown):
    server = flown()
    server.fly(share=1.0)
    assert server.ask()[1] == CHALLENGER
    [control] = set(server.child.below()) - set(server.serving())
    os.kill(control, signal.SIGKILL)
    server.child.wait_until(lambda: "control plane ended" in server.child.err)
    assert server.ask()[1] == CHALLENGER
    assert server.status().counts.challenger.requests == 2
