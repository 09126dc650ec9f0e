"""Answered rows as a file to train from: inputs under their own names, what was predicted, what turned out to be so.

Rows come by time, id and row, so that the same journal gives the same file, which is there as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import Replacement
from trimtab.journal.query.columns import unknown
from trimtab.journal.query.duck import Duck, micros_of, moment_of, name_of
from trimtab.journal.query.exported import Cell, WithTruth, exported, truths_of
from trimtab.journal.query.faults import asking
from trimtab.journal.query.filter import FAILED, SEEN, Filter, ordered
from trimtab.journal.query.session import OpenJournal
from trimtab.journal.query.shapes import names_in_sql
from trimtab.journal.query.sink import SUFFIXES, open_sink
from trimtab.journal.query.sources import INTERACTIONS
from trimtab.journal.query.tables import JOINED

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Exported", "Exporting", "export"]

_MODE: Final = 0o600  # what people sent is nobody's but the owner's
_NAMED: Final = 10  # endpoints that a hint names


@dataclass(frozen=True, slots=True)
class Exporting:
    """Which rows, and what of them. only_inputs: a sample for packaging."""

    filter: Filter = field(default_factory=Filter)
    truth: WithTruth = "optional"
    feedback: bool = False
    only_inputs: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. with_truth: rows of which a truth is known, None where nobody asked. first, last: of the rows.

    moved: columns by the name that an input had taken, with the name that they have instead.
    """

    endpoint: str
    rows: int
    with_truth: int | None
    first: datetime
    last: datetime
    moved: dict[str, str]


def export(journal: OpenJournal, where: str, target: Path, wanted: Exporting) -> Exported:
    """Write the answered rows of one endpoint. where: a condition on `joined`, as somebody typed it, or empty.

    UserError P932 to P936 with all that is wrong; OutsideError P937 to P939 where something outside fails.
    """
    problems = _target_problems(target, overwrite=wanted.overwrite)
    condition = None
    try:
        condition = journal.condition(where) if where else None
    except UserError as error:
        problems += error.problems
    if problems:
        raise UserError(*problems)
    wanted = replace(wanted, filter=replace(wanted.filter, where=condition))
    try:
        with asking(journal.error, condition=condition is not None):
            return journal.asked((_relation(wanted),), lambda duck: _export(journal, duck, target, wanted))
    except FileExistsError as error:
        hint = "`--overwrite` replaces it"
        raise UserError(Problem("P935", "the file was written by another meanwhile", str(target), hint)) from error
    except OSError as error:
        what = f"the system says: {error.strerror or error}"
        raise OutsideError(
            Problem("P938", what, str(target), "nothing was written; mend this and run again")
        ) from error


def _target_problems(target: Path, *, overwrite: bool) -> list[Problem]:
    if target.suffix.lower() not in SUFFIXES:
        what = f"rows are exported as Parquet or CSV, not as `{target.suffix}`"
        return [Problem("P935", what, str(target), f"name it `{target.with_suffix(SUFFIXES[0]).name}`")]
    if target.is_dir():
        return [Problem("P935", "this is a folder", str(target), "give the name of a file")]
    if not target.parent.is_dir():
        hint = f"mkdir -p {target.parent}"
        return [Problem("P935", f"the folder of `{target.name}` is not there", str(target.parent), hint)]
    if target.exists() and not overwrite:
        return [Problem("P935", f"`{target.name}` is there already", str(target), "`--overwrite` replaces it")]
    return []


