"""Keys change, and their provider goes away, while tokens are checked: no good one is refused, and no old one taken."""

from __future__ import annotations

import threading
import time
from itertools import count

from trimtab.server.guard.principal import Known
from trimtab.server.guard.tokens.unfit import Unfit

ROTATIONS = 5
THREADS = 4
PATIENCE_S = 30


def wait_until(true, what):
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.01)


class Caller(threading.Thread):
    """Sends new tokens of the newest key without end, and each of them twice."""

    def __init__(self, provider, asking):
        super().__init__(daemon=True)
        self.provider, self.asking = provider, asking
        self.ended, self.passed, self.refused, self.keys = False, 0, [], set()
        self.start()

    def run(self):
        for number in count():
            if self.ended:
                return
            key = self.provider.main.key
            token = self.provider.main.token(key=key, sub=f"caller-{number}")
            for found in (self.asking.ask(token), self.asking.ask(token)):
                if isinstance(found, Known) and found.principal.name == f"token:main:caller-{number}":
                    self.passed += 1
                else:
                    self.refused.append((number, key.name, found))
            self.keys.add(key.name)
            time.sleep(0.002)


def test_no_good_token_is_refused_while_keys_rotate_and_the_old_key_is_afterwards(provider, asking):
    main = provider.main
    first = main.key
    old = main.token(key=first)
    assert isinstance(asking.ask(old), Known)
    generation, began = asking.tokens.generation, time.monotonic()
    callers = [Caller(provider, asking) for _ in range(THREADS)]
    for _ in range(ROTATIONS):
        newest = main.rotate().name
        wait_until(lambda name=newest: all(name in caller.keys for caller in callers), f"`{newest}` is not taken")
    for caller in callers:
        caller.ended = True
        caller.join(PATIENCE_S)
    assert [caller.refused for caller in callers] == [[]] * THREADS
    assert sum(caller.passed for caller in callers) > ROTATIONS * THREADS
    assert asking.tokens.generation == generation + ROTATIONS
    # however many callers waited, the provider was asked once in two seconds
    assert ROTATIONS < provider.requests["/main/keys"] <= 2 + (time.monotonic() - began) / 2
    assert asking.tokens.check(old, last=True) == Unfit("unknown key")
    assert asking.tokens.check(main.token(key=first), last=True) == Unfit("unknown key")


def test_a_key_that_is_published_no_more_is_void_with_the_next_fetch_though_its_token_was_known(provider, asking):
    main = provider.main
    old = main.token()
    assert isinstance(asking.ask(old), Known)
    main.rotate()
    assert isinstance(asking.ask(main.token()), Known)
    assert isinstance(asking.tokens.check(old), Known)  # still published
    main.rotate()
    main.retire()
    assert isinstance(asking.ask(main.token()), Known)
    assert asking.tokens.check(old, last=True) == Unfit("unknown key")


def test_keys_stay_good_while_the_provider_is_away_and_new_ones_are_taken_when_it_is_back(provider, asking):
    main = provider.main
    token = main.token()
    assert isinstance(asking.ask(token), Known)
    provider.outage = True
    newer = main.rotate()
    new = main.token(key=newer)
    assert asking.ask(new) == Unfit("unknown key")  # it waited for a fetch, which failed
    assert asking.ask(new) == Unfit("unknown key")
    assert isinstance(asking.tokens.check(token), Known)
    assert isinstance(asking.tokens.check(main.token(key=main.keys[1], sub="bob")), Known)
    assert [event for event, _ in asking.said].count("keys not fetched") == 1
    provider.outage = False
    wait_until(lambda: isinstance(asking.ask(new), Known), "the new key is not taken")
    assert [event for event, _ in asking.said].count("keys fetched again") == 1


def test_a_provider_that_is_away_at_the_start_is_waited_for(provider, asking):
    provider.outage = True
    token = provider.edge.token()
    assert asking.ask(token) == Unfit("unknown key")
    provider.outage = False
    wait_until(lambda: isinstance(asking.ask(token), Known), "the keys are not taken")
    assert not [fields for event, fields in asking.said if "traceback" in fields]
