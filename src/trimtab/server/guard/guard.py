"""Ahead of every route: who calls, whether it may, and whether it has had its share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil, isfinite
from typing import TYPE_CHECKING, Final, TypeAlias

from trimtab.core.errors import Problem
from trimtab.server.faults import TurnedAwayError
from trimtab.server.guard.identity import Identity, Keys, Seen, Tokens, UnfitError
from trimtab.server.guard.pages import page_fault
from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import ANYBODY, NOBODY, SCOPES, Principal, Scope
from trimtab.server.metrics import Reason
from trimtab.server.wire import Request

if TYPE_CHECKING:
    from trimtab.server.guard.audit.audit import Audit
    from trimtab.server.guard.backoff import Backoff
    from trimtab.server.guard.clients import Clients
    from trimtab.server.guard.settings import GuardSettings
    from trimtab.server.guard.shares.shares import Over, Shares

__all__ = ["Guard", "Means"]

Headers: TypeAlias = Mapping[bytes, bytes]
_FETCH_S: Final = 10.0  # for keys of an issuer to arrive
_CHALLENGE: Final = b'Bearer realm="trimtab"'


@dataclass(frozen=True, slots=True)
class Means:
    """What a guard works with; None for a way that no caller may come."""

    keys: Keys | None
    tokens: Tokens | None
    shares: Shares | None
    clients: Clients
    backoff: Backoff
    audit: Audit


class Guard:
    """Asked before anything is done for a request; any thread may ask."""

    def __init__(
        self, settings: GuardSettings, means: Means, *, local: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        """local: the server is reached from this machine only."""
        self.asks = settings.asks
        self.audit = means.audit
        self.count: Callable[[Reason], None] = lambda _reason: None  # told why somebody was turned away
        self._identity = Identity(means.keys, means.tokens, asks=settings.asks)
        self.shares = means.shares
        self._means = means
        self.hosts = settings.hosts
        self._hosts = frozenset(map(str.lower, settings.hosts))
        self._everybody = local and not self.asks
        self._clock = clock

    def caller(self, http: Request, peer: Peer, *, last: bool = False) -> Principal | None:
        """Who sends the request; None while it is not known (`when_fresh`), never so when asked for the last time.

        Raises TurnedAwayError.
        """
        seen: Seen | None = http.notes.get(self)
        if seen is not None and not self.asks:
            return ANYBODY  # the head was looked at
        if seen is None or seen.generation != self._identity.generation or seen.until <= self._clock():
            fault = page_fault(http.method, http.headers, self._hosts, everybody=self._everybody)
            if fault:
                hint = "its names are `[server] hosts` of trimtab.toml" if "called" in fault else ""
                raise self.turned(Problem("P330", fault, hint=hint), "page", peer, http.headers)
            seen = self._see(http.headers, peer, last=last)
            if seen is None:
                return None
            http.notes[self] = seen
        return seen.principal or self._by_certificate(http.headers, peer)

    def known(self, http: Request) -> Principal | None:
        """Who was found to send requests of this head, as long as that holds; None where it has to be asked again."""
        seen: Seen | None = http.notes.get(self)
        if seen is None:
            return None
        if not self.asks:
            return ANYBODY
        fresh = seen.generation == self._identity.generation and self._clock() < seen.until
        return seen.principal if fresh else None

    def whoever(self, http: Request, peer: Peer) -> Principal:
        """The same for what everybody may ask: who has not shown who it is may no more than that."""
        try:
            seen = self._identity.see(http.headers, last=True)
        except UnfitError:
            return NOBODY
        if seen is not None and seen.principal is not None:
            return seen.principal
        known = peer.certificate
        return known.principal if known is not None and self._clock() < known.until else NOBODY

    def named(self, headers: Headers, peer: Peer, *, last: bool = False) -> Principal | None:
        """As `caller`, for what comes another way than HTTP."""
        seen = self._see(headers, peer, last=last)
        return None if seen is None else seen.principal or self._by_certificate(headers, peer)

    def insist(self, headers: Headers, peer: Peer) -> Principal:
        """As `named`, for a thread that may wait."""
        caller = self.named(headers, peer)
        if caller is None:
            fresh = threading.Event()
            if self.when_fresh(fresh.set):
                fresh.wait(_FETCH_S)
            caller = self.named(headers, peer, last=True)
        return NOBODY if caller is None else caller

    def when_fresh(self, told: Callable[[], None]) -> bool:
        """Whether `told` will be called, by any thread, when it is worth to ask again who somebody is."""
        tokens = self._means.tokens
        return tokens is not None and tokens.when_fresh(told)

    def client(self, headers: Headers, peer: Peer) -> str:
        """Where the request comes from."""
        return self._means.clients.of(peer.address, headers)

    def require(self, caller: Principal, scope: Scope, model: str, headers: Headers, peer: Peer) -> None:
        """Raises TurnedAwayError (P332) for a caller who may not.

        What is said of answers names no model: ids show whose they are, so to be heard about any is enough.
        """
        if not caller.may(scope, model) and not (scope == "feedback" and not model and caller.may_somewhere(scope)):
            what = f"`{caller.name}` may not `{scope}`" + (f" on model `{model}`" if model else " on the whole server")
            raise self.turned(Problem("P332", what), "forbidden", peer, headers, caller.name)

    def require_any(self, caller: Principal, model: str, headers: Headers, peer: Peer) -> None:
        """The same for a caller who may nothing at all on that model, whether or not there is one of that name."""
        if not any(caller.may(scope, model) for scope in SCOPES):
            raise self.turned(
                Problem("P332", f"`{caller.name}` may nothing on this model"), "forbidden", peer, headers, caller.name
            )

    def begin(self, caller: Principal, headers: Headers, peer: Peer) -> str:
        """One request more of a caller that has a share; under which name `end` is to be told of it.

        Raises TurnedAwayError (P333).
        """
        shares = self.shares
        if shares is None:
            return ""
        name = caller.name if caller.kind != "anybody" else f"address:{self.client(headers, peer)}"
        if (over := shares.begin(name)) is not None:
            raise self._over(over, name, headers, peer)
        return name

    def rows(self, name: str, rows: int, headers: Headers, peer: Peer) -> None:
        """So many rows more under that name; raises TurnedAwayError (P333)."""
        if self.shares is not None and (over := self.shares.rows(name, rows)) is not None:
            raise self._over(over, name, headers, peer)

    def end(self, name: str) -> None:
        """The answer to a request that has begun under that name has left."""
        if self.shares is not None:
            self.shares.end(name)

    def _over(self, over: Over, name: str, headers: Headers, peer: Peer) -> TurnedAwayError:
        what = f"`{name}` has had its share of {over.what}: {over.limit}"
        retry = ((b"retry-after", b"%d" % max(ceil(over.retry_s), 1)),) if isfinite(over.retry_s) else ()
        hint = "" if retry else "ask for fewer rows at a time"
        return self.turned(Problem("P333", what, hint=hint), over.what, peer, headers, name, retry)

    def turned(
        self,
        problem: Problem,
        reason: Reason,
        peer: Peer,
        headers: Headers,
        who: str = "",
        also: tuple[tuple[bytes, bytes], ...] = (),
    ) -> TurnedAwayError:
        """The error of a request that is turned away; it is counted and written down."""
        self.count(reason)
        self.audit.refused(who, problem.what, self.client(headers, peer), reason)
        return TurnedAwayError(problem, reason, also)

    def _see(self, headers: Headers, peer: Peer, *, last: bool) -> Seen | None:
        try:
            return self._identity.see(headers, last=last)
        except UnfitError as error:
            raise self._unknown(str(error), headers, peer) from None

    def _by_certificate(self, headers: Headers, peer: Peer) -> Principal:
        known = peer.certificate
        if known is not None and self._clock() < known.until:
            return known.principal
        what = "this server wants to know who calls" if known is None else "the client certificate has expired"
        hint = "send `authorization: Bearer KEY`, with an API key or a token"
        challenge = ((b"www-authenticate", _CHALLENGE),)
        raise self.turned(Problem("P331", what, hint=hint), "unauthenticated", peer, headers, "", challenge)

    def _unknown(self, reason: str, headers: Headers, peer: Peer) -> TurnedAwayError:
        """A credential that is not taken; who tries again and again is told to wait."""
        wait_s = self._means.backoff.failed(self.client(headers, peer))
        if wait_s:
            problem = Problem("P333", "too many credentials from here were not taken")
            retry = ((b"retry-after", b"%d" % ceil(wait_s)),)
            return self.turned(problem, "backoff", peer, headers, "", retry)
        challenge = _CHALLENGE + b', error="invalid_token"'
        problem = Problem("P331", f"the credential is not taken: {reason}")
        return self.turned(problem, "unauthenticated", peer, headers, "", ((b"www-authenticate", challenge),))

    def attach(self, process: int) -> None:
        """This process counts in the part of that number; keys are fetched from now on."""
        if self.shares is not None:
            self.shares.attach(process)
        if self._means.tokens is not None:
            self._means.tokens.start()

    def look(self) -> None:
        """Called about once a second: what has changed on the disk counts from now on."""
        if self._means.keys is not None:
            self._means.keys.look()
        self.audit.turn()

    def close(self) -> None:
        """Nothing more is asked."""
        if self._means.tokens is not None:
            self._means.tokens.close()
        self.audit.flush()
