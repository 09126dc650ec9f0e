"""Who is answered by which arm of a flight: a stable hash of a key, so that nobody is moved back when a share grows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["ARMS", "Arm", "By", "Split", "Traffic", "arm_of", "point_of", "probability_of"]

Arm: TypeAlias = Literal["champion", "challenger"]
ARMS: Final[tuple[Arm, ...]] = get_args(Arm)
# what is hashed: every request for itself, its caller, a header of it, or the value of an input in its first row
By: TypeAlias = Literal["request", "principal", "header", "column"]
_WHOLE: Final = float(1 << 64)


@dataclass(frozen=True, slots=True)
class Split:
    """By what requests are divided. name: of the header, in lower case, or of the column."""

    by: By = "request"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Where the requests of an endpoint go while a flight is on.

    flight: its id, which no other flight has. share: of requests, 0 to 1, that the challenger answers. shadow: of those
    that the champion answers, the share that the challenger is asked too, whose answer nobody sees.
    """

    flight: str
    share: float = 0.0
    shadow: float = 0.0
    split: Split = field(default_factory=Split)


def point_of(flight: str, key: bytes) -> float:
    """Where a key stands in a flight, in [0, 1): for ever, in every process and on every machine."""
    digest = hashlib.blake2b(key, digest_size=8, person=b"trimtab.flight", salt=_salt(flight)).digest()
    return int.from_bytes(digest, "little") / _WHOLE


@lru_cache(maxsize=64)
def _salt(flight: str) -> bytes:
    return hashlib.blake2b(flight.encode(), digest_size=16).digest()


def arm_of(traffic: Traffic, key: bytes) -> Arm:
    """The arm that answers whoever has this key; with a larger share, everybody in the challenger stays there."""
    return "challenger" if point_of(traffic.flight, key) < traffic.share else "champion"


def probability_of(traffic: Traffic, arm: Arm) -> float:
    """How likely it was to be in that arm."""
    return traffic.share if arm == "challenger" else 1.0 - traffic.share
