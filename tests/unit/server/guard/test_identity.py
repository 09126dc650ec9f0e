"""Which of keys and tokens a credential goes to, and when what was found is void."""

from dataclasses import dataclass
from math import inf

import pytest

from trimtab.server.guard.identity import Identity, Seen, UnfitError
from trimtab.server.guard.keys.text import PREFIX
from trimtab.server.guard.principal import ANYBODY, Known, Principal

CI = Principal("key:ci", ())
BOB = Principal("token:idp:bob", (), "token")


@dataclass
class Fault:
    reason: str


class Memory:
    """Knows some credentials; None stands for one that waits."""

    def __init__(self, **known):
        self.known, self.generation, self.asked = known, 0, []

    def check(self, given, *, last=False):
        self.asked.append((given, last))
        found = self.known.get(given.removeprefix(PREFIX), Fault("unknown"))
        return Fault("unknown key") if found is None and last else found


def bearer(text):
    return {b"authorization": b"Bearer " + text.encode()}


def test_where_nobody_is_asked_everybody_is_anybody():
    assert Identity(None, None, asks=False).see(bearer("x"), last=False) == Seen(ANYBODY, inf, 0)


def test_a_key_goes_to_the_keys_and_a_token_to_the_issuers():
    keys, tokens = Memory(a=Known(CI)), Memory(t=Known(BOB, 9.0))
    identity = Identity(keys, tokens, asks=True)
    assert identity.see({b"x-api-key": f"{PREFIX}a".encode()}, last=False) == Seen(CI, inf, 0)
    assert identity.see(bearer("t"), last=False) == Seen(BOB, 9.0, 0)
    assert (keys.asked, tokens.asked) == ([(f"{PREFIX}a", False)], [("t", False)])


def test_what_was_found_is_of_the_generation_before_the_look():
    keys, tokens = Memory(), Memory()
    identity = Identity(keys, tokens, asks=True)

    def check(given, *, last):  # noqa: ARG001 - the names that `Tokens` gives
        tokens.generation += 1
        return Known(BOB)

    tokens.check = check
    keys.generation = 2
    assert identity.see(bearer("t"), last=False).generation == 2
    assert identity.generation == 3


def test_nothing_shown_is_not_unfit_and_a_certificate_may_say_it():
    assert Identity(Memory(), None, asks=True).see({}, last=False) == Seen(None, inf, 0)


def test_a_token_may_wait_and_the_last_time_it_does_not():
    identity = Identity(None, Memory(t=None), asks=True)
    assert identity.see(bearer("t"), last=False) is None
    with pytest.raises(UnfitError, match="unknown key"):
        identity.see(bearer("t"), last=True)


@pytest.mark.parametrize(
    ("identity", "given", "why"),
    [
        (Identity(Memory(), Memory(), asks=True), f"{PREFIX}b", "unknown"),
        (Identity(Memory(), Memory(), asks=True), "b", "unknown"),
        (Identity(None, Memory(), asks=True), f"{PREFIX}b", "no API keys are taken here"),
        (Identity(Memory(), None, asks=True), "b", "tokens are not taken here"),
        (Identity(Memory(), Memory(), asks=True), "a b", "more than one"),
    ],
)
def test_why_a_credential_is_not_taken(identity, given, why):
    with pytest.raises(UnfitError, match=why) as caught:
        identity.see(bearer(given), last=False)
    assert given not in str(caught.value) or given == "b"
