"""Which arm answers a request, from its head alone."""

from __future__ import annotations

import itertools
import random
import secrets
from hmac import compare_digest
from typing import Final, NamedTuple

from trimtab.core.errors import Problem, UserError
from trimtab.core.traffic import ARMS, Arm, Split, Traffic, arm_of, probability_of
from trimtab.server.gateway.outgoing import ARM, PIN
from trimtab.server.wire import Headers

__all__ = ["Choice", "Choosing", "check_split"]

_CREDENTIALS: Final = (b"authorization", b"x-api-key")


class Choice(NamedTuple):
    """The arm; how likely it was; whether the answer counts as evidence; whether the challenger is asked too."""

    arm: Arm
    probability: float = 1.0
    counted: bool = True
    mirrored: bool = False


_CHAMPION: Final = Choice("champion")


def check_split(split: Split) -> None:
    """Raises UserError P371 for a split that heads do not tell."""
    if split.by == "column":
        what = f"a gateway reads no bodies, so it cannot divide by the column `{split.name}`"
        hint = "`request`, `principal` or a `header` can be told from a head: have callers send the value as one"
        raise UserError(Problem("P371", what, "trimtab fly, the flight's split", hint))


class Choosing:
    """Divides requests as the traffic says; changed as a whole."""

    def __init__(self, pin: str) -> None:
        """pin: see `GatewaySettings`."""
        self._pin = pin.encode()
        self._chance = random.Random(secrets.randbits(64)).random  # noqa: S311 - for a sample, not for a secret
        self._ids = map(f"{secrets.token_hex(8)}-%x".__mod__, itertools.count())
        self.traffic = Traffic("")
        self.ejected = False  # the challenger is not there any more: the champion answers everybody

    def choose(self, headers: Headers) -> Choice:
        """For a request with this head."""
        if self._pin and ARM in headers and compare_digest(headers.get(PIN, b""), self._pin):
            named = headers[ARM].decode("latin-1")
            for arm in ARMS:
                if named == arm:
                    return Choice(arm, counted=False)
        traffic = self.traffic
        if self.ejected:
            return _CHAMPION
        if not traffic.share:
            if traffic.shadow and self._chance() < traffic.shadow:
                return Choice("champion", mirrored=True)
            return _CHAMPION
        arm = arm_of(traffic, self._key(traffic.split, headers))
        mirrored = arm == "champion" and traffic.shadow > 0 and self._chance() < traffic.shadow
        return Choice(arm, probability_of(traffic, arm), mirrored=mirrored)

    def _key(self, split: Split, headers: Headers) -> bytes:
        """What is hashed; a request that does not have it stands for itself."""
        found = None
        if split.by == "header":
            found = headers.get(split.name.encode())
        elif split.by == "principal":
            found = next((headers[name] for name in _CREDENTIALS if name in headers), None)
        return next(self._ids).encode() if found is None else found
