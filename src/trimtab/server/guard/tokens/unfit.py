"""Why a token is not taken: a closed set of reasons, so that they can label a metric and tell a caller nothing new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["REASONS", "Reason", "Unfit", "UnfitError"]

# malformed: not three parts of base64url with JSON objects in them. header: a member of it that is never taken. claims:
# one that is missing, or not of its kind
Reason: TypeAlias = Literal[
    "malformed",
    "header",
    "issuer",
    "algorithm",
    "claims",
    "expired",
    "not yet",
    "audience",
    "subject",
    "unknown key",
    "signature",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A token that is not taken."""

    reason: Reason


class UnfitError(Exception):
    """Carries the reason out of the part that found it."""

    def __init__(self, reason: Reason) -> None:
        """The reason, as a value to return."""
        super().__init__(reason)
        self.unfit = Unfit(reason)
