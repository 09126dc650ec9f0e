"""Columns that are kept for so many days are emptied in sealed files, a day of them at a time."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.policies import parse_policy
from trimtab.journal.folder import Folder
from trimtab.journal.interactions.schema import ColumnSchema, Schema
from trimtab.journal.privacy.checked import Checked
from trimtab.journal.privacy.rewrite import reading, rewrite
from trimtab.journal.seal.clock import Reading, is_believed, read_clock, steady
from trimtab.journal.seal.files import sealed_files
from trimtab.journal.seal.parquet import METADATA
from trimtab.journal.seal.state import last_reading

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

__all__ = ["EXPIRED", "expire"]

EXPIRED: Final = b"trimtab.expired"  # in a file of interactions: names of the columns that were emptied, as JSON
_DAY_S: Final = 86_400.0
_STREAM: Final = "interactions"


def expire(folder: Folder, clock: Callable[[], Reading] = read_clock) -> int:
    """One pass, for whoever is alone there; how many files it was. OutsideError P957 for those that cannot be changed.

    Nothing is emptied by a clock that cannot be believed.
    """
    now = steady(last_reading(folder.path), clock())
    checked = Checked(folder, "expiring")
    checked.begin(_STREAM, "")
    problems: list[Problem] = []
    count = 0
    for path in sealed_files(folder.path):
        if path.relative_to(folder.path).parts[0] != _STREAM:
            continue
        try:
            count += _expire(folder, path, checked, now)
        except FileNotFoundError:
            continue
        except OutsideError as error:
            problems += error.problems
    checked.store()
    if problems:
        raise OutsideError(*problems)
    return count


def _expire(folder: Folder, path: Path, checked: Checked, now: Reading) -> bool:
    """Whether something of the file was emptied; when the next of it is to be is noted."""
    if checked.knows(path) and not (checked.number(path) or math.inf) <= now.now:
        return False
    ends, metadata = _day_ends(path.parent.name), _metadata(path)
    due = {name: ends + days * _DAY_S for name, days in _days(metadata).items()}
    old = [name for name, when in due.items() if when <= now.now and is_believed(now, when - ends)]
    if old:
        gone = json.dumps(sorted({*_gone(metadata), *old})).encode()
        rewrite(folder, path, lambda table: _emptied(table, old), {EXPIRED: gone})
    later = [when for name, when in due.items() if name not in old]
    checked.note(path, min(later, default=None))
    return bool(old)


def _metadata(path: Path) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}

    def act(source: parquet.ParquetFile) -> None:
        found.update(source.schema_arrow.metadata or {})

    reading(path, act)
    return found


def _days(metadata: dict[bytes, bytes]) -> dict[str, int]:
    """Columns that are kept for some days, and for how many; those that are empty already are none."""
    try:
        schema = Schema.from_json(metadata.get(METADATA, b""))
    except ValueError:
        return {}
    gone = _gone(metadata)
    found = {**_kept_for("in_", schema.inputs), **_kept_for("out_", schema.outputs or ())}
    return {name: days for name, days in found.items() if name not in gone}


def _kept_for(prefix: str, columns: Iterable[ColumnSchema]) -> dict[str, int]:
    found = {}
    for column in columns:
        try:
            days = parse_policy(column.policy).days
        except ValueError:  # of a later version
            days = None
        if days is not None:
            found[prefix + column.name] = days
    return found


def _gone(metadata: dict[bytes, bytes]) -> set[str]:
    return set(json.loads(metadata.get(EXPIRED, b"[]")))


def _emptied(table: pa.Table, names: Iterable[str]) -> pa.Table:
    import pyarrow as pa

    for name in names:
        if name in table.column_names:
            at = table.column_names.index(name)
            table = table.set_column(at, table.schema.field(at), pa.nulls(table.num_rows, table.schema.field(at).type))
    return table


def _day_ends(folder: str) -> float:
    day = datetime.fromisoformat(folder.partition("=")[2]).replace(tzinfo=UTC)
    return (day + timedelta(days=1)).timestamp()
