"""What a server keeps of its interactions, read back at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from trimtab.journal.interactions.decode import decode, interaction_of
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import Schema, column_schema
from trimtab.server.journal.recorder import Recorder
from trimtab.server.journal.settings import JournalSettings


class Names:
    def tag(self, _nonce, principal):
        return f"({principal})"

    def subject(self, value):
        return f"<{value}>"


class Scribe:
    """Keeps records in a list; `outcome` is what becomes of them, None: it is not known yet."""

    strict = False

    def __init__(self):
        self.records, self.outcome, self.waiting = [], "kept", []

    def keep(self, ended, later):
        self.records.append(ended if isinstance(ended, bytes) else self.make(*ended))
        if self.outcome is None:
            self.waiting.append(later)
        return self.outcome

    def hurry(self):
        """Nothing waits here for the end of a turn."""

    def count(self, what, number):
        """Of no matter here."""


class Kept:
    """The journal of a server in `laned.py`."""

    def __init__(self, server, signature, dropped=(), scribe=None, **settings):
        fields = (
            tuple(column_schema(one) for one in some if one.name not in dropped)
            for some in (signature.inputs, signature.outputs)
        )
        self.schema = Schema("m", server.endpoint.digest, *fields)
        self.scribe = scribe or Scribe()
        server.plane.recorder = Recorder(
            JournalSettings(Path("unused"), **settings), Names(),
            lambda _endpoint: Encoder(1, self.schema, {}, frozenset(dropped)), self.scribe,
        )  # fmt: skip

    def news(self):
        """What was kept since the last look, but for ids and times."""
        records, self.scribe.records = self.scribe.records, []
        found = (interaction_of(decode(record), self.schema) for record in records)
        return [
            (replace(one, id="", time=0.0, seconds=0.0, inputs={}, outputs={}), said(one.inputs), said(one.outputs))
            for one in found
        ]


def said(columns):
    """Columns as values that can be compared, to the last bit."""
    return columns and {
        name: (column.values.dtype.str, column.values.shape, column.values.tobytes(), column.missing is None)
        for name, column in columns.items()
    }
