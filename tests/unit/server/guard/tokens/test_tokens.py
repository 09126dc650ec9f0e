"""Tokens of issuers in memory: who is known, what is remembered and for how long, and who is made to wait."""

from __future__ import annotations

import sys
import threading

import pytest
from tests.doubles.oidc import Realm

from trimtab.core.errors import UserError
from trimtab.server.guard.principal import Grant, Known, Principal
from trimtab.server.guard.tokens.tokens import Tokens
from trimtab.server.guard.tokens.unfit import Unfit

ANN = Principal("token:idp:ann", (Grant("infer"),), "token")


class Desk:
    """Tokens over the world, with a wall clock that the test turns, and rings that turn when it says so."""

    def __init__(self, world, **changes):
        self.world, self.wall = world, float(world.realm.claims()["iat"])
        self.tokens = Tokens(
            [world.settings(**changes)], world.log, fetch=world.fetch, clock=lambda: self.wall,
            monotonic=lambda: world.now,
        )  # fmt: skip
        self.check = self.tokens.check

    def turn(self, seconds=0):
        self.world.now += seconds
        for ring in self.tokens._rings.values():
            ring.turn()

    def verified(self):
        """How many signatures have been checked so far, by counting them from now on."""
        ring = self.tokens._rings[self.world.realm.issuer]
        counted = []
        for key in ring.keys.named.values():
            right = key.verify
            object.__setattr__(key, "verify", lambda *it, right=right: counted.append(1) or right(*it))
        return counted


@pytest.fixture
def desk(world):
    desk = Desk(world)
    desk.turn()
    return desk


def test_a_good_token_is_known_until_its_end_and_the_leeway(world, desk):
    exp = desk.wall + 100
    token = world.realm.token(exp=exp)
    assert desk.check(token) == Known(ANN, exp + 30)
    desk.wall = exp + 29.9
    assert desk.check(token) == Known(ANN, exp + 30)
    desk.wall = exp + 30
    assert desk.check(token) == Unfit("expired")
    assert not desk.tokens._kept


