"""What processes are born with while flights come and go, in memory: nothing is forked."""

from dataclasses import dataclass

import pytest

from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.server.births import Around, Births
from trimtab.server.changes import Change, OnlyThose
from trimtab.server.guard.make import open_guard
from trimtab.server.renewal import Renewal
from trimtab.server.settings import Settings

SIGNATURE = Signature((Field("x", "FP64"),), (Field("y", "FP64"),))


@dataclass(frozen=True)
class Named:
    """As much of a bundle as is looked at before anybody serves it."""

    digest: str
    name: str = "m"
    inline: bool = True
    signature: Signature = SIGNATURE


OLD, NEW, NEWER = Named("sha256:aa"), Named("sha256:bb"), Named("sha256:cc")


class Story:
    """Births over a shelf where `m` means the newest bundle, and what was told of changes."""

    def __init__(self, **settings):
        said = Settings(processes=1, **settings)
        log = lambda *_: None  # noqa: E731 - a line is enough
        self.told, self.means = [], NEWER
        self.births = Births(self, {"m": OLD}, [None], said, Around(log, open_guard(said, log), Renewal(said)))
        self.flights = self.births.flights

    def known(self):
        return {"m": self.means.digest}

    def find(self, _name):
        return self.means

    def another(self, _reference):
        return NEW

    def mean(self, _name, digest):
        self.means = {one.digest: one for one in (OLD, NEW, NEWER)}[digest]
        return True

    def change(self, do, flight="f"):
        return Change(do, "m", self.told.append, flight)

    def fly(self):
        """A flight that has settled."""
        self.flights.begin("m", OLD, "f", "m:new")
        assert self.births.renew(self.change("fly"))
        self.births.settle(fresh=True)
        self.flights.loaded("m", "f", None)
        return self.births


@pytest.fixture
def story():
    return Story()


def test_a_challenger_comes_beside_the_champion_and_goes(story):
    births = story.fly()
    assert births.bundle("m") is OLD
    assert births.bundle("nobody") is None
    assert list(story.flights.carried()) == ["m"]
    story.flights.end("m", "f")
    assert births.renew(story.change("land"))
    births.settle(fresh=True)
    assert (births.served(), dict(story.flights.carried())) == ({"m": OLD.digest}, {})


def test_a_challenger_that_may_not_run_here_is_refused():
    story = Story(engine="inline")
    story.flights.begin("m", OLD, "f", "m:new")
    object.__setattr__(story.flights.carried("m")["m"].bundle, "inline", False)
    try:
        with pytest.raises(UserError, match="P308"):
            story.births.renew(story.change("fly"))
    finally:
        object.__setattr__(NEW, "inline", True)


def test_a_model_in_flight_stays_what_it_is(story):
    births = story.fly()
    story.means = NEWER
    assert births.renew(Change("renew"))
    births.settle(fresh=True)
    assert births.served() == {"m": OLD.digest}
    for do in ("load", "unload"):
        with pytest.raises(UserError, match="P361"):
            births.renew(story.change(do))


def test_a_promotion_is_promised_before_the_processes_keep_it_and_whatever_they_do(story):
    births = story.fly()
    assert births.renew(story.change("promote"))
    assert (story.told, births.served(), story.means) == ([None], {"m": NEW.digest}, NEW)
    births.settle(
        fresh=False
    )  # fresh processes could not be had: those that are born from now on serve it all the same
    assert births.served() == {"m": NEW.digest}
    assert births.renew(story.change("promote")) is False


def test_a_flight_without_a_champion_has_none(story):
    story.flights.begin("m", OLD, "f", "m:new")
    story.births.settle(fresh=False)
    births = Story().births
    with pytest.raises(UserError, match="P312"):
        births.renew(Change("fly", "nobody", flight="f"))


def test_a_process_that_ends_by_itself_and_what_cannot_answer_are_seen(story):
    births = story.fly()
    births.seen({f"m@{'bb'}": "gone"})
    assert story.flights.status("m").state == "failed"
    births.died("loading")


def test_a_server_without_a_store_has_no_other_bundles():
    shelf = OnlyThose(lambda: {"m": OLD})
    with pytest.raises(UserError, match="P312"):
        shelf.another("m:new")
    assert shelf.mean("m", NEW.digest) is False