def _export(journal: OpenJournal, duck: Duck, target: Path, wanted: Exporting) -> Exported:
    relation = _relation(wanted)
    known = journal.columns(relation)
    condition = wanted.filter.where
    if condition is not None and (missing := unknown(condition.columns, names_in_sql(known), "--where")):
        raise UserError(*missing)
    where = f"row IS NOT NULL AND NOT {FAILED} AND {SEEN} AND {wanted.filter.sql()}"
    endpoint = _endpoint(duck, wanted.filter)
    cells = exported(known, wanted.truth, feedback=wanted.feedback, only_inputs=wanted.only_inputs)
    if not cells or not cells[0].is_input:
        if not duck.rows(f"SELECT 1 FROM {relation} WHERE {where} LIMIT 1"):  # noqa: S608 - in quotes
            raise _nothing()
        what = f"of the inputs of `{endpoint}` nothing was kept"
        raise UserError(Problem("P936", what, "", "`[server.log.columns]` says what is kept of each column"))
    names = dict(zip(known, names_in_sql(known), strict=True))
    is_told = " OR ".join(f"{name_of(names[name])} IS NOT NULL" for name in truths_of(known)) or "false"
    if wanted.truth == "required":
        where += f" AND ({is_told})"
    selected = ", ".join(f"{cell.sql} AS c{at}" for at, cell in enumerate(cells))
    extra = f"time AS since, ({is_told}) AS told"
    query = f"SELECT {selected}, {extra} FROM {relation} WHERE {where} ORDER BY {ordered()}"  # noqa: S608 - all in quotes
    with closing(duck.batches(query)) as batches:
        rows, told, first, last = _write(batches, cells, target, overwrite=wanted.overwrite)
    moved = {cell.wanted: cell.name for cell in cells if cell.name != cell.wanted}
    with_truth = None if wanted.truth == "none" or wanted.only_inputs else told
    return Exported(endpoint, rows, with_truth, moment_of(first), moment_of(last), moved)


def _relation(wanted: Exporting) -> str:
    """The table that has all of it; a join that nobody asks for is not made."""
    alone = wanted.truth == "none" or (wanted.only_inputs and wanted.truth == "optional")
    return INTERACTIONS if alone and not wanted.feedback and wanted.filter.where is None else JOINED


def _endpoint(duck: Duck, wanted: Filter) -> str:
    """The endpoint that was named, or the only one there is; UserError P936 where there are none, or several."""
    if wanted.endpoint:
        return wanted.endpoint
    where = replace(wanted, where=None).sql()
    query = f"SELECT DISTINCT endpoint FROM interactions WHERE {where} ORDER BY endpoint LIMIT {_NAMED}"  # noqa: S608
    found = [name for (name,) in duck.rows(query)]
    if not found:
        raise _nothing()
    if len(found) > 1:
        named = ", ".join(f"`{name}`" for name in found)
        hint = f"`trimtab export {found[0]} ...` is about that one alone"
        raise UserError(Problem("P936", f"the rows are of several endpoints: {named}", "", hint))
    return str(found[0])


def _write(
    batches: pa.RecordBatchReader, cells: Sequence[Cell], target: Path, *, overwrite: bool
) -> tuple[int, int, int, int]:
    """How many rows, of how many a truth is known, and the times of the first and the last in microseconds."""
    import pyarrow as pa
    from pyarrow import compute

    fields = [pa.field(cell.name, batches.schema.field(at).type) for at, cell in enumerate(cells)]
    schema = pa.schema(fields)
    rows = told = first = last = 0
    with Replacement(target, _MODE) as whole:
        with open_sink(target, whole.file, schema, [cell.name for cell in cells if cell.is_input]) as sink:
            for batch in (batch for batch in batches if batch.num_rows):
                sink.write(pa.RecordBatch.from_arrays(batch.columns[: len(cells)], schema=schema))
                times = batch.column("since")
                first, last = first if rows else micros_of(times[:1])[0], micros_of(times[-1:])[0]
                told += compute.sum(batch.column("told")).as_py() or 0
                rows += batch.num_rows
        if not rows:
            raise _nothing()
        whole.commit(overwrite=overwrite)
    return rows, told, first, last


def _nothing() -> UserError:
    return UserError(Problem("P936", "there is no such row", "", "`trimtab log --stats` counts what there is"))
