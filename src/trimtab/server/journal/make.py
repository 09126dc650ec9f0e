"""The journal of a server: looked at before it listens, opened in each of its processes."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.signature import Field, Signature
from trimtab.journal.folder import ROTATE, Folder, open_folder
from trimtab.journal.interactions.encode import Encoder
from trimtab.journal.interactions.schema import ColumnSchema, Schema, column_schema
from trimtab.journal.privacy.apply import kept_field, protector
from trimtab.journal.privacy.keyfile import secret_in
from trimtab.journal.privacy.keys import Keys, open_keys
from trimtab.journal.privacy.policies import policies_of
from trimtab.journal.privacy.policy import Policy
from trimtab.journal.segments.writer import UNSYNCED, Rotation, Writer
from trimtab.server.endpoint import Endpoint, ServedBundle
from trimtab.server.journal.recorder import Recorder
from trimtab.server.journal.scribe import Count, Scribe, Way
from trimtab.server.journal.settings import JournalSettings
from trimtab.server.logs import Log

__all__ = ["Journal", "schema_of"]

_SEGMENT: Final = 64 * 2**20


class Journal:
    """What all processes of a server have in common of its journal."""

    def __init__(self, settings: JournalSettings) -> None:
        """The folder and its keys are made; OutsideError and UserError P90x, P95x where they cannot be used."""
        self.settings = settings
        self.folder: Folder = open_folder(settings.folder)
        self.keys: Keys = open_keys(self.folder, None if settings.secret is None else secret_in(settings.secret))

    def check(self, bundles: Mapping[str, ServedBundle]) -> None:
        """That every policy fits a column of one of the bundles, and the subject is one; UserError with all faults."""
        problems: list[Problem] = []
        known: set[str] = set()
        for bundle in bundles.values():
            names = [field.name for field in (*bundle.signature.inputs, *bundle.signature.outputs)]
            known.update(names)
            said = {name: text for name, text in self.settings.columns.items() if name in names}
            try:
                policies_of(bundle.signature, bundle.privacy(), said)
            except UserError as error:
                problems += error.problems
        named = [("columns", name) for name in self.settings.columns]
        named += [("subject", self.settings.subject)] if self.settings.subject else []
        problems += [
            Problem(
                "P355", f"no model has a column `{name}`", f"trimtab.toml server.log.{key}", did_you_mean(name, known)
            )
            for key, name in named
            if name not in known
        ]
        if problems:
            raise UserError(*problems)

    def open(self, loop: AbstractEventLoop, count: Count, log: Log) -> Recorder:
        """The recorder of this process; after everything that it forks is forked."""
        settings = self.settings
        unsynced = UNSYNCED if settings.mode == "synced" else 0
        writer = Writer(self.folder, Rotation(_SEGMENT, settings.rotate_s), unsynced=unsynced)
        scribe = Scribe(
            _Pen(writer, self.folder.segments / ROTATE), Way(settings.mode, settings.on_fault), loop, count, log
        )
        return Recorder(settings, self.keys, lambda endpoint: self._encoder(endpoint, writer), scribe)

    def _encoder(self, endpoint: Endpoint, writer: Writer) -> Encoder:
        signature, bundle = endpoint.signature, endpoint.bundle
        names = {field.name for field in (*signature.inputs, *signature.outputs)}
        said = {name: text for name, text in self.settings.columns.items() if name in names}
        policies = policies_of(signature, bundle.privacy(), said)
        schema = schema_of(endpoint.name, endpoint.digest, signature, policies)
        protect = {
            field.name: protector(field, policies[field.name], self.keys)
            for field in (*signature.inputs, *signature.outputs)
            if policies[field.name].kind != "keep"
        }
        dropped = frozenset(name for name, policy in policies.items() if policy.kind == "drop")
        return Encoder(writer.declare(schema.to_json()), schema, protect, dropped)


class _Pen:
    """A writer that also ends its segment when somebody asks all writers for it."""

    def __init__(self, writer: Writer, asked: Path) -> None:
        """asked: a file that is touched by whoever wants that."""
        self._asked = asked
        self._seen = self._touched()
        self.write, self.sync, self.flush, self.close = writer.write, writer.sync, writer.flush, writer.close
        self._turn, self._rotate = writer.turn, writer.rotate

    def turn(self) -> None:
        seen = self._touched()
        if seen != self._seen:
            self._seen = seen
            self._rotate()
        self._turn()

    def _touched(self) -> int:
        try:
            return self._asked.stat().st_mtime_ns
        except FileNotFoundError:
            return 0


def schema_of(endpoint: str, revision: str, signature: Signature, policies: Mapping[str, Policy]) -> Schema:
    """What is kept of the columns."""
    outputs = _kept(signature.outputs, policies) if signature.outputs else None
    return Schema(endpoint, revision, _kept(signature.inputs, policies), outputs)


def _kept(fields: tuple[Field, ...], policies: Mapping[str, Policy]) -> tuple[ColumnSchema, ...]:
    kept = ((kept_field(field, policies[field.name]), policies[field.name]) for field in fields)
    return tuple(column_schema(field, str(policy)) for field, policy in kept if field is not None)
