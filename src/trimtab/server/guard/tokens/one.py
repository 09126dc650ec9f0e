"""One token that may do everything, of whoever runs the program: for a control plane that nobody else is to reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from trimtab.core.secrets import Secret
from trimtab.server.guard.principal import SCOPES, Grant, Known, Principal

__all__ = ["OneToken"]

_OWNER: Final = Known(Principal("token:owner", tuple(map(Grant, SCOPES)), "token"))


@dataclass(frozen=True, slots=True)
class _Fault:
    reason: str = "it is not the token of this control plane"


class OneToken:
    """In the place of keys and of tokens. The time that it takes says nothing of the token."""

    generation = 0

    def __init__(self, secret: Secret) -> None:
        """secret: the token."""
        self._secret = secret

    def check(self, given: str, *, last: bool = True) -> Known | _Fault:  # noqa: ARG002 - as tokens of issuers have it
        """Whoever shows it is its owner."""
        return _OWNER if compare_digest(given.encode(), self._secret.reveal().encode()) else _Fault()

    def when_fresh(self, _told: Callable[[], None]) -> bool:
        """Nothing of it is ever fetched."""
        return False

    def start(self) -> None:
        """Nothing to fetch."""

    def look(self) -> None:
        """Nothing to read."""

    def close(self) -> None:
        """Nothing to end."""
