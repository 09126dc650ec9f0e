"""Requests and answers of both arms in a journal: one column `request` and one `answer`, as the JSON that passed."""

from __future__ import annotations

import secrets
import time
from asyncio import AbstractEventLoop
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.table import Column, Table
from trimtab.journal.folder import open_folder
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import ColumnSchema, Schema
from trimtab.journal.segments.writer import Rotation, Writer
from trimtab.server.gateway.around import Ended
from trimtab.server.journal.scribe import Scribe, Way
from trimtab.server.logs import Log

__all__ = ["Keeping"]

_MICROS: Final = 1e6
_REQUEST_ID: Final = b"x-request-id"
_CODES: Final = {"refused": "P372", "closed": "P373", "malformed": "P373", "late": "P374", "full": "P378"}
_INPUTS: Final = (ColumnSchema("request", "BYTES"),)
_OUTPUTS: Final = (ColumnSchema("answer", "BYTES"),)


class Keeping:
    """A `Listens`. As a server's journal in mode `sent`: a killed gateway loses the last moments; no answer waits."""

    def __init__(self, folder: Path, endpoint: str, loop: AbstractEventLoop, log: Log) -> None:
        """The folder is made; raises OutsideError and UserError P90x where it cannot be used."""
        self._endpoint = endpoint
        self._writer = Writer(open_folder(folder), Rotation())
        self._encoders: dict[str, Encoder] = {}
        self._nonce, self._count = secrets.token_hex(12), count()
        self.lost = 0
        self._scribe = Scribe(self._writer, Way("sent"), loop, self._counted, log)
        self._scribe.make = self._record

    def _counted(self, what: str, number: int) -> None:
        self.lost += number if what == "lost" else 0

    def ended(self, ended: Ended) -> None:
        """Keep it, if it asked a model something: what only reads is left out."""
        if ended.http.method == b"POST":
            self._scribe.keep((_Named(f"{self._nonce}-{next(self._count):x}", ended), 0, 0.0, 1.0), _nothing)  # type: ignore[arg-type]

    def _record(self, named: _Named, *_of_others: float) -> bytes:
        ended = named.ended
        revision = str(ended.side.backend)
        encoder = self._encoders.get(revision)
        if encoder is None:
            schema = Schema(self._endpoint, revision, _INPUTS, _OUTPUTS)
            encoder = Encoder(self._writer.declare(schema.to_json()), schema, {}, frozenset())
            self._encoders[revision] = encoder
        asked = _text(ended.request) if b"json" in ended.http.headers.get(b"content-type", b"json") else None
        answered = _text(ended.answer) if ended.json else None
        facts = (
            named.id, int((time.time() - ended.seconds) * _MICROS), int(ended.seconds * _MICROS), ended.status,
            int(asked is not None), "gateway", "", ended.http.headers.get(_REQUEST_ID, b"").decode("latin-1"),
            _CODES.get(ended.error, ""), 1.0, None, ended.side.arm, ended.probability,
        )  # fmt: skip
        table = None if asked is None else Table({"request": Column(asked)}, 1)
        return encoder(facts, table, None if answered is None else {"answer": answered})

    def look(self) -> None:
        """To be called twice a second."""
        self._scribe.look()

    def close(self) -> None:
        """Write what waits."""
        self._scribe.close()


class _Named:
    """What is to be kept, under its id."""

    __slots__ = ("ended", "id")

    def __init__(self, own_id: str, ended: Ended) -> None:
        self.id, self.ended = own_id, ended


def _nothing(_outcome: object) -> None:
    """The answer has left already."""


def _text(body: bytes | None) -> Array | None:
    """One row of text; None for what is not kept: too long, or no UTF-8, as binary numbers behind JSON."""
    if not body:
        return None
    try:
        return np.array([body.decode()], dtype=object)
    except UnicodeDecodeError:
        return None