def test_a_token_of_16_kb_is_the_longest(world, desk):
    room = 16384 - len(world.realm.token(more=""))
    tokens = [world.realm.token(more="x" * (room * 3 // 4 + more)) for more in (-3, 4)]
    assert 16376 < len(tokens[0]) <= 16384 < len(tokens[1]) < 16400
    assert desk.check(tokens[0]).principal == ANN
    assert desk.check(tokens[1]) == Unfit("malformed")


def test_a_caller_without_grants_is_known(world):
    desk = Desk(world, grants=())
    desk.turn()
    assert desk.check(world.realm.token()).principal == Principal("token:idp:ann", (), "token")


def test_before_the_first_fetch_everybody_waits_but_for_the_last_time(world):
    desk = Desk(world)
    token = world.realm.token()
    assert desk.check(token) is None
    assert desk.check(token, last=True) == Unfit("unknown key")
    told = []
    assert desk.tokens.when_fresh(lambda: told.append(desk.check(token, last=True)))
    desk.turn()
    assert [one.principal for one in told] == [ANN]


def test_what_will_never_do_makes_nobody_wait_and_nobody_fetch(world):
    desk = Desk(world)
    for forged in (world.realm.token(exp=1), world.realm.token(aud="x"), world.realm.token({"alg": "none"}), "x.y.z"):
        assert isinstance(desk.check(forged), Unfit)
    assert not desk.tokens._rings[world.realm.issuer]._wanted


def test_a_signature_is_checked_once_for_a_token_and_anew_when_keys_change(world, desk):
    counted = desk.verified()
    token = world.realm.token()
    for _ in range(5):
        assert desk.check(token).principal == ANN
    assert len(counted) == 1
    generation = desk.tokens.generation
    old = world.realm.key
    world.realm.rotate()
    desk.turn(300)
    assert desk.tokens.generation == generation + 1
    counted = desk.verified()
    assert [desk.check(token).principal for _ in range(3)] == [ANN] * 3
    assert len(counted) == 1
    world.realm.retire()
    desk.turn(300)
    assert desk.check(world.realm.token(key=old), last=True) == Unfit("unknown key")
    assert desk.check(token, last=True) == Unfit("unknown key")


def test_a_refused_token_is_not_remembered(world, desk):
    forged = world.realm.token()[:-8] + "AAAAAAAA"
    counted = desk.verified()
    assert [desk.check(forged) for _ in range(3)] == [Unfit("signature")] * 3
    assert len(counted) == 3
    assert not desk.tokens._kept


def test_what_keys_say_is_void_when_they_change_while_they_are_asked(world, desk):
    """A set is taken in between: what the old key said is given to whoever asked, and to nobody after."""
    token = world.realm.token()
    ring = desk.tokens._rings[world.realm.issuer]
    key = ring.keys.find(world.realm.key.name)
    right = key.verify

    def verify(*parts):
        world.realm.rotate()
        world.realm.retire()
        desk.turn(300)
        return right(*parts)

    object.__setattr__(key, "verify", verify)
    assert desk.check(token).principal == ANN
    assert desk.check(token, last=True) == Unfit("unknown key")


def test_only_so_many_are_remembered_and_no_token_is(world, desk, monkeypatch):
    monkeypatch.setattr("trimtab.server.guard.tokens.tokens._KEPT", 3)
    tokens = [world.realm.token(sub=f"u{number}") for number in range(4)]
    counted = desk.verified()
    for token in (*tokens[:3], tokens[0], tokens[3], tokens[0]):  # the first is used again, so the second is forgotten
        assert isinstance(desk.check(token), Known)
    assert (len(counted), len(desk.tokens._kept)) == (4, 3)
    assert isinstance(desk.check(tokens[1]), Known)
    assert len(counted) == 5
    assert all(isinstance(name, bytes) and len(name) == 32 for name in desk.tokens._kept)


def test_a_token_without_a_key_name_waits_where_the_only_key_does_not_fit(world, desk):
    bare = {"kid": None}
    assert desk.check(world.realm.token(bare)).principal == ANN
    world.realm.overlap = 0
    world.realm.rotate()
    token = world.realm.token(bare)
    assert desk.check(token, last=True) == Unfit("signature")
    assert desk.check(token) is None
    desk.turn(2)
    assert desk.check(token).principal == ANN


def test_only_so_many_wait_and_they_make_room_when_they_are_told(world, desk):
    world.realm.rotate()
    token, told = world.realm.token(), []
    assert desk.check(token) is None
    assert all(desk.tokens.when_fresh(lambda: told.append(1)) for _ in range(1000))
    assert not desk.tokens.when_fresh(lambda: told.append(2))
    desk.turn(2)
    assert told == [1] * 1000
    assert desk.tokens.when_fresh(lambda: told.append(3))
    assert told[1000:] == [3]  # nothing is wanted now


def test_of_two_issuers_each_has_its_own_keys_and_whoever_waits_is_told_when_all_that_is_wanted_is_there(world):
    other = Realm("https://two.example", "ES256")
    fetched = []

    def fetch(address, authorities):
        fetched.append(address)
        if address == "https://two.example/keys":
            world.jwks = {"keys": [other.key.jwk]}
            found = world.fetch(address, authorities)
            world.jwks = None
            return found
        return world.fetch(address, authorities)

    two = world.settings(name="two", issuer=other.issuer, jwks="https://two.example/keys")
    tokens = Tokens([world.settings(), two], world.log, fetch=fetch, monotonic=lambda: world.now)
    first, second = tokens._rings.values()
    told = []
    assert tokens.check(world.realm.token()) is tokens.check(other.token()) is None
    assert tokens.when_fresh(lambda: told.append(1))
    first.turn()
    assert told == []
    second.turn()
    assert told == [1]
    assert tokens.check(world.realm.token()).principal.name == "token:idp:ann"
    assert tokens.check(other.token()).principal.name == "token:two:ann"
    assert world.realm.key.name == other.key.name  # so that only the issuer tells them apart
    assert tokens.check(world.realm.token(iss=other.issuer), last=True) == Unfit("signature")
    assert tokens.check(other.token(iss=world.realm.issuer), last=True) == Unfit("signature")


def test_issuers_that_cannot_be(world):
    with pytest.raises(ValueError, match="the same"):
        Tokens([world.settings(), world.settings(name="b")], world.log)
    with pytest.raises(ValueError, match="public key"):
        Tokens([world.settings(algorithm="HS256")], world.log)
    with pytest.raises(ValueError, match="https"):
        Tokens([world.settings(jwks="http://idp.example")], world.log)


def test_without_issuers_no_token_is_taken_and_nobody_waits(world):
    tokens, told = Tokens([], world.log), []
    tokens.start()
    assert tokens.check(world.realm.token()) == Unfit("issuer")
    assert tokens.when_fresh(lambda: told.append(1))
    assert told == [1]


def test_without_its_package_it_says_what_to_install(world, monkeypatch):
    monkeypatch.setitem(sys.modules, "joserfc.jwa", None)
    with pytest.raises(UserError) as caught:
        Tokens([world.settings()], world.log)
    problem = caught.value.problems[0]
    assert (problem.code, problem.hint) == ("P307", "`pip install 'trimtab[auth]'`")
    assert "`joserfc" in problem.what


def test_threads_of_its_own_fetch_and_whoever_checks_never_does(world):
    threads = set()

    def fetch(address, authorities):
        threads.add(threading.current_thread().name)
        return world.fetch(address, authorities)

    tokens, fresh = Tokens([world.settings()], world.log, fetch=fetch), threading.Event()
    token = world.realm.token()
    assert tokens.check(token) is None
    tokens.start()
    assert tokens.when_fresh(fresh.set)
    assert fresh.wait(10)
    assert tokens.check(token).principal == ANN
    tokens.close()
    assert threads == {"trimtab-keys-idp"}
