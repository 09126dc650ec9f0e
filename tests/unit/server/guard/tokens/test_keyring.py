"""When keys are fetched, who is told of it, and what stays when they cannot be; the clock is the test's."""

from __future__ import annotations

import threading

import pytest

from trimtab.server.guard.tokens.jwks import NOTHING
from trimtab.server.guard.tokens.keyring import Keyring

MAIN = "https://idp.example/keys"


@pytest.fixture
def changes():
    return []


@pytest.fixture
def ring(world, changes):
    return Keyring(world.settings(), world.log, world.fetch, lambda: world.now, lambda: changes.append(world.now))


def passes(world, ring, seconds):
    world.now += seconds
    return ring.turn()


def test_the_first_turn_fetches_and_the_next_ones_wait_until_the_time_is_over(world, ring, changes):
    assert ring.keys is NOTHING
    assert ring.turn() == 300
    assert (world.fetched, set(ring.keys.named), changes) == ([MAIN], {world.realm.key.name}, [world.now])
    assert passes(world, ring, 299) == 1
    assert passes(world, ring, 1) == 300
    assert (len(world.fetched), len(changes)) == (2, 1)  # the same keys are no change


@pytest.mark.parametrize(("said", "held"), [(None, 300), (0, 60), (59, 60), (61, 61), (3599, 3599), (10**9, 3600)])
def test_a_set_is_good_for_as_long_as_it_says_within_a_minute_and_an_hour(world, ring, said, held):
    world.max_age_s = said
    assert ring.turn() == held


def test_what_is_wanted_is_fetched_at_once_but_only_once_in_two_seconds(world, ring):
    ring.turn()
    passes(world, ring, 10)
    ring.want()
    assert ring.turn() == 300
    assert len(world.fetched) == 2
    for _ in range(100):
        ring.want()
    assert ring.turn() == 2
    assert passes(world, ring, 1.5) == 0.5
    assert len(world.fetched) == 2
    assert passes(world, ring, 0.5) == 300
    assert len(world.fetched) == 3


def test_whoever_waits_is_told_once_after_the_next_fetch(world, ring):
    ring.turn()
    told = []
    ring.want()
    ring.when_fresh(lambda: told.append(world.realm.key.name in ring.keys.named))
    world.realm.rotate()
    ring.turn()
    assert told == []
    passes(world, ring, 2)
    assert told == [True]
    passes(world, ring, 300)
    assert told == [True]


def test_whoever_comes_while_a_fetch_is_under_way_waits_for_one_that_began_later(world, ring):
    ring.turn()
    told = []

    def comes():
        ring.want()
        ring.when_fresh(lambda: told.append(len(world.fetched)))

    world.during.append(comes)
    passes(world, ring, 300)
    assert (len(world.fetched), told) == (2, [])
    passes(world, ring, 2)
    assert told == [3]


def test_whoever_was_served_by_the_fetch_under_way_waits_for_no_other(world, ring):
    ring.turn()
    told = []
    ring.want()  # a moment before it begins, and `when_fresh` a moment after
    world.during.append(lambda: ring.when_fresh(lambda: told.append(len(world.fetched))))
    assert passes(world, ring, 2) == 300
    assert told == [2]


def test_the_first_fetch_of_all_is_for_everybody_who_came_while_it_was_under_way(world, ring):
    told = []

    def comes():
        ring.want()
        ring.when_fresh(lambda: told.append(len(world.fetched)))

    world.during.append(comes)
    assert ring.turn() == 300
    assert told == [1]


def test_where_nothing_is_wanted_nobody_waits(ring):
    told = []
    ring.turn()
    ring.when_fresh(lambda: told.append(1))
    assert told == [1]


def test_a_fetch_that_fails_is_tried_again_later_each_time_up_to_a_minute(world, ring):
    world.fault = OSError("no route")
    pauses = []
    for _ in range(9):
        pauses.append(ring.turn())
        world.now += pauses[-1]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    world.fault = None
    assert ring.turn() == 300


def test_somebody_who_waits_shortens_the_pause_to_five_seconds(world, ring):
    world.fault = OSError("no route")
    for _ in range(6):
        world.now += ring.turn()
    assert ring.turn() == 60
    ring.want()
    assert ring.turn() == 5
    told = []
    ring.when_fresh(lambda: told.append(1))
    assert passes(world, ring, 5) == 60
    assert told == [1]  # of a failure too


