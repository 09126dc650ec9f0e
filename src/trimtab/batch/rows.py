"""What every format of rows gives: blocks of columns, in the order of the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from trimtab.core.check import Raw
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.signature import Signature

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Block", "RowFile", "choose"]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of a file: the signature's columns as `check` takes them, and the columns to copy.

    first: the number of the first row in the file, from 0. broken: rows, from 0 in the block, that could not be read.
    """

    first: int
    height: int
    columns: Mapping[str, Raw]
    kept: pa.RecordBatch
    broken: Mapping[int, str] = field(default_factory=dict)


class RowFile(Protocol):
    """A file of rows that is read once, in bounded memory."""

    total: int | None

    def blocks(self) -> Iterator[Block]:
        """All rows in order, at least one block even if there are none."""

    def line(self, row: int) -> int | None:
        """The line of the file where a row begins, from 1; None for files without lines. Rows must not go back."""


def choose(
    names: Sequence[str], signature: Signature, keep: tuple[str, ...] | Literal["all"], source: Path
) -> tuple[str, ...]:
    """The names of the columns to copy; raises UserError naming every column that is not there, doubled or clashing."""
    kept = tuple(names) if keep == "all" else keep
    outputs = {field.name for field in signature.outputs}
    wanted = [field.name for field in signature.inputs]
    problems = [
        Problem("P709", f"the file has no column `{name}`", str(source), did_you_mean(name, names))
        for name in wanted
        if name not in names
    ]
    problems += [
        Problem("P707", f"there is no column `{name}` to keep", str(source), did_you_mean(name, names))
        for name in kept
        if name not in names and name not in wanted
    ]
    problems += [
        Problem("P708", f"column `{name}` is kept and is also an output", str(source), f"do not keep `{name}`")
        for name in kept
        if name in outputs
    ]
    counts = Counter(names)
    problems += [
        Problem("P716", f"column `{name}` is there {counts[name]} times", str(source), "give each column its own name")
        for name in dict.fromkeys([*wanted, *kept])
        if counts[name] > 1
    ]
    if problems:
        raise UserError(*problems)
    return tuple(dict.fromkeys(kept))
