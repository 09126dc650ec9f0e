"""Who was found to send requests of a head, and for how long that holds."""

from math import inf

from tests.unit.server.guard.test_guard import EDGE, FAR, Story, request
from tests.unit.server.guard.test_identity import bearer

from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import ANYBODY, Known


def test_who_was_found_is_known_for_as_long_as_that_holds():
    story, http = Story(), request(bearer("t"))
    assert story.guard.known(http) is None
    assert story.guard.caller(http, FAR) is story.guard.known(http)
    assert len(story.tokens.asked) == 1
    story.now = 100.0
    assert story.guard.known(http) is None
    story.now = 99.0
    story.keys.generation += 1
    assert story.guard.known(http) is None


def test_who_shows_nothing_is_not_known_by_its_head():
    story, http = Story(), request({})
    assert story.guard.caller(http, Peer("", Known(EDGE, inf))) == EDGE
    assert story.guard.known(http) is None


def test_where_nobody_is_asked_a_head_that_was_looked_at_is_anybody_s():
    story, http = Story(asks=False), request({b"host": b"churn.example"})
    assert story.guard.known(http) is None
    story.guard.caller(http, FAR)
    assert story.guard.known(http) is ANYBODY
