"""Rows that the model was not trained on, with what turned out to be so, as `[check] held` names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from trimtab.batch.options import ScoreOptions
from trimtab.batch.score import open_rows
from trimtab.bundle.predictor import Outputs
from trimtab.bundle.read import Bundle
from trimtab.bundle.sample.files import found_file
from trimtab.core.check import SignatureError, check
from trimtab.core.dtypes import Array
from trimtab.core.signature import Field
from trimtab.core.table import Table, concat
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.subject import Ask, CannotError, Subject

__all__ = ["Held", "answers_to", "output_of", "read_held"]

_MOST: Final = 50_000  # rows that are looked at
_CALL: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Checked rows. truth: one value a row; others: the columns that groups are made of, by name."""

    table: Table
    truth: Array
    others: dict[str, Array]


def read_held(subject: Subject, bundle: Bundle) -> Held:
    """The first 50,000 rows as that bundle's signature has them; CannotError where there are none to be had.

    UserError for a file that cannot be read.
    """
    wanted = subject.wanted
    if wanted.held is None:
        raise CannotError("no held rows are named", "`[check] held`, `truth` and `metric` in trimtab.toml")
    found_file(wanted.held)
    names = tuple(dict.fromkeys((wanted.truth, *wanted.groups)))
    outputs = {field.name for field in bundle.signature.outputs}
    if clash := sorted(outputs & set(names)):
        raise CannotError(f"`{clash[0]}` is an output, and cannot be a column of the held rows too")
    tables, kept, rows = [], [], 0
    for block in open_rows(wanted.held, bundle.signature, ScoreOptions(keep=names)).blocks():
        if block.broken:
            row, why = next(iter(block.broken.items()))
            raise CannotError(f"row {block.first + row} of `{wanted.held.name}`: {why}")
        try:
            tables.append(check(bundle.signature, block.columns))
        except SignatureError as error:
            fault = error.faults[0]
            place = "" if fault.row is None else f", row {block.first + fault.row}"
            # without the value: what is found out is shown to people who may not see held rows
            what = f"`{wanted.held.name}`, column `{fault.column}`{place} does not fit the signature"
            raise CannotError(what, "`trimtab score` names the value") from None
        kept.append(block.kept)
        rows += block.height
        if rows >= _MOST:
            break
    if not rows:
        raise CannotError(f"`{wanted.held.name}` has no rows")
    columns = {name: np.array([_value(one) for batch in kept for one in batch.column(name).to_pylist()], object)
               for name in names}  # fmt: skip
    truth = columns[wanted.truth]
    known = np.array([one is not None for one in truth])
    if not known.all():
        raise CannotError(f"row {int(np.argmin(known))} of `{wanted.held.name}` has no `{wanted.truth}`")
    return Held(concat(tables), truth, {name: columns[name] for name in wanted.groups})


def _value(one: Any) -> Any:
    """Text of a CSV file that is a number, as that number."""
    if not isinstance(one, str):
        return one
    try:
        return float(one)
    except ValueError:
        return {"true": True, "false": False}.get(one.lower(), one)


def output_of(subject: Subject, bundle: Bundle) -> Field:
    """The output that is held against the truth; CannotError where it is not clear which."""
    fields = {field.name: field for field in bundle.signature.outputs}
    name = subject.wanted.output
    if name and name in fields:
        return fields[name]
    if name or len(fields) > 1:
        known = ", ".join(f"`{one}`" for one in fields)
        raise CannotError(f"the outputs are {known}", f'`[check] output = "{next(iter(fields))}"`')
    return next(iter(fields.values()))


def answers_to(ask: Ask, held: Held, field: Field) -> Array:
    """The answers to all rows, of that output; CannotError where a row has none."""
    parts: list[Outputs] = []
    for first in range(0, held.table.height, _CALL):
        try:
            parts.append(ask(held.table.rows(slice(first, first + _CALL))))
        except NoAnswerError as error:
            raise CannotError(f"held row {first + error.row} is not answered: {error.kind}") from None
    return np.concatenate([part[field.name] for part in parts])
