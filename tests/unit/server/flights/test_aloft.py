"""What is said of one flight."""

from trimtab.core.traffic import Split, Traffic
from trimtab.server.flights.aloft import Aloft
from trimtab.server.flights.page import Course


def test_a_failed_one_is_asked_nothing_any_more(pair):
    bundle = type("Bundle", (), {"digest": "sha256:bb"})
    one = Aloft("f", "m", "sha256:aa", bundle, pair.page, pair.arms.layout, 600.0, "ready")
    split = Split("header", "x")
    pair.page.steer(Course(Traffic("f", 0.5, split=split), 110.0))
    pair.assign().ended(200, 0.1)
    status = one.status(100.0)
    assert (status.traffic.share, status.lease_s, status.state, one.lapsed(100.0)) == (0.5, 10.0, "ready", 0.0)
    assert status.counts.champion.requests + status.counts.challenger.requests == 1
    assert (one.lapsed(112.0), one.status(112.0).traffic) == (2.0, Traffic("f", split=split))
    one.fail("no weights")
    status = one.status(100.0)
    assert (status.traffic.share, status.state, status.why) == (0.0, "failed", "no weights")
