"""A journal to be asked in SQL: what is sealed and what is not yet, as the same tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from trimtab.core.closing import Closing
from trimtab.core.errors import OutsideError, Problem
from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.privacy.tombstones import forgotten
from trimtab.journal.query.answer import Answer
from trimtab.journal.query.duck import Duck, DuckSettings
from trimtab.journal.query.joined import joined
from trimtab.journal.query.shapes import union
from trimtab.journal.query.sources import EVER, Period, Sources, sources, start_of
from trimtab.journal.query.tables import BASE, JOINED, Footers, base_of, parts_of_files
from trimtab.journal.query.unsealed import Unsealed, read_unsealed
from trimtab.journal.query.where import Condition, parse_condition
from trimtab.journal.truth.join import Policy

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Names", "OpenJournal", "Wanted", "open_journal"]

T = TypeVar("T")
_NEEDS: Final = {JOINED: ("interactions", "truth", "feedback")}
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which interactions files are read at all; what is not sealed yet may hold others as well.

    truth: which of contradicting truths counts.
    """

    period: Period = EVER
    endpoint: str = ""
    truth: Policy = "last"


class Names(Protocol):
    """What the keys of a journal are asked for here."""

    def token(self, column: str, value: object) -> str:
        """What a value is called in a tokenised column."""

    def subject(self, value: object) -> str:
        """What a person is called."""


class OpenJournal(Closing):
    """The journal as it was when it was opened, or last refreshed.

    Tables: `interactions`, a row for each row of a request; `truth` and `feedback` as they were said; `gaps`, what was
    not kept; `joined`, the interactions with what is known of them by now.
    damage: what could not be read, each with its place. error: what a fault in a query is.
    """

    def __init__(self, folder: Folder, wanted: Wanted | None = None, settings: DuckSettings | None = None) -> None:
        """Segments are opened, and nothing is read yet."""
        self.folder = folder
        self.damage: list[str] = []
        self.wanted = wanted or Wanted()
        self._duck = Duck(settings)
        self.error = self._duck.error
        self._own: tuple[str, ...] = ()
        self._footers = Footers()
        self._held = ExitStack()
        self.sources = Sources()
        self._unsealed: Unsealed | None = None
        self._views: dict[str, Mapping[str, Any]] = {}
        try:
            self.refresh()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets go of segments, files and memory."""
        self._held.close()
        self._duck.close()

    def refresh(self) -> None:
        """What there is now, from here on."""
        self._held.close()
        if self._unsealed is not None:
            self._duck.drop(self._unsealed.names)
        self._unsealed, self._views, self.damage = None, {}, []
        self.sources = self._held.enter_context(sources(self.folder, self.wanted.period, self.wanted.endpoint))

    def sql(self, query: str, **tables: Any) -> Answer:
        """The answer to a query, asked when its rows are wanted. tables: frames that the query names."""
        for name, rows in tables.items():
            if name in BASE or name == JOINED:
                raise ValueError(f"`{name}` is a table of the journal")
            self._duck.register(name, rows)
        return Answer(query, self.asked)

    def know(self, names: Names) -> None:
        """Lets queries say what the journal calls things: `in_customer = token('customer', 'x')`, `subject('x')`."""
        self._duck.function("token", names.token, 2)
        self._duck.function("subject", names.subject, 1)
        self._own = ("token", "subject")

    def condition(self, text: str) -> Condition:
        """A condition that somebody typed; UserError P932 for anything else."""
        return parse_condition(self._duck, text, self._own)

    def columns(self, table: str = "interactions") -> Mapping[str, Any]:
        """The columns of a table with their Arrow types."""
        return self.asked((table,), lambda _: self._views[table])

    def recent(self, view: str, days: int | None) -> tuple[Mapping[str, Any], int | None]:
        """A view of the interactions of the newest days, and of what is not sealed, for use within `asked`.

        Its columns, and since when it has all there is, in microseconds since 1970; None: it has all.
        """
        files = self.sources.files.get("interactions", ())
        known = list(dict.fromkeys(path.parent.name for path in files))
        chosen = frozenset(known[:days])
        columns = self._create(view, "interactions", [path for path in files if path.parent.name in chosen])
        return columns, None if days is None or len(known) <= days else start_of(known[days - 1])

    def asked(self, tables: Iterable[str], ask: Callable[[Duck], T]) -> T:
        """What `ask` gives when these tables are there; asked again where a file has gone meanwhile."""
        for _ in range(_TRIES):
            try:
                for table in tables:
                    self._need(table)
                return ask(self._duck)
            except (self.error, OSError):
                if not self.sources.is_stale():
                    raise
            self.refresh()
        what = f"files of the journal went away while they were read, {_TRIES} times"
        raise OutsideError(Problem("P939", what, str(self.folder.path), "try again"))

    def _need(self, table: str) -> None:
        """The table is there from now on."""
        if table in self._views:
            return
        for other in _NEEDS.get(table, ()):
            self._need(other)
        if table == JOINED:
            query, self._views[table] = joined(self._duck, self._views["interactions"], self.wanted.truth)
            self._duck.run(f"CREATE OR REPLACE TEMP VIEW {JOINED} AS {query}")
        else:
            self._views[table] = self._create(table, table, self.sources.files.get(table, ()))

    def _create(self, view: str, table: str, files: Iterable[Path]) -> Mapping[str, Any]:
        """A view of some files of a table, and of what is not sealed."""
        sealed, damage = parts_of_files(files, self._footers)
        self.damage += [one for one in damage if one not in self.damage]
        query, columns = union([*sealed, *self.unsealed().parts.get(table, ())], base_of(table))
        self._duck.run(f"CREATE OR REPLACE TEMP VIEW {view} AS {query}")
        return columns

    def unsealed_rows(self) -> Iterator[pa.Table]:
        """Interaction and row of all that is not sealed."""
        for part in self.unsealed().parts.get("interactions", ()):
            yield self._duck.table(f"SELECT id, row FROM {part.source}")  # noqa: S608 - a name of ours

    def unsealed(self) -> Unsealed:
        """What is not sealed, read once."""
        if self._unsealed is None:
            self._unsealed = read_unsealed(
                self.sources.segments, self._duck.load, self.wanted.endpoint, forgotten(self.folder)
            )
            self.damage += self._unsealed.damage
        return self._unsealed


def open_journal(
    folder: str | Path = "journal",
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    endpoint: str = "",
    truth: Policy = "last",
    memory: str = "1GiB",
) -> OpenJournal:
    """The journal in a folder, to be asked in SQL; it may be written to meanwhile, by any number of servers.

    since, until, endpoint: files of other days and endpoints are not read. truth: which of contradicting truths counts,
    the last, the first or none. memory: what a query may take before it goes on on the disk.
    """
    period = Period(*(None if time is None else time.timestamp() for time in (since, until)))
    found = open_folder(Path(folder), create=False)
    return OpenJournal(found, Wanted(period, endpoint, truth), DuckSettings(memory))
