"""A router before real servers: flights by the director of servers, kills, and champions that change under load."""

from __future__ import annotations

import http.client
import json
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.system.routing.conftest import NAME, TOKEN, Callers, Routed

from trimtab.ops.flights.book import Book
from trimtab.ops.flights.director import Seen
from trimtab.ops.flights.fly import Airfield, fly
from trimtab.ops.flights.server import Reach
from trimtab.ops.flights.standing import Standing
from trimtab.release.flight.decide import decide
from trimtab.release.flight.plan import Limit, Plan
from trimtab.release.ledger.flights import Begun
from trimtab.release.ledger.ledger import Ledger

PLAN = Plan(steps=(0.5,), watch_s=0.5, give_up_s=90.0, minimum=20, limits=(Limit("errors", at_most=0.1),))


@pytest.fixture
def flown(tmp_path: Path) -> Callable[..., Standing]:
    """Flies a revision to the end of its flight, as `trimtab fly` does."""

    def to_the_end(routed: Routed, challenger: str, tell: Callable[[Seen], Any] = lambda _: None) -> Standing:
        reach = Reach(routed.control, {"authorization": f"Bearer {TOKEN}"})
        field = Airfield(Book(Ledger(tmp_path / "ledger")), decide, lambda _: reach)
        begun = Begun(NAME, routed.revisions[challenger][0], routed.control, PLAN)
        return fly(field, NAME, begun, tell)

    return to_the_end


def outcome(standing: Standing) -> str:
    assert standing.ended is not None
    return standing.ended.outcome


def test_a_good_challenger_is_promoted_and_stays_so_until_a_greater_version_is_taken(
    routed: Callable[..., Routed], flown: Callable[..., Standing]
) -> None:
    router = routed("old", "good")
    with Callers(router) as callers:
        assert outcome(flown(router, "good")) == "promoted"
        router.kill()
    assert callers.statuses[200] > 0
    assert set(callers.statuses) <= {0, 200}  # 0: who was in the middle of a request when it was killed
    router.start()
    assert router.answers() == "good"
    assert (router.state()["version"], router.state()["promoted_by"][:6]) == (1, "small-")
    router.write("old", "old", "good")
    router.kill()
    router.start()
    while router.state()["version"] == 1:
        assert router.answers() in ("old", "good")
    assert router.answers() == "old"


def test_a_bad_challenger_is_rolled_back_and_so_is_one_whose_router_was_killed(
    routed: Callable[..., Routed], flown: Callable[..., Standing]
) -> None:
    router = routed("old", "good", "bad")
    with Callers(router) as callers:
        assert outcome(flown(router, "bad")) == "rolled back"
        assert callers.statuses[500] > 0
        router.answers()
        killed: list[float] = []

        def kill(seen: Seen) -> None:
            if seen.standing.share and not killed:
                router.kill()
                killed.append(seen.now)
                router.start()

        standing = flown(router, "good", kill)
        assert outcome(standing) == "rolled back"
        callers.wait_for(20)
    assert killed
    assert router.answers() == "old"
    assert router.state()["flight"] == ""


def test_champions_change_under_load_with_no_failed_request_and_who_has_gone_is_drained(
    routed: Callable[..., Routed],
) -> None:
    router = routed("old", "good")
    with Callers(router, 6) as callers:
        for number in range(8):
            router.write(("good", "old")[number % 2], ("good", "old")[number % 2])
            assert router.child is not None
            if number % 2:
                router.child.signal(signal.SIGHUP)
                router.child.wait_until(lambda: router.state()["version"] == router.version)
            else:
                assert router.ask("POST", "/v1/routes", at=1)[2]["version"] == router.version
            callers.wait_for(40)
        router.child.wait_until(lambda: router.state()["draining"] == {})
    assert dict(callers.statuses) == {200: callers.statuses.total()}
    assert len(callers.revisions) == 2
    assert router.child.process.poll() is None
    router.child.signal(signal.SIGTERM)
    assert router.child.end() == 0


@pytest.mark.parametrize("after_s", [0.0, 0.003, 0.02])
def test_killed_around_a_promotion_one_revision_answers_and_its_state_says_which(
    routed: Callable[..., Routed], after_s: float
) -> None:
    router = routed("old", "good")
    challenger = {"flight": "f1", "challenger": router.revisions["good"][0]}
    assert router.ask("POST", f"/v1/flights/{NAME}", challenger, at=1)[0] == 202
    while router.ask("GET", f"/v1/flights/{NAME}", at=1)[2]["state"] != "ready":
        time.sleep(0.01)
    with closing(http.client.HTTPConnection("127.0.0.1", router.ports[1])) as connection:
        said = {"authorization": f"Bearer {TOKEN}"}
        connection.request("POST", f"/v1/flights/{NAME}/promote", json.dumps({"flight": "f1"}), said)
        time.sleep(after_s)  # not for luck: the moment of the kill is what varies
        router.kill()
    means = json.loads(router.file.with_name("routes.json.state").read_text())
    router.start()
    assert router.answers() == ("good" if means["flight"] else "old")
    assert means["champion"] == router.revisions[router.answers()][0]
    assert router.ask("GET", f"/v1/flights/{NAME}", at=1)[2]["code"] == "P362"
    assert router.ask("POST", f"/v1/flights/{NAME}/promote", {"flight": "f1"}, at=1)[0] == (
        200 if means["flight"] else 404
    )
