"""The keys of one issuer, kept fresh by a thread of their own; whoever checks a token only looks at them.

1. A set is fetched anew when its time is over, and sooner when somebody wants a key that is not in it.
2. What is wanted is fetched at most once in two seconds, and whoever wants it waits for a fetch that begins after that.
3. A fetch that fails is tried again, later each time; keys that were fetched stay good, and the log says so once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from math import inf
from typing import Final, TypeAlias

from trimtab.server.guard.settings import Issuer
from trimtab.server.guard.tokens.fetching import Fetch
from trimtab.server.guard.tokens.jwks import NOTHING, KeySet, address_of, discovery_of, read_keys, require_https
from trimtab.server.logs import Log, describe

__all__ = ["Keyring", "Told"]

Told: TypeAlias = Callable[[], None]

_UNSAID_S: Final = 300.0
_SHORTEST_S, _LONGEST_S = 60.0, 3600.0
_SPACE_S: Final = 2.0  # between two fetches that somebody wants
_BACK_OFF_S: Final = 60.0
_PATIENCE_S: Final = 5.0  # the longest that somebody waits for another try
_DISCOVERED_S: Final = 3600.0  # for how long an address holds that was discovered


class Keyring:
    """One issuer's keys; `keys` is always a whole set, as it was fetched last."""

    def __init__(
        self, issuer: Issuer, log: Log, fetch: Fetch, monotonic: Callable[[], float], changed: Callable[[], None]
    ) -> None:
        """Nothing is fetched yet; changed: called after `keys` has become another set. ValueError without https."""
        require_https(issuer.jwks or issuer.issuer)
        self.issuer = issuer
        self.keys: KeySet = NOTHING
        self._log, self._fetch, self._monotonic, self._changed = log, fetch, monotonic, changed
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._tried = False  # whether any fetch has been done, or has failed
        self._wanted = self._fetching = False
        self._next: list[Told] = []  # wait for a fetch that has not begun
        self._now: list[Told] = []  # wait for the one under way
        self._since = self._due = -inf  # since: when the last fetch began or failed
        self._failures = 0
        self._address, self._address_until = issuer.jwks, inf if issuer.jwks else -inf

    def start(self) -> None:
        """Fetch from now on, on a daemon thread."""
        threading.Thread(target=self._run, name=f"trimtab-keys-{self.issuer.name}", daemon=True).start()

    def close(self) -> None:
        """Fetch no more, and let nobody wait; a fetch under way is not waited for."""
        with self._lock:
            self._closed = True
            told, self._next, self._now = self._next + self._now, [], []
        self._wake.set()
        self._tell(told)

    def want(self) -> None:
        """A key is missing: fetch soon. The first fetch of all will do for whoever came while it was under way."""
        with self._lock:
            if self._fetching and not self._tried:
                return
            self._wanted = True
        self._wake.set()

    def when_fresh(self, told: Told) -> None:
        """Called once, after a fetch that began after the last `want`; at once where there is none to wait for."""
        with self._lock:
            waiting = self._next if self._wanted else self._now if self._fetching else None
            if waiting is not None and not self._closed:
                waiting.append(told)
                return
        self._tell([told])

    def turn(self) -> float:
        """Fetch if it is time; for how many seconds there is nothing to do now, unless somebody wants a key."""
        wait_s = self._due_in()
        if wait_s > 0:
            return wait_s
        with self._lock:
            self._wanted, self._fetching = False, True
            self._now, self._next = self._next, []
        self._since = self._monotonic()
        try:
            self._fetch_keys()
        finally:
            with self._lock:
                self._fetching, self._tried = False, True
                told, self._now = self._now, []
            self._tell(told)
        return self._due_in()

    def _run(self) -> None:
        while not self._closed:
            self._wake.wait(self.turn())
            self._wake.clear()

    def _due_in(self) -> float:
        due = self._due
        if self._wanted:
            due = min(due, self._since + (_PATIENCE_S if self._failures else _SPACE_S))
        return max(due - self._monotonic(), 0.0)

    def _fetch_keys(self) -> None:
        try:
            age_s = self._take()
        except (OSError, ValueError) as error:
            self._failed({"why": str(error)[:200]})
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the thread: keys would never be fresh again
            self._failed(describe(error))
        else:
            if self._failures:
                self._log("keys fetched again", {"level": "info", "issuer": self.issuer.name, "tries": self._failures})
            self._failures = 0
            self._due = self._monotonic() + age_s

    def _failed(self, said: dict[str, str]) -> None:
        if not self._failures:
            self._log("keys not fetched", {"level": "warning", "issuer": self.issuer.name, **said})
        if not self.issuer.jwks:
            self._address_until = -inf  # perhaps they have moved
        self._since = self._monotonic()
        self._due = self._since + min(2.0**self._failures, _BACK_OFF_S)
        self._failures = min(self._failures + 1, 1000)

    def _take(self) -> float:
        """Fetch the set, and its address where that is not known; for how many seconds it is good."""
        issuer = self.issuer
        if self._monotonic() > self._address_until:
            document = self._fetch(discovery_of(issuer.issuer), issuer.authorities)
            self._address = address_of(document.body, issuer.issuer)
            self._address_until = self._monotonic() + _DISCOVERED_S
        fetched = self._fetch(self._address, issuer.authorities)
        found = read_keys(fetched.body, issuer.algorithm)
        if found != self.keys:
            self.keys = found
            self._changed()
            about = {"keys": len(found.named) or int(found.only is not None), "left_out": found.left_out}
            level = "info" if about["keys"] else "warning"
            self._log("keys changed", {"level": level, "issuer": issuer.name, **about})
        age_s = _UNSAID_S if fetched.max_age_s is None else fetched.max_age_s
        return min(max(age_s, _SHORTEST_S), _LONGEST_S)

    def _tell(self, waiting: list[Told]) -> None:
        for told in waiting:
            try:
                told()
            except Exception as error:  # noqa: BLE001 - whoever waited may have gone; the others wait still
                self._log("not told of keys", {"level": "error", **describe(error)})
