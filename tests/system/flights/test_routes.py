"""A flight from its beginning to its end, over a real server: routes, arms, picks, the split, and the lease."""

from math import sqrt
from time import monotonic

CHAMPION, CHALLENGER = "00" * 6, "aa" * 6


def test_a_flight_is_begun_once_and_ended_once(flown):
    server = flown()
    assert server.control("GET", "/m") == (404, {"code": "P362", "error": "no flight is on at `m`"})
    assert server.ask()[1] == ""
    server.fly()
    assert server.begin("") == 200  # the same again
    status, body = server.control("POST", "/m", {"flight": "f2", "challenger": "m:new"})
    assert (status, body["code"]) == (409, "P361")
    assert "`f1`" in body["error"]
    assert server.steer(0.5, "f2")[1]["code"] == "P361"
    assert [server.ask()[1] for _ in range(20)] == [CHAMPION] * 20
    assert server.end("f2")[1]["code"] == "P361"
    assert server.end() == (200, {})
    assert server.status() is None
    assert server.end() == (200, {})
    server.settled()
    assert server.begin("", "f2") == 202


def test_the_split_is_as_it_was_said_and_nobody_moves_back(flown):
    server = flown()
    server.fly(share=0.1, split={"by": "header", "name": "X-User"})
    people, arms = 400, {}
    for share in (0.1, 0.3, 0.5):
        assert server.steer(share, split={"by": "header", "name": "X-User"})[0] == 200
        found = {user for user in range(people) if server.ask(x_user=f"u{user}")[1] == CHALLENGER}
        assert abs(len(found) - share * people) < 4 * sqrt(people * share * (1 - share))
        assert found >= arms.get("before", set())
        arms["before"] = found
    counts = server.status().counts
    assert counts.champion.requests + counts.challenger.requests == 3 * people
    assert counts.challenger.values["y"].total == 10.0 * counts.challenger.requests
    assert sum(counts.challenger.latency) == counts.challenger.requests


def test_an_arm_is_picked_by_header_or_version_and_not_counted(flown):
    server = flown()
    server.fly()
    assert server.ask(x_trimtab_arm="challenger")[1] == CHALLENGER
    path = f"/v2/models/m/versions/{CHALLENGER}/infer"
    assert server.ask(path=path)[0] == 400  # rows are no tensors, but the version is known
    assert server.ask(path=path.replace(CHALLENGER, "bb" * 6))[0] == 404
    assert server.ask(x_trimtab_arm="captain")[0] == 400
    assert server.ask(x_trimtab_arm="champion")[1] == CHAMPION
    counts = server.status().counts
    assert (counts.champion.requests, counts.challenger.requests) == (0, 0)


def test_what_fails_is_counted_and_what_callers_do_wrong_is_not(flown):
    server = flown()
    server.fly("says raise", share=1.0)
    assert server.ask()[0] == 500
    assert server.ask(x="no number")[0] == 422
    counts = server.until(lambda status: status.counts.challenger.requests).counts
    assert (counts.challenger.requests, counts.challenger.errors) == (1, 1)


def test_nobody_is_exposed_when_the_lease_has_ended(flown):
    server = flown()
    server.fly(share=1.0, lease_s=1.5)
    assert server.ask()[1] == CHALLENGER
    lapsed = server.until(lambda status: "lease" in status.why)
    assert (lapsed.traffic.share, lapsed.lease_s, lapsed.state) == (0.0, 0.0, "ready")
    assert [server.ask()[1] for _ in range(10)] == [CHAMPION] * 10
    assert server.steer(1.0)[0] == 200
    assert (server.ask()[1], server.status().why) == (CHALLENGER, "")
    assert "flight lapsed" in server.child.err


def test_what_hangs_counts_long_before_its_time_is_over(flown):
    server = flown()  # which waits half a minute for an answer
    server.fly("says hang", share=1.0)
    connections = [server.connection() for _ in range(3)]
    for connection in connections:
        connection.request("POST", "/v1/models/m/rows", '[{"x": 5.0}]', {"content-type": "application/json"})
    began = monotonic()
    counts = server.until(lambda status: status.counts.challenger.requests == 3).counts
    assert monotonic() - began < 20
    assert (counts.challenger.errors, counts.champion.requests) == (3, 0)
    for connection in connections:
        connection.close()
    server.steer(0.0)
    assert server.ask()[:2] == (200, CHAMPION)
    assert server.status().counts.challenger == counts.challenger
