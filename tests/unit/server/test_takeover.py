"""One change at a time, all processes or none: over processes and births that live in memory."""

import pytest

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.server.changes import Change
from trimtab.server.process import Beat
from trimtab.server.takeover import Takeover, unfit_of

LOST = OutsideError(Problem("P305", "lost"))


class Story:
    """A takeover of two processes, in the part of the supervisor; what is told and logged is kept."""

    def __init__(self, child):
        self.child, self.children, self.settled, self.told, self.events = child, [], [], [], []
        self.all = []
        self.answers = []  # of `renew`, in turn; all that is asked further is new
        self.takeover = Takeover(self, 2, lambda event, fields: self.events.append((event, fields)))
        for number in (0, 1):
            self.children.append(self.born(number))

    def renew(self, _change):
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, UserError):
            raise answer
        return answer

    def settle(self, *, fresh):
        self.settled.append(fresh)

    def seen(self, unfit):
        self.unfit = unfit

    def born(self, number, *, fresh=False, **beat):
        child = self.child(number, 100 + number)
        self.all.append(child)
        child.fresh, child.beat = fresh, Beat("loading" if fresh else "ready", **beat)
        return child

    def ask(self, do, name="", **more):
        self.takeover.ask(Change(do, name, lambda error: self.told.append((do, name, error)), **more))

    def begin(self):
        """The fresh processes of the next change, loading."""
        fresh = [self.born(number, fresh=True) for number in sorted(self.takeover.begin(self.children))]
        self.children += fresh
        return fresh

    def look(self):
        return self.takeover.look(self.children)

    def ends(self, *ended):
        self.children = [child for child in self.children if child not in ended]

    def load(self, fresh, **beat):
        """All of these have loaded; who is to leave."""
        for child in fresh:
            child.beat = Beat("ready", **beat)
        return self.look()


@pytest.fixture
def story(kit):
    tale = Story(kit.child)
    yield tale
    for child in tale.all:
        child.end()


def test_a_change_is_made_when_all_are_ready_and_told_when_those_before_have_ended(story):
    story.ask("load", "a")
    old, fresh = [*story.children], story.begin()
    assert (len(fresh), story.takeover.busy) == (2, True)
    fresh[0].beat = Beat("ready")
    assert (story.look(), story.settled) == ([], [])
    assert story.load(fresh) == old
    assert (story.settled, [child.fresh for child in fresh], story.told) == ([True], [False, False], [])
    story.ends(old[0])
    assert (story.look(), story.told, story.takeover.busy) == ([], [], True)
    story.ends(old[1])
    assert story.look() == []
    assert (story.told, story.takeover.busy) == ([("load", "a", None)], False)
    assert [event for event, _ in story.events] == ["renewed"]


def test_the_next_change_waits_for_the_one_before(story):
    story.ask("load", "a")
    story.ask("unload", "a")
    old, fresh = [*story.children], story.begin()
    story.load(fresh)
    assert story.begin() == []
    story.ends(*old)
    story.look()
    assert len(story.begin()) == 2
    assert story.told == [("load", "a", None)]


def test_what_is_so_already_starts_nobody_and_the_next_one_has_its_turn_at_once(story):
    story.answers = [False, False]
    story.ask("load", "a")
    story.ask("unload", "b")
    story.ask("load", "c")
    assert len(story.begin()) == 2
    assert story.told == [("load", "a", None), ("unload", "b", None)]
    assert story.events == []


def test_one_that_is_served_already_and_cannot_answer_is_not_loaded(story):
    story.answers = [False]
    story.children[1].beat = Beat("ready", unfit={"a": "golden row 2 differs"})
    story.ask("load", "a")
    assert story.begin() == []
    [(do, name, error)] = story.told
    assert (do, name, error.problems[0].code) == ("load", "a", "P305")
    assert "golden row 2 differs" in error.problems[0].what


def test_what_cannot_be_looked_up_is_told_and_logged_and_changes_nothing(story):
    error = UserError(Problem("P312", "no model `a`"))
    story.answers = [error]
    story.ask("load", "a")
    assert (story.begin(), story.told, story.settled) == ([], [("load", "a", error)], [])
    assert story.events == [
        ("not renewed", {"level": "error", "asked": "load", "model": "a", "why": "no model `a`"}),
    ]


