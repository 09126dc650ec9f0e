"""All flights of a server in its supervisor: one an endpoint, what may be done when, what the name means."""

from dataclasses import dataclass, replace

import pytest

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.signature import Field
from trimtab.core.traffic import Split, Traffic
from trimtab.server.flights.flights import LOADING_S, Flights


@dataclass(frozen=True)
class Bundle:
    digest: str
    signature: object
    name: str = "m"
    inline: bool = False


class Story:
    """Flights over a shelf in memory, on a clock that the test moves."""

    def __init__(self, signature):
        self.old, self.new = Bundle("sha256:" + "a" * 64, signature), Bundle("sha256:" + "b" * 64, signature)
        self.now, self.means, self.fixed, self.events = 50.0, self.new.digest, False, []
        self.flights = Flights(self, 2, lambda event, _fields: self.events.append(event), lambda: self.now)

    def another(self, reference):
        if reference not in ("m:new", self.new.digest):
            raise UserError(Problem("P230", "there is none"))
        return self.new

    def mean(self, _name, digest):
        if self.fixed:
            return False
        self.means = digest
        return True

    def begin(self, flight="f", challenger="m:new"):
        return self.flights.begin("m", self.old, flight, challenger)

    def ready(self):
        self.begin()
        self.flights.loaded("m", "f", None)
        return self.flights

    def code(self, act, *words):
        with pytest.raises(UserError) as raised:
            act(*words)
        return raised.value.problems[0].code


@pytest.fixture
def story(signature):
    return Story(signature)


def test_a_flight_is_begun_once_and_the_name_means_the_champion_meanwhile(story):
    assert (story.begin(), story.begin(), story.means) == (True, False, story.old.digest)
    status = story.flights.status("m")
    assert (status.state, status.champion, status.challenger) == ("loading", story.old.digest, story.new.digest)
    assert story.flights.carried() == {}
    assert list(story.flights.carried("m")) == ["m"]
    story.flights.loaded("m", "f", None)
    assert list(story.flights.carried()) == ["m"]
    assert story.flights.champions() == {"m"}


@pytest.mark.parametrize("challenger", ["./folder", "../x", "other:new", "/etc"])
def test_what_is_no_bundle_of_the_endpoint_in_the_store_is_refused(story, challenger):
    assert story.code(story.begin, "f", challenger) == "P363"
    assert story.flights.champions() == frozenset()


def test_a_challenger_is_another_bundle_of_the_same_name_and_form(story):
    story.old = story.new
    assert story.code(story.begin) == "P363"
    story.old = replace(story.new, digest="sha256:" + "c" * 64)
    story.new = replace(story.new, name="other")
    assert story.code(story.begin) == "P363"
    story.new = replace(story.new, name="m", signature=replace(story.old.signature, inputs=(Field("z", "BOOL"),)))
    assert story.code(story.begin) == "P360"
    assert story.code(story.begin, "f", "m:none") == "P230"
    assert story.code(story.flights.begin, "nobody", None, "f", "nobody:new") == "P312"
    assert story.code(story.flights.status, "m") == "P362"


def test_another_flight_has_no_say(story):
    flights = story.ready()
    for act, words in (
        (story.begin, ("g",)),
        (flights.steer, ("m", Traffic("g"), 1.0)),
        (flights.promote, ("m", "g")),
        (flights.end, ("m", "g")),
        (flights.require_none, ("m",)),
    ):
        assert story.code(act, *words) == "P361"


def test_what_is_not_on_cannot_be_steered_and_has_ended(story):
    assert story.code(story.flights.steer, "m", Traffic("f"), 1.0) == "P362"
    assert story.code(story.flights.promote, "m", "f") == "P362"
    assert story.flights.end("m", "f") is False
    story.ready()
    assert story.flights.end("m", "f") is True
    assert story.flights.end("m", "f") is False
    assert story.code(story.flights.promote, "m", "f") == "P362"


