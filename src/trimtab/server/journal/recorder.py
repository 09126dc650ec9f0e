"""Interactions of one serving process: their ids, which of them are kept, and what of them."""

from __future__ import annotations

import itertools
import random
import secrets
from collections.abc import Callable, Iterator
from functools import lru_cache
from time import time
from typing import Any, Final, Protocol

from trimtab.core.interactions import ANONYMOUS
from trimtab.core.table import Table
from trimtab.journal.interactions.encode import Encoder, Facts
from trimtab.server.endpoint import Endpoint
from trimtab.server.guard.principal import ANYBODY, Principal
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.scribe import Later, Scribe
from trimtab.server.journal.settings import JournalSettings
from trimtab.server.journal.trail import Trail, name_of

__all__ = ["Names", "Recorder", "Short"]

_OK: Final = 200
_FAILED: Final = 400
_MICROS: Final = 1_000_000
_KNOWN: Final = 4096  # callers and subjects whose names are remembered


class Names(Protocol):
    """How callers and people are called in the journal; see `Keys`."""

    def tag(self, nonce: str, principal: str) -> str:
        """What shows that an id was given to this caller."""

    def subject(self, value: object) -> str:
        """The name of whom a row is about."""


class Short:
    """Records of one caller's questions to one model, where columns are kept as they are; on the loop's thread."""

    __slots__ = ("_count", "_dialect", "_encoder", "_more", "_prefix", "scribe")

    def __init__(
        self, encoder: Encoder, dialect: str, ids: tuple[str, Iterator[int]], more: Facts, scribe: Scribe
    ) -> None:
        """ids: what they begin with, and their count. more: facts that are the same for all."""
        self._encoder, self._dialect, self._more = encoder, dialect, more
        self._prefix, self._count = ids
        self.scribe = scribe

    def next_id(self) -> str:
        """Of the next question. Raises OverloadedError P350 as `Recorder.begin` does."""
        if self.scribe.strict:
            self.scribe.require()
        return f"{self._prefix}{next(self._count):x}"

    def record(self, own_id: str, seconds: float, rows: int, inputs: bytes, output: bytes) -> bytes:
        """Of a question that has its answer; inputs: one column after the other."""
        begun = int((time() - seconds) * _MICROS)
        facts = (own_id, begun, int(seconds * _MICROS), _OK, rows, self._dialect, *self._more)
        return self._encoder.pack(facts, inputs, output)


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

    def short(
        self, caller: Principal, endpoint: Endpoint, dialect: str, request_id: str, of: tuple[Any, Any]
    ) -> Short | None:
        """Makes the records of that caller quickly; None where the journal does not keep all there is of each.

        request_id: what all of them are called. of: the dtypes of its inputs and of its output.
        """
        encoder = self._encoder_of(endpoint)
        if not self._whole or self._subject or not encoder.plain(*of):
            return None
        name = ANONYMOUS if caller is ANYBODY else name_of(caller)
        more = (name, request_id, "", 1.0, None) if name or request_id else ()
        return Short(encoder, dialect, (self._prefix(name), self._count), more, self.scribe)

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
        encoder = self._encoder_of(trail.endpoint)
        table = trail.table
        subjects = self._subjects(table) if self._subject and table is not None else None
        facts: Facts = (
            trail.id, int((time() - seconds) * _MICROS), int(seconds * _MICROS), status,
            0 if table is None else table.height, trail.dialect,
        )  # fmt: skip
        if trail.arm:
            facts += (
                trail.principal, trail.request_id, trail.error, share, subjects, trail.arm, trail.probability,
            )  # fmt: skip
        elif trail.principal or trail.request_id or trail.error or subjects or share < 1.0:
            facts += (trail.principal, trail.request_id, trail.error, share, subjects)
        return encoder(facts, table, trail.outputs if trail.parts is None else trail.whole())

    def _encoder_of(self, endpoint: Endpoint) -> Encoder:
        found = self._encoders.get(endpoint)
        if found is None:
            found = self._encoders[endpoint] = self._encoder(endpoint)
        return found

    def _subjects(self, table: Table) -> list[str] | None:
        column = table.columns.get(self._subject)
        if column is None:
            return None
        names = [self._named(value) for value in column.values.tolist()]
        if column.missing is not None:
            for row in column.missing.nonzero()[0].tolist():
                names[row] = ""
        return names