def test_to_renew_all_twice_is_to_renew_all_once_unless_the_first_is_under_way(story):
    for _ in range(3):
        story.ask("renew")
    old, fresh = [*story.children], story.begin()
    assert story.load(fresh) == old
    assert story.told == []  # nobody asked to hear of those: they were the same
    assert (story.begin(), story.takeover.busy) == ([], False)
    story.ask("renew")
    fresh = story.begin()
    story.ask("renew")  # what is meant may have changed since
    story.load(fresh)
    assert len(story.begin()) == 2


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        ({}, {"a": "why"}, False),  # the model itself
        ({"a": "why"}, {"a": "why"}, False),  # it was asked for, and still cannot answer
        ({}, {"b": "why"}, False),  # another one, which could answer until now
        ({"b": "why"}, {"b": "why"}, True),  # another one, which could not before
    ],
)
def test_fresh_processes_with_a_model_that_cannot_answer_are_not_taken(story, before, after, taken):
    for child in story.children:
        child.beat = Beat("ready", unfit=before)
    story.ask("load", "a")
    old, fresh = [*story.children], story.begin()
    assert story.load(fresh, unfit=after) == (old if taken else fresh)
    assert story.settled == [taken]
    if not taken:
        [(_, _, error)] = story.told
        assert isinstance(error, UserError)
        assert error.problems[0].what.endswith("cannot answer: why")


def test_a_fresh_process_that_is_no_good_ends_the_change_with_its_error(story):
    story.ask("load", "a")
    story.ask("load", "b")
    fresh = story.begin()
    story.ends(fresh[0])
    assert story.takeover.fail(LOST, story.children) == [fresh[1]]
    assert (story.settled, story.told, fresh[1].fresh) == ([False], [("load", "a", LOST)], False)
    assert len(story.begin()) == 2  # the next one


def test_one_process_is_renewed_alone_and_nobody_is_told(story):
    story.takeover.recycle(1)
    fresh = story.born(1, fresh=True)
    story.children.append(fresh)
    story.ask("load", "a")
    assert story.begin() == []
    assert story.load([fresh]) == [story.children[1]]
    assert (story.settled, story.told) == ([True], [])
    story.takeover.recycle(0)
    assert story.takeover.fail(LOST, story.children) == []
    assert (story.settled, story.told) == ([True, False], [])


def test_at_the_end_everybody_who_waits_is_told_once(story):
    for name in ("a", "b"):
        story.ask("load", name)
    fresh = story.begin()
    story.takeover.stop()
    assert [(name, error.problems[0].code, type(error)) for _, name, error in story.told] == [
        ("a", "P316", OutsideError),
        ("b", "P316", OutsideError),
    ]
    story.load(fresh)
    story.ends(*story.children)
    story.look()
    assert len(story.told) == 2


def test_a_model_is_unfit_if_it_is_so_in_any_process(story):
    story.children[1].beat = Beat("ready", unfit={"a": "why"})
    assert unfit_of(story.children) == {"a": "why"}


def test_a_change_that_nobody_wants_any_more_is_not_made(story):
    wanted = [False]
    story.ask("fly", "a", wanted=lambda: wanted[0])
    assert story.begin() == []
    [(_, _, error)] = story.told
    assert error.problems[0].code == "P316"
    wanted[0] = True
    story.ask("fly", "a", wanted=lambda: wanted[0])
    fresh = story.begin()
    assert story.look() == []
    wanted[0] = False
    assert story.look() == fresh  # one that never loads is not waited for
    assert (story.settled, len(story.told), story.takeover.busy) == ([False], 2, False)


def test_a_challenger_that_cannot_answer_fails_its_change_and_a_champion_that_could_not_before_does_not(story):
    for child in story.children:
        child.beat = Beat("ready", unfit={"a": "never could"})
    story.ask("fly", "a")
    fresh = story.begin()
    assert story.load(fresh, unfit={"a": "never could", "a@bb": "golden row 1 gives another `y`"}) == fresh
    assert "golden row 1" in story.told[0][2].problems[0].what
    story.ends(*fresh)
    story.ask("land", "a")
    old = [*story.children]
    assert story.load(story.begin(), unfit={"a": "never could"}) == old


def test_what_those_that_serve_cannot_answer_is_seen_every_turn(story):
    story.children[0].beat = Beat("ready", unfit={"a@bb": "gone"})
    story.look()
    assert story.unfit == {"a@bb": "gone"}


def test_one_that_is_leaving_speaks_for_nobody(story):
    story.children[0].beat, story.children[0].leaving = Beat("ready", unfit={"a": "of another bundle"}), 1.0
    story.look()
    assert story.unfit == {}
    assert unfit_of(story.children) == {}
