"""Releases whose process is killed before and after everything that it does to the world, one at a time."""

from __future__ import annotations

import pytest
from tests.doubles.directing import Killer
from tests.doubles.releasing import NEW, OLD, Port, lives

from trimtab.ops.release.plan import plain_live
from trimtab.ops.release.release import release
from trimtab.ops.release.rollback import rollback


def first(port, means):
    release(port.wish(), means)


def settings(port, means):
    release(port.wish(OLD, server={"rows": 10}), means)


def back(_port, means):
    rollback("prod", "churn", "", means)


STORIES = {
    "the first": ((), first, {}),
    "the first does not come up": ((), first, {"broken": {NEW}}),
    "another bundle": ((OLD,), first, {}),
    "other settings": ((OLD,), settings, {}),
    "a good flight": ((OLD,), first, {"flown": True}),
    "a bad flight": ((OLD,), first, {"flown": True, "bad": frozenset({NEW})}),
    "does not come up": ((OLD,), first, {"broken": {NEW}}),
    "does not come up beside": ((OLD,), first, {"broken": {NEW}, "flown": True}),
    "other answers": ((OLD,), first, {"unproved": frozenset({NEW})}),
    "a rollback": ((OLD, NEW), back, {}),
}
STEPS = ("begun", "beside", "answers", "noted")


def told(name, *killers, kill_at=""):
    """The story with that end of its first process: what runs, what the record says, how it came out."""
    before, act, how = STORIES[name]
    port = Port(**{key: value for key, value in how.items() if key != "broken"})
    for bundle in before:
        release(port.wish(bundle), port.means())
    port.dead.add("one")
    port.platform.broken |= how.get("broken", set())
    port.platform.kill_at = kill_at
    port.platform.log.clear()
    error = lives(port, act, *killers)
    return port, "" if error is None else error.problems[0].code


def must_hold(port, code=None):
    """One live revision, the one that the record names; whoever ended well is in the history: what runs, and how."""
    past, status = port.past, port.target.status("churn", "prod")
    assert past.under_way is None
    assert status.differs == ()
    assert status.live == plain_live(status) == past.live
    assert [one.share for one in status.revisions] == ([1.0] if status.live else [])
    assert status.live is None or status.live.bundle in port.needed
    assert past.back is None or past.back.begun.wanted.bundle in port.needed
    outcome = past.releases[-1].ended.outcome
    assert not code or outcome != "released"
    if outcome == "released":
        assert past.live == past.releases[-1].begun.wanted
        assert past.live.bundle in port.record.files["environments/prod/churn.json"]
    return status.live, outcome


@pytest.mark.parametrize("name", STORIES)
def test_wherever_it_is_killed_one_revision_is_live_and_the_record_names_it(name):
    whole = Killer()
    port, code = told(name, whole)
    expected = must_hold(port, code)
    assert whole.count >= 5
    for at in range(whole.count):
        for after in (False, True):
            assert must_hold(*told(name, Killer(at, after))) == expected, (at, after)
    for step in STEPS:
        assert must_hold(*told(name, kill_at=step)) == expected, step


def test_it_may_be_killed_twice():
    for name in ("a good flight", "a bad flight"):
        whole = Killer()
        expected = must_hold(*told(name, whole))
        for first_at in range(whole.count):
            for second_at in range(first_at % 4, whole.count, 4):
                assert must_hold(*told(name, Killer(first_at, after=True), Killer(second_at))) == expected


def test_the_stories_come_out_as_they_should():
    codes = {name: told(name)[1] for name in STORIES}
    assert codes == {
        "the first": "",
        "the first does not come up": "P464",
        "another bundle": "",
        "other settings": "",
        "a good flight": "",
        "a bad flight": "P460",
        "does not come up": "P464",
        "does not come up beside": "P464",
        "other answers": "P464",
        "a rollback": "",
    }


@pytest.mark.parametrize("flown", [False, True])
def test_somebody_who_wants_something_else_goes_on_after_a_kill(flown):
    """Whatever was left is ended or taken back first; then the other one is live."""
    whole = Killer()
    release_of = Port(flown=flown)
    release(release_of.wish(OLD), release_of.means())
    release(release_of.wish(), release_of.means(killer=whole))
    for at in range(whole.count):
        for after in (False, True):
            port = Port(flown=flown)
            release(port.wish(OLD), port.means())

            def act(port, means):
                wish = port.wish() if means.crew.owner == "process 0" else port.wish("sha256:other")
                release(wish, means)

            assert lives(port, act, Killer(at, after)) is None
            live, outcome = must_hold(port)
            assert live.bundle in ("sha256:other", NEW)
            assert outcome == "released"
