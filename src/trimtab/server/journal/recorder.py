"""Interactions of one serving process: their ids, which of them are kept, and what of them."""

from __future__ import annotations

import itertools
import random
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol

from trimtab.core.interactions import ANONYMOUS
from trimtab.core.table import Table
from trimtab.journal.interactions.encode import Encoder, Facts
from trimtab.server.endpoint import Endpoint
from trimtab.server.guard.principal import ANYBODY, Principal
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.scribe import Later, Scribe
from trimtab.server.journal.settings import JournalSettings
from trimtab.server.journal.trail import Trail, name_of

__all__ = ["Names", "Recorder"]

_FAILED: Final = 400
_MICROS: Final = 1_000_000
_KNOWN: Final = 4096  # callers and subjects whose names are remembered


class Names(Protocol):
    """How callers and people are called in the journal; see `Keys`."""

    def tag(self, nonce: str, principal: str) -> str:
        """What shows that an id was given to this caller."""

    def subject(self, value: object) -> str:
        """The name of whom a row is about."""


class Recorder:
    """Everything on the loop's thread, but `begin`."""

    def __init__(
        self,
        settings: JournalSettings,
        names: Names,
        encoder: Callable[[Endpoint], Encoder],
        scribe: Scribe,
    ) -> None:
        """encoder: of an endpoint; asked once for each."""
        self._settings = settings
        self._subject = settings.subject
        self._whole = min(settings.interactions, settings.errors) >= 1.0
        self._encoder = encoder
        self.scribe = scribe
        scribe.make = self._record
        self._encoders: dict[Endpoint, Encoder] = {}
        self._chance = random.Random(secrets.randbits(64)).random  # noqa: S311 - for a sample, not for a secret
        nonce = secrets.token_hex(6)
        self._prefix = lru_cache(_KNOWN)(lambda principal: f"{nonce}{names.tag(nonce, principal)}-")
        self._anonymous = self._prefix(ANONYMOUS)
        self._named = lru_cache(_KNOWN, typed=True)(names.subject)
        self._count = itertools.count()

    def begin(self, caller: Principal, endpoint: Endpoint, dialect: str) -> Trail:
        """The trail of a question, with an id that shows whose it is; any thread may ask.

        Raises OverloadedError P350 where nothing leaves without a record, and none can be written just now.
        """
        if self.scribe.strict:
            self.scribe.require()
        if caller is ANYBODY:
            return Trail(f"{self._anonymous}{next(self._count):x}", endpoint, dialect, ANONYMOUS)
        name = name_of(caller)
        return Trail(f"{self._prefix(name)}{next(self._count):x}", endpoint, dialect, name)

    def end(self, trail: Trail, status: int, seconds: float, later: Later) -> Outcome | None:
        """The question has its answer, which may leave; None where it waits for its record: `later` is told then."""
        if trail.ended:
            return "kept"
        trail.ended = True
        share = 1.0
        if not self._whole:
            share = self._settings.interactions if status < _FAILED else self._settings.errors
            if self._chance() >= share:
                self.scribe.count("left out", 1)
                return "kept"
        return self.scribe.keep((trail, status, seconds, share), later)

    def _record(self, trail: Trail, status: int, seconds: float, share: float) -> bytes:
        """See `decode.py` for the order of the facts; what is as it mostly is, at the end, is left away."""
        encoder = self._encoders.get(trail.endpoint)
        if encoder is None:
            encoder = self._encoders[trail.endpoint] = self._encoder(trail.endpoint)
        table = trail.table
        subjects = self._subjects(table) if self._subject and table is not None else None
        facts: Facts = (
            trail.id, int((time.time() - seconds) * _MICROS), int(seconds * _MICROS), status,
            0 if table is None else table.height, trail.dialect,
        )  # fmt: skip
        if trail.arm:
            facts += (
                trail.principal, trail.request_id, trail.error, share, subjects, trail.arm, trail.probability,
            )  # fmt: skip
        elif trail.principal or trail.request_id or trail.error or subjects or share < 1.0:
            facts += (trail.principal, trail.request_id, trail.error, share, subjects)
        return encoder(facts, table, trail.outputs if trail.parts is None else trail.whole())

    def _subjects(self, table: Table) -> list[str] | None:
        column = table.columns.get(self._subject)
        if column is None:
            return None
        names = [self._named(value) for value in column.values.tolist()]
        if column.missing is not None:
            for row in column.missing.nonzero()[0].tolist():
                names[row] = ""
        return names
