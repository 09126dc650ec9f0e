"""When a caller's time is up, by what it sends."""

from math import inf

from trimtab.server.connection import Phase
from trimtab.server.patience import Patience
from trimtab.server.settings import Settings

TIMES = Settings(header_timeout_s=1, body_timeout_s=2, idle_timeout_s=3)


def test_an_idle_caller_has_its_time_anew_each_time():
    patience = Patience(TIMES)
    assert [patience.until(Phase.IDLE, 0, now) for now in (10.0, 11.0)] == [13.0, 14.0]


def test_a_head_has_its_time_once_and_the_next_one_too():
    patience = Patience(TIMES)
    assert [patience.until(Phase.HEAD, 0, now) for now in (10.0, 10.9)] == [11.0, 11.0]
    patience.anew()
    assert patience.until(Phase.HEAD, 0, 10.9) == 11.9


def test_a_body_has_its_time_anew_while_it_keeps_to_the_rate():
    patience = Patience(TIMES)
    assert patience.until(Phase.HEAD, 0, 9.5) == 10.5
    assert patience.until(Phase.BODY, 0, 10.0) == 12.0
    assert patience.until(Phase.BODY, 5120, 15.0) == 17.0
    assert patience.until(Phase.BODY, 5120, 21.0) == 22.0  # ten seconds' worth in eleven
    assert patience.until(Phase.BODY, 5121, 29.0) < 22.1


def test_who_is_answered_for_the_last_time_has_none():
    assert Patience(TIMES).until(Phase.CLOSED, 0, 10.0) == inf
