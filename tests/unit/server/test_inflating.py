"""Whose body is inflated when, what becomes of it, and that nobody is left without an answer."""

import pytest

from trimtab.core.errors import OutsideError, Problem
from trimtab.server.dialects.coding import Later
from trimtab.server.faults import GONE
from trimtab.server.inflating import Inflating, Turns


class Loop:
    """Keeps what is to run soon."""

    def __init__(self):
        self.soon = []

    def turn(self):
        run = self.soon[:]
        self.soon.clear()
        for each in run:
            each()
        return bool(run)


class Story:
    """Bodies of so many pieces, by name; what happens is told in order."""

    def __init__(self):
        self.loop, self.told, self.late = Loop(), [], False
        self.turns = Turns(self.loop.soon.append)

    def body(self, name, pieces, broken=None):
        left = iter(range(pieces))

        def step():
            self.told.append(f"{name}{next(left)}")
            return name if left.__length_hint__() == 0 else None

        def ask(exchange):
            if broken:
                raise broken
            self.told.append(f"ask {exchange}")
            return self

        one = Inflating(Later(step, str.upper), ask, self.told.append, self.in_time)
        self.turns.add(one)
        return one

    def in_time(self):
        if self.late:
            raise OutsideError(Problem("P319", "late"))

    def settle(self, result):
        self.told.append(("settled", result))

    def ends(self):
        while self.loop.turn():
            pass
        return self.told


@pytest.fixture
def story():
    return Story()


def test_a_piece_a_turn_and_then_the_model_is_asked(story):
    story.body("a", 3)
    assert story.told == []
    story.loop.turn()
    assert story.told == ["a0"]
    assert story.ends() == ["a0", "a1", "a2", "ask A"]


def test_bodies_are_inflated_one_after_the_other(story):
    story.body("a", 2)
    story.body("b", 1)
    assert story.ends() == ["a0", "a1", "ask A", "b0", "ask B"]
    story.body("c", 1)
    assert story.ends()[-2:] == ["c0", "ask C"]


def test_who_has_left_takes_no_time_and_holds_nobody_up(story):
    first, second = story.body("a", 9), story.body("b", 1)
    story.loop.turn()
    first.settle(GONE)
    first.settle(GONE)
    assert story.ends() == ["a0", GONE, "b0", "ask B"]
    second.settle(GONE)
    assert story.told[-1] == ("settled", GONE)


@pytest.mark.parametrize("broken", [OutsideError(Problem("P310", "no")), ZeroDivisionError()])
def test_what_goes_wrong_is_told_once_and_the_next_has_its_turn(story, broken):
    one = story.body("a", 1, broken)
    story.body("b", 1)
    assert story.ends() == ["a0", broken, "b0", "ask B"]
    one.settle(GONE)
    assert GONE not in story.told


def test_who_has_waited_too_long_is_told_so(story):
    story.body("a", 2)
    story.loop.turn()
    story.late = True
    assert [getattr(each, "problems", each) for each in story.ends()] == ["a0", (Problem("P319", "late"),)]
