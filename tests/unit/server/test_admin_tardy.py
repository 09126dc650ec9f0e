"""Who is tardy: whoever is waited for too long, for a head, for a body, or for the next head."""

from types import SimpleNamespace

from trimtab.server.admin_tardy import Tardy


def asking(*, more=False, answered=False):
    return SimpleNamespace(more_body=more, response_complete=answered)


class Caller:
    """A connection, of which only the last request is looked at."""

    def __init__(self, cycle=None):
        self.cycle = cycle


def test_a_head_that_does_not_come():
    tardy, one = Tardy(10.0), Caller()
    assert [tardy.of({one}, now) for now in (0.0, 9.9, 10.0)] == [[], [], [one]]


def test_a_body_has_a_time_of_its_own():
    tardy, one = Tardy(10.0), Caller()
    assert tardy.of({one}, 0.0) == []
    one.cycle = asking(more=True)
    assert [tardy.of({one}, now) for now in (9.0, 18.9, 19.0)] == [[], [], [one]]


def test_who_is_owed_an_answer_is_never_tardy():
    tardy, one = Tardy(10.0), Caller(asking())
    assert [tardy.of({one}, now) for now in (0.0, 1000.0)] == [[], []]


def test_the_next_head_has_its_time_from_the_last_answer_on():
    tardy, one = Tardy(10.0), Caller(asking())
    assert tardy.of({one}, 0.0) == []
    one.cycle.response_complete = True
    assert [tardy.of({one}, now) for now in (100.0, 109.9, 110.0)] == [[], [], [one]]
    one.cycle = asking(answered=True)
    assert tardy.of({one}, 111.0) == []


def test_an_answer_ahead_of_the_body_begins_the_time_anew():
    tardy, one = Tardy(10.0), Caller(asking(more=True))
    assert tardy.of({one}, 0.0) == []
    one.cycle.response_complete = True
    assert [tardy.of({one}, now) for now in (9.0, 18.0, 19.0)] == [[], [], [one]]


def test_who_has_gone_is_forgotten():
    tardy, one, other = Tardy(10.0), Caller(), Caller()
    assert tardy.of({one, other}, 0.0) == []
    assert tardy.of({other}, 5.0) == []
    assert tardy.of({one}, 10.0) == []
