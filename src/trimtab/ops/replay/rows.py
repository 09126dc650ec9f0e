"""Recorded rows in memory: each once, in an order of their own, with what each stands for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trimtab.batch.faults import Judged, judge
from trimtab.batch.rows import Block
from trimtab.bundle.data.arrow import column_of
from trimtab.core.check import Raw
from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature
from trimtab.ops.replay.recorded import FACTS, INPUT, Recorded

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Rows", "asked", "gather"]

_FAILED: Final = 400  # statuses from here on answered nothing


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """table: the columns that were read, a line a row of a request, sorted by time, id and row.

    weight: how many rows of all traffic a row stands for. cluster: a number for whom it is about, or for its request.
    answered: whether the caller got an answer. interactions: how many they are of; of: how many there were; without:
    how many of these had no rows, since the question was none.
    """

    table: Any
    weight: Array
    cluster: Array
    answered: Array
    interactions: int
    of: int
    without: int

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.weight)


def gather(recorded: Recorded, endpoint: str, columns: Sequence[str], most: int) -> Rows:
    """The rows of an endpoint, of at most so many interactions; UserError (P971) if there are none.

    Which ones is decided by their ids alone, so that every replay over the same journal draws the same.
    """
    from pyarrow import compute

    index = recorded.read(endpoint, ("id", "row"))
    ids = compute.unique(index["id"])
    without = int(compute.sum(compute.is_null(index["row"])).as_py() or 0)
    drawn = _drawn(ids, most) if len(ids) > most else None
    table = _once(recorded.read(endpoint, (*FACTS, *columns), drawn))
    if table.num_rows == 0:
        what = f"no recorded request of `{endpoint}` in this time has rows that could be replayed"
        raise UserError(Problem("P971", what, "the journal", "an earlier `--since`, or another `--endpoint`"))
    sampled = table["sampled"].to_numpy()
    if not ((sampled > 0) & (sampled <= 1)).all():
        what = f"{int((~((sampled > 0) & (sampled <= 1))).sum())} rows were logged with a chance that is none"
        raise UserError(Problem("P978", what, "the journal, column `sampled`"))
    interactions = len(ids) if drawn is None else len(drawn)
    whose = compute.coalesce(table["subject"], table["id"]).combine_chunks().dictionary_encode()
    status = table["status"].fill_null(_FAILED).to_numpy()
    cluster = whose.indices.to_numpy()
    return Rows(table, len(ids) / interactions / sampled, cluster, status < _FAILED, interactions, len(ids), without)


def _once(table: pa.Table) -> pa.Table:
    """Rows of requests, each once: what was written twice, as after a crash, stands side by side."""
    import pyarrow as pa
    from pyarrow import compute

    table = table.filter(compute.is_valid(table["row"]))
    if table.num_rows < 2:  # noqa: PLR2004  # a single row has no neighbour
        return table.combine_chunks()
    same = [compute.equal(table[name].slice(1), table[name].slice(0, table.num_rows - 1)) for name in ("id", "row")]
    new = np.ones(table.num_rows, bool)
    new[1:] = ~compute.and_(*same).to_numpy()
    return (table if new.all() else table.filter(pa.array(new))).combine_chunks()


def _drawn(ids: pa.Array, most: int) -> pa.Array:
    """Those with the least hashes: as good as by chance, and always the same."""
    import pyarrow as pa

    hashes = [int.from_bytes(hashlib.blake2b(one.encode(), digest_size=8).digest()) for one in ids.to_pylist()]
    first = np.argsort(np.array(hashes, np.uint64), kind="stable")[:most]
    return ids.take(pa.array(np.sort(first)))


def asked(
    table: pa.Table, signature: Signature, size: int, without: Sequence[str] = ()
) -> Iterator[tuple[int, Judged]]:
    """The rows as a bundle takes them, so many at once: the place of the first, and those that fit its signature."""
    for start in range(0, table.num_rows, size):
        part = table.slice(start, size)
        columns: dict[str, Raw] = {
            field.name: [None] * part.num_rows
            if field.name in without
            else column_of(part[f"{INPUT}{field.name}"], field)
            for field in signature.inputs
        }
        yield start, judge(Block(0, part.num_rows, columns, kept=None), signature)
