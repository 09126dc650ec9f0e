"""DuckDB behind one door: nothing is downloaded, memory has a bound, what spills to disk is private and goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trimtab.core.closing import Closing
from trimtab.core.errors import Problem, UserError
from trimtab.core.ownfolder import OwnFolder

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["Duck", "DuckSettings", "micros_of", "moment_of", "name_of", "no_extra", "text_of"]

# the extensions of the wheel are enough: anything else would be fetched from elsewhere, or was put there by others
_CONFIG: Final = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",  # a name that is mistyped must not find a variable of ours
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INCOMING: Final = "incoming_rows"
_BATCH_ROWS: Final = 64 * 1024
_SPILL: Final = "trimtab-query-"  # where a query goes on when its memory is full: what is there is what was logged


@dataclass(frozen=True, slots=True)
class DuckSettings:
    """memory: what queries may hold before they spill. threads: None for one a core.

    folders: when given, nothing outside of them can be read or written, and no setting can be changed any more.
    """

    memory: str = "1GiB"
    threads: int | None = None
    folders: tuple[Path, ...] | None = None


class Duck(Closing):
    """One connection, in memory."""

    def __init__(self, settings: DuckSettings | None = None) -> None:
        """Raises UserError P930 where the extra `log` is not installed."""
        settings = settings or DuckSettings()
        try:
            import duckdb
            import pyarrow as pa  # noqa: F401  # everything that comes out comes through it
        except ImportError as error:
            raise no_extra(error) from error
        self._error = duckdb.Error
        self._spill = OwnFolder(_SPILL)
        config: dict[str, Any] = _CONFIG | {"memory_limit": settings.memory, "temp_directory": str(self._spill.path)}
        if settings.threads is not None:
            config["threads"] = str(settings.threads)
        try:
            self._connection = duckdb.connect(":memory:", config=config)
            self._prepare(settings)
        except BaseException:
            self._spill.remove()
            raise

    def _prepare(self, settings: DuckSettings) -> None:
        self.run("SET TimeZone = 'UTC'")
        if settings.folders is not None:
            listed = ", ".join(text_of(f"{folder}/") for folder in (*settings.folders, self._spill.path))
            self.run(f"SET allowed_directories = [{listed}]")
            self.run("SET enable_external_access = false")
            self.run("SET lock_configuration = true")

    def close(self) -> None:
        """Lets go of everything, spilled files too."""
        self._connection.close()
        self._spill.remove()

    def register(self, name: str, rows: Any) -> None:
        """Arrow rows, a frame, or whatever hands out an Arrow stream as often as it is asked, as a table."""
        self._connection.register(name, rows)

    def load(self, name: str, rows: Any) -> None:
        """Rows into a table of DuckDB's own, made if it is not there: it may go on on the disk, and `rows` may go."""
        self.register(_INCOMING, rows)
        try:
            self.run(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS FROM {_INCOMING} LIMIT 0")
            self.run(f"INSERT INTO {name} FROM {_INCOMING}")
        finally:
            self.unregister([_INCOMING])

    def drop(self, names: Iterable[str]) -> None:
        """Tables that were loaded, no more."""
        for name in names:
            self.run(f"DROP TABLE {name}")

    def unregister(self, names: Iterable[str]) -> None:
        """Tables that were registered, no more."""
        for name in names:
            self._connection.unregister(name)

    def function(self, name: str, function: Any, arguments: int) -> None:
        """A function of texts that gives a text."""
        self._connection.create_function(name, function, ["VARCHAR"] * arguments, "VARCHAR")

    def run(self, sql: str) -> None:
        """A statement without an answer."""
        self._connection.execute(sql).fetchall()

    def relation(self, sql: str, parameters: Mapping[str, Any] | None = None) -> duckdb.DuckDBPyRelation:
        """What a query gives, which is asked for only when its rows are wanted."""
        if parameters:
            return self._connection.sql(sql, params=dict(parameters))
        return self._connection.sql(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a short answer."""
        return self._connection.sql(sql).fetchall()

    def table(self, sql: str) -> pa.Table:
        """The whole answer."""
        relation: Any = self._connection.sql(sql)
        return relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.fetch_arrow_table()

    def batches(self, sql: str, rows: int = _BATCH_ROWS) -> pa.RecordBatchReader:
        """The answer bit by bit; to be read to its end, or closed, before the next question."""
        relation: Any = self._connection.sql(sql)
        if hasattr(relation, "to_arrow_reader"):
            return relation.to_arrow_reader(rows)
        return relation.fetch_arrow_reader(rows)

    @property
    def error(self) -> type[Exception]:
        """What every fault of a query is."""
        return self._error


def micros_of(times: pa.ChunkedArray | pa.Array) -> list[int]:
    """Times in microseconds since 1970; as objects of Python they would need pandas, which takes its time to come."""
    found: list[int] = times.cast("int64").to_pylist()
    return found


def moment_of(micros: int) -> datetime:
    """The inverse, of one time."""
    return _EPOCH + timedelta(microseconds=micros)


def no_extra(error: ImportError) -> UserError:
    """P930: what reads a journal is not installed."""
    hint = "pip install 'trimtab[log]'"
    return UserError(Problem("P930", f"asking a journal needs `{error.name}`", hint=hint))


def text_of(value: str) -> str:
    """A text as SQL has it."""
    return "'" + value.replace("'", "''") + "'"


def name_of(value: str) -> str:
    """A name as SQL has it."""
    return '"' + value.replace('"', '""') + '"'
