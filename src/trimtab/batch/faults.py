"""Which rows of a block fit the signature, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from trimtab.batch.rows import Block
from trimtab.core.check import Fault, Raw, SignatureError, check
from trimtab.core.dtypes import Array
from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Signature
from trimtab.core.table import Column, Table

__all__ = ["Judged", "Refusal", "judge", "refuse_all", "wrong_columns"]

_NAMED: Final = 8  # rows' faults that a message names; the file of refused rows has all


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row of the file that gets no answer, numbered from 0, and everything that is wrong with it."""

    row: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A block with the table of its good rows; `good` are their places in the block."""

    block: Block
    table: Table
    good: Array
    refusals: tuple[Refusal, ...]


def judge(block: Block, signature: Signature) -> Judged:
    """The good rows and the refused ones; raises SignatureError for a column that is wrong as a whole."""
    faults = {row: [Fault("", row, what)] for row, what in block.broken.items()}
    good = np.setdiff1d(np.arange(block.height), list(faults))
    while True:
        columns = _rows(block.columns, good) if faults else block.columns
        try:
            table = check(signature, columns)
        except SignatureError as error:
            for place, fault in _named(signature, columns, error, 0, len(good)):
                faults.setdefault(int(good[place]), []).append(fault)
            good = np.setdiff1d(good, list(faults))
        else:
            refusals = [Refusal(block.first + row, tuple(found)) for row, found in sorted(faults.items())]
            return Judged(block, table, good, tuple(refusals))


def _rows(columns: Mapping[str, Raw], places: Array) -> dict[str, Raw]:
    return {
        name: raw.rows(places) if isinstance(raw, Column) else [raw[place] for place in places.tolist()]
        for name, raw in columns.items()
    }


def _named(
    signature: Signature, columns: Mapping[str, Raw], error: SignatureError, start: int, end: int
) -> list[tuple[int, Fault]]:
    """Every fault with its place. `check` names a limited number and counts the rest, so halves are looked at."""
    if all(fault.row is not None for fault in error.faults):
        return [(start + fault.row, fault) for fault in error.faults if fault.row is not None]
    if end - start <= 1:
        raise error
    found = []
    middle = (start + end) // 2
    for low, high in ((start, middle), (middle, end)):
        try:
            check(signature, _rows(columns, np.arange(low, high)))
        except SignatureError as inner:
            found += _named(signature, columns, inner, low, high)
    return found


def refuse_all(refusals: Sequence[Refusal], source: Path, line: Callable[[int], int | None]) -> UserError:
    """The error that names the first of the refused rows, one problem a fault."""
    problems: list[Problem] = []
    for refusal in refusals:
        if len(problems) >= _NAMED:
            break
        number = line(refusal.row)
        place = f"{source}, row {refusal.row}" + ("" if number is None else f", line {number}")
        for fault in refusal.faults:
            column = f", column `{fault.column}`" if fault.column else ""
            problems.append(Problem("P710", fault.what, place + column, fault.hint))
    last = problems[-1]
    count = f"{len(refusals)} rows up to row {refusals[-1].row} do not fit; " if len(refusals) > 1 else ""
    hint = f"{count}`--refused refused.jsonl` lists such rows and scores the others"
    problems[-1] = replace(last, hint=f"{last.hint}\n{hint}" if last.hint else hint)
    return UserError(*problems)


def wrong_columns(error: SignatureError, source: Path) -> UserError:
    """The error for columns that are wrong as a whole, in the words of a file."""
    problems = [Problem("P711", f"column `{fault.column}` {fault.what}", str(source)) for fault in error.faults]
    return UserError(*problems)
