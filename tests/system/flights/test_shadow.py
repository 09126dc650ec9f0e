"""A shadow that answers, disagrees, is slow, fails, crashes and hangs: who asks the champion notices nothing of it."""

import time
from contextlib import closing

import pytest
from tests.system.flights.conftest import send
from tests.system.journal.conftest import interactions_in


def mirror(server, what, share=1.0, **more):
    """A flight whose challenger does this with every request of a share."""
    server.fly(what, shadow=share, **more)


def ask(server, count):
    """So many requests on one connection, each answered by the champion as ever; seconds of each."""
    spent = []
    with closing(server.connection()) as connection:
        for _ in range(count):
            began = time.perf_counter()
            status, _, body = send(connection, {"x": 5.0})
            spent.append(time.perf_counter() - began)
            assert (status, body["rows"], body["version"]) == (200, [{"y": 10.0}], "00" * 6)
    return spent


@pytest.mark.parametrize("inline", ["", "1"])
@pytest.mark.parametrize(("what", "disagree"), [("", False), ("says more", True)])
def test_answers_are_compared_and_kept(flown, tmp_path, inline, what, disagree):
    server = flown(env={"INLINE": inline}, journal={"folder": str(tmp_path / "journal")}, workers=0 if inline else 1)
    mirror(server, what)
    ask(server, 30)
    counts = server.until(lambda status: status.counts.compared + status.counts.dropped >= 30).counts
    assert counts.compared >= 1
    assert counts.mirrored == counts.compared == sum(counts.delay)
    assert counts.disagreed == (counts.compared if disagree else 0)
    assert (counts.champion.requests, counts.challenger.requests) == (30, 0)
    server.child.stop()
    found = interactions_in(tmp_path / "journal")
    seen = {one.id: one for one in found if one.dialect != "shadow"}
    unseen = [one for one in found if one.dialect == "shadow"]
    assert (len(seen), len(unseen)) == (30, counts.compared)
    for one in unseen:
        assert (one.arm, one.probability, one.revision) == ("challenger", 1.0, f"sha256:{'aa' * 32}")
        assert seen[one.request_id].arm == "champion"
        assert (one.outputs["y"].values != seen[one.request_id].outputs["y"].values).all() == disagree


@pytest.mark.parametrize("what", ["says raise", "says crash", "says hang"])
def test_one_that_fails_is_counted_and_nobody_waits_for_it(flown, what):
    server = flown(answer_timeout_s=1.0)
    mirror(server, what)
    ask(server, 100)
    counts = server.until(lambda status: status.counts.failed >= 1).counts
    assert (counts.compared, counts.champion.errors, counts.champion.requests) == (0, 0, 100)


def test_one_that_is_slow_is_left_out_first(flown):
    server = flown()
    mirror(server, "says sleep 0.2")
    ask(server, 300)
    counts = server.until(lambda status: status.counts.dropped >= 100).counts
    assert counts.mirrored + counts.dropped <= 300
    assert counts.mirrored < 100


def more_beside(server):
    """Seconds by which p99 is longer beside the shadow, measured in turns."""
    spent = {0.0: [], 1.0: []}
    for _ in range(12):
        for share, seconds in spent.items():
            server.steer(0.0, shadow=share)
            seconds.extend(ask(server, 50))
    without, beside = (sorted(seconds)[int(0.99 * len(seconds))] for seconds in spent.values())
    print(f"p99 {without * 1000:.2f} ms without, {beside * 1000:.2f} ms beside a shadow that hangs")
    return beside - without


def test_one_that_hangs_does_not_slow_the_champion(flown):
    server = flown(answer_timeout_s=1.0)
    mirror(server, "says hang", 0.0)
    ask(server, 50)
    # 2 ms, as the issue has it; a busy machine alone takes more in one measurement, and hardly in five of five
    assert any(more_beside(server) <= 0.002 for _ in range(5))
    assert server.status().counts.mirrored >= 1
