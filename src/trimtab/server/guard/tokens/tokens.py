"""Who a JSON Web Token belongs to, by the keys of the issuer that it names (RFC 7519, RFC 8725).

A token chooses nothing but which of our issuers is asked: the algorithm, the keys and where they are fetched from are
the settings', whatever its header says.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from trimtab.core.errors import Problem, UserError
from trimtab.server.guard.principal import Known
from trimtab.server.guard.settings import ALGORITHMS, Issuer
from trimtab.server.guard.tokens.claims import good_until, principal_of, require_audience
from trimtab.server.guard.tokens.compact import take_apart
from trimtab.server.guard.tokens.fetching import Fetch, fetch_document
from trimtab.server.guard.tokens.keyring import Keyring, Told
from trimtab.server.guard.tokens.unfit import Unfit, UnfitError
from trimtab.server.logs import Log

__all__ = ["Tokens"]

_LONGEST: Final = 1 << 14  # characters of a token; the largest header that servers commonly take
_KEPT: Final = 8192  # callers that are known without asking their token again
_WAITERS: Final = 1000


class Tokens:
    """Checks tokens, on any thread and without ever waiting; keys are fetched on threads of their own."""

    def __init__(
        self,
        issuers: Sequence[Issuer],
        log: Log,
        *,
        fetch: Fetch = fetch_document,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is fetched yet. UserError P307 without the packages, ValueError for issuers that cannot be."""
        _require_packages()
        self.generation = 0
        self._clock = clock
        self._rings = {one.issuer: Keyring(one, log, fetch, monotonic, self._changed) for one in issuers}
        if len(self._rings) < len(issuers):
            raise ValueError("two issuers are the same")
        if not all(one.algorithm in ALGORITHMS for one in issuers):
            raise ValueError("an algorithm that is not a signature by a public key")
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[int, Known]] = OrderedDict()
        self._waiting = 0

    def start(self) -> None:
        """Fetch keys from now on; threads do not outlive a fork, so each process that serves calls this."""
        for ring in self._rings.values():
            ring.start()

    def close(self) -> None:
        """Fetch no more, and let nobody wait."""
        for ring in self._rings.values():
            ring.close()

    def check(self, token: str, *, last: bool = False) -> Known | Unfit | None:
        """Who it belongs to, or why it is not taken; None: its key is not there yet, so ask again `when_fresh`.

        last: whoever asks has waited already, and gets no None.
        """
        if len(token) > _LONGEST or not token.isascii():
            return Unfit("malformed")
        name = sha256(token.encode()).digest()  # so that no token stays in memory
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                if kept[0] == self.generation and self._clock() < kept[1].until:
                    self._kept.move_to_end(name)
                    return kept[1]
                del self._kept[name]
        generation = self.generation  # before the keys are looked at: what they say is void once they change
        try:
            known = self._verified(token, last=last)
        except UnfitError as error:
            return error.unfit
        if known is not None:
            with self._lock:
                self._kept[name] = (generation, known)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return known

    def when_fresh(self, told: Told) -> bool:
        """Have `told` called once, on any thread, perhaps this one, after the fetches that a None asked for.

        False: too many wait already, and it will not be called.
        """
        with self._lock:
            if self._waiting >= _WAITERS:
                return False
            self._waiting += 1
        left = len(self._rings) + 1

        def one_less() -> None:
            nonlocal left
            with self._lock:
                left -= 1
                if left:
                    return
                self._waiting -= 1
            told()

        # a None does not say which issuer it was about; those of whom nothing is wanted count at once
        for ring in self._rings.values():
            ring.when_fresh(one_less)
        one_less()
        return True

    def _verified(self, token: str, *, last: bool) -> Known | None:
        """As `check`; UnfitError. What costs least is asked first, and a token that is over makes nobody fetch."""
        parts = take_apart(token)
        claimed = parts.claims.get("iss")
        ring = self._rings.get(claimed) if isinstance(claimed, str) else None
        if ring is None:
            raise UnfitError("issuer")
        issuer = ring.issuer
        if parts.algorithm != issuer.algorithm:
            raise UnfitError("algorithm")
        until = good_until(parts.claims, issuer, self._clock())
        require_audience(parts.claims, issuer)
        principal = principal_of(parts.claims, issuer)
        key = ring.keys.find(parts.key)
        if key is not None and key.verify(parts.signed, parts.signature):
            return Known(principal, until)
        # where keys have no names, one that does not fit may as well be one that is not there yet
        if key is not None and (parts.key is not None or last):
            raise UnfitError("signature")
        if last:
            raise UnfitError("unknown key")
        ring.want()
        return None

    def _changed(self) -> None:
        with self._lock:
            self.generation += 1


def _require_packages() -> None:
    """Imported before the fork, once for all serving processes, and not when the first keys have come."""
    try:
        import joserfc.jwa  # and `cryptography` with it
        import joserfc.jwk  # noqa: F401
    except ImportError as error:
        what = f"tokens are checked by the package `{error.name}`, which is not installed"
        raise UserError(Problem("P307", what, "", "`pip install 'trimtab[auth]'`")) from None
