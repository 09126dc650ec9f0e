"""Who a head says its sender is, by an API key or a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Protocol

from trimtab.server.guard.credentials import MalformedError, credential
from trimtab.server.guard.keys.text import PREFIX
from trimtab.server.guard.principal import ANYBODY, Known, Principal

__all__ = ["Identity", "Keys", "Seen", "Tokens", "Unfit", "UnfitError"]


class Unfit(Protocol):
    """Why a credential is not taken."""

    @property
    def reason(self) -> str:
        """In words."""


class Keys(Protocol):
    """Callers by an API key."""

    @property
    def generation(self) -> int:
        """Goes up when what was found before is void."""

    def check(self, given: str, /) -> Known | Unfit:
        """Who has it, or why nobody does."""

    def look(self) -> None:
        """Called about once a second."""


class Tokens(Protocol):
    """Callers by a token."""

    @property
    def generation(self) -> int:
        """Goes up when what was found before is void."""

    def check(self, given: str, /, *, last: bool) -> Known | Unfit | None:
        """Who has it, or why nobody does; None while it is not known, never so when asked for the last time."""

    def when_fresh(self, told: Callable[[], None], /) -> bool:
        """Whether `told` will be called when it is worth to ask again."""

    def start(self) -> None:
        """Keys of issuers are fetched from now on."""

    def close(self) -> None:
        """And not any more."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a head says of its sender: nothing (None), or who it is until then, as far as was known at that time."""

    principal: Principal | None
    until: float
    generation: int


class UnfitError(Exception):
    """There is a credential, and it is not taken; its text says why, without it."""


class Identity:
    """Keys and tokens; any thread may ask."""

    def __init__(self, keys: Keys | None, tokens: Tokens | None, *, asks: bool) -> None:
        """asks: whether callers have to say who they are at all."""
        self._keys, self._tokens, self._asks = keys, tokens, asks

    @property
    def generation(self) -> int:
        """Goes up when keys change: what was found before is void."""
        keys, tokens = self._keys, self._tokens
        return (0 if keys is None else keys.generation) + (0 if tokens is None else tokens.generation)

    def see(self, headers: Mapping[bytes, bytes], *, last: bool) -> Seen | None:
        """None while it is not known, never so when asked for the last time. Raises UnfitError."""
        generation = self.generation  # ahead of the look: what changes meanwhile makes it void
        if not self._asks:
            return Seen(ANYBODY, inf, generation)
        try:
            given = credential(headers)
        except MalformedError as error:
            raise UnfitError(str(error)) from None
        if not given:
            return Seen(None, inf, generation)
        found = self._checked(given, last=last)
        return None if found is None else Seen(found.principal, found.until, generation)

    def _checked(self, given: str, *, last: bool) -> Known | None:
        if given.startswith(PREFIX):
            if self._keys is None:
                raise UnfitError("no API keys are taken here")
            key = self._keys.check(given)
            if isinstance(key, Known):
                return key
            raise UnfitError(key.reason)
        if self._tokens is None:
            raise UnfitError("it is no API key, and tokens are not taken here")
        token = self._tokens.check(given, last=last)
        if token is None or isinstance(token, Known):
            return token
        raise UnfitError(token.reason)