def test_keys_stay_good_while_they_cannot_be_fetched_and_the_log_says_so_once(world, ring, changes):
    ring.turn()
    kept = ring.keys
    world.fault = OSError("no route")
    for _ in range(20):
        passes(world, ring, 300)
    assert ring.keys is kept
    world.fault = None
    passes(world, ring, 300)
    assert world.events() == ["keys changed", "keys not fetched", "keys fetched again"]
    assert world.said[1][1] == {"level": "warning", "issuer": "idp", "why": "no route"}
    assert world.said[2][1] == {"level": "info", "issuer": "idp", "tries": 20}
    world.fault = ValueError("more than 1048576 bytes")
    passes(world, ring, 300)
    assert world.events()[3:] == ["keys not fetched"]
    assert len(changes) == 1


@pytest.mark.parametrize("jwks", [[], {"keys": 1}, {"keys": [{}] * 101}])
def test_an_answer_that_is_no_set_is_a_failure(world, ring, jwks):
    ring.turn()
    kept = ring.keys
    world.jwks = jwks
    assert passes(world, ring, 300) == 1
    assert ring.keys is kept


def test_a_set_without_keys_revokes_them_all(world, ring, changes):
    ring.turn()
    world.jwks = {"keys": []}
    passes(world, ring, 300)
    assert (ring.keys, len(changes)) == (NOTHING, 2)
    assert world.said[-1] == ("keys changed", {"level": "warning", "issuer": "idp", "keys": 0, "left_out": 0})


def test_a_fault_of_our_own_is_logged_whole_and_does_not_end_the_thread(world, ring):
    world.fault = ZeroDivisionError("ours")
    assert ring.turn() == 1
    assert "ZeroDivisionError" in world.said[0][1]["traceback"]
    world.fault = None
    assert passes(world, ring, 1) == 300


def test_somebody_who_cannot_be_told_costs_the_others_nothing(world, ring):
    told = []
    ring.want()
    ring.when_fresh(lambda: told.append(1 / 0))
    ring.when_fresh(lambda: told.append(2))
    assert ring.turn() == 300
    assert told == [2]
    assert world.events() == ["keys changed", "not told of keys"]


def test_the_address_of_the_keys_is_discovered_once_an_hour_and_after_a_failure(world, changes):
    ring = Keyring(world.settings(jwks=""), world.log, world.fetch, lambda: world.now, lambda: changes.append(1))
    document, keys = "https://idp.example/main/.well-known/openid-configuration", "https://keys.example/1"
    ring.turn()
    assert world.fetched == [document, keys]
    passes(world, ring, 300)
    assert world.fetched[2:] == [keys]
    passes(world, ring, 3301)
    assert world.fetched[3:] == [document, keys]
    world.fault = OSError("gone")
    passes(world, ring, 300)
    assert world.fetched[5:] == [keys]
    world.fault = None
    passes(world, ring, 1)
    assert world.fetched[6:] == [document, keys]


def test_an_issuer_is_asked_over_https_only(world):
    for changes in ({"jwks": "http://idp.example/keys"}, {"jwks": "", "issuer": "http://idp.example"}):
        with pytest.raises(ValueError, match="https"):
            Keyring(world.settings(**changes), world.log, world.fetch, lambda: 0.0, lambda: None)
    Keyring(world.settings(issuer="urn:of-old"), world.log, world.fetch, lambda: 0.0, lambda: None)


def test_its_thread_fetches_what_is_wanted_and_ends_when_it_is_closed(world, ring):
    fresh = threading.Event()
    ring.want()
    ring.when_fresh(fresh.set)
    ring.start()
    assert fresh.wait(10)
    assert set(ring.keys.named) == {world.realm.key.name}
    ring.close()
    for thread in threading.enumerate():
        if thread.name == "trimtab-keys-idp":
            thread.join(10)
            assert not thread.is_alive()


def test_nobody_waits_for_a_ring_that_is_closed(ring):
    told = []
    ring.want()
    ring.when_fresh(lambda: told.append(1))
    ring.close()
    assert told == [1]
    ring.when_fresh(lambda: told.append(2))
    assert told == [1, 2]