def test_traffic_waits_for_the_challenger(story):
    story.begin()
    assert story.code(story.flights.steer, "m", Traffic("f", 0.1), 1.0) == "P364"
    assert story.code(story.flights.promote, "m", "f") == "P364"
    assert story.flights.steer("m", Traffic("f"), 1.0) is False
    story.flights.loaded("m", "f", None)
    assert story.flights.steer("m", Traffic("f", 0.1), 10.0) is True
    assert story.flights.steer("m", Traffic("f", 0.1), 10.0) is False  # a lease that is prolonged
    assert story.code(story.flights.steer, "m", Traffic("f", 0.1, split=Split("column", "z")), 1.0) == "P310"
    assert story.code(story.flights.steer, "m", Traffic("f", 0.1, split=Split("header", "x" * 3000)), 1.0) == "P310"
    assert story.flights.status("m").traffic == Traffic("f", 0.1)


def test_a_lease_that_ends_is_no_traffic_and_said_once(story):
    flights = story.ready()
    flights.steer("m", Traffic("f", 0.5, 0.1), 10.0)
    assert flights.status("m").lease_s == 10.0
    story.now += 12.0
    flights.look({})
    flights.look({})
    status = flights.status("m")
    assert (status.traffic, status.lease_s, status.state) == (Traffic("f"), 0.0, "ready")
    assert status.why == "the lease ended 2 s ago, and nobody has steered since"
    assert story.events.count("flight lapsed") == 1
    assert flights.steer("m", Traffic("f", 0.5, 0.1), 10.0) is True
    assert flights.status("m").why == ""
    story.now += 12.0
    flights.look({})
    assert story.events.count("flight lapsed") == 2


def test_what_cannot_be_loaded_has_failed_until_it_is_ended(story):
    story.begin()
    story.flights.loaded("m", "f", OutsideError(Problem("P305", "no weights")))
    status = story.flights.status("m")
    assert (status.state, status.why) == ("failed", "no weights")
    assert story.flights.carried() == {}
    assert story.flights.end("m", "f") is True
    assert story.begin("g") is True


def test_what_takes_too_long_is_not_wanted(story):
    story.begin()
    assert story.flights.wanted("m", "f") is True
    assert story.flights.wanted("m", "g") is False
    story.now += LOADING_S
    assert story.flights.wanted("m", "f") is False
    story.flights.loaded("m", "f", OutsideError(Problem("P316", "nobody wants it any more")))
    assert story.flights.status("m").why == "it has not loaded within 600 s"
    story.flights.end("m", "f")
    assert story.flights.wanted("m", "f") is False
    story.flights.loaded("m", "f", None)  # what comes late is nobody's


def test_a_promotion_is_on_the_shelf_before_it_is_in_the_processes(story):
    flights = story.ready()
    page = flights.carried()["m"].page
    flights.steer("m", Traffic("f", 0.5), 10.0)
    assert flights.promote("m", "f") is story.new
    assert (story.means, page.course()[1].promoted) == (story.new.digest, True)
    assert flights.promote("m", "f") is None  # to say it twice is to say it once
    assert flights.end("m", "f") is False
    assert flights.carried() == {}


def test_a_promotion_that_cannot_be_kept_changes_nothing(story):
    story.fixed = True
    flights = story.ready()
    flights.steer("m", Traffic("f", 0.5), 10.0)
    assert story.code(flights.promote, "m", "f") == "P365"
    assert flights.status("m").traffic == Traffic("f", 0.5)


def test_a_challenger_that_a_process_has_lost_has_failed(story):
    flights = story.ready()
    flights.steer("m", Traffic("f", 0.5), 10.0)
    flights.look({"m": "the champion's matter"})
    assert flights.status("m").state == "ready"
    flights.look({f"m@{'b' * 12}": "the process that loads it has gone"})
    status = flights.status("m")
    assert (status.state, status.traffic.share, status.why) == ("failed", 0.0, "the process that loads it has gone")


@pytest.mark.parametrize(
    ("inline", "state", "failed"), [(False, "loading", True), (False, "ready", False), (True, "ready", True)]
)
def test_a_challenger_that_takes_processes_down_has_failed(story, inline, state, failed):
    story.new = replace(story.new, inline=inline)
    flights = story.ready()
    flights.died(state)
    assert flights.status("m").state == "ready"
    flights.died(state)
    assert (flights.status("m").state == "failed") is failed
