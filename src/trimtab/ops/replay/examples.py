"""Some decisions that changed, as a reader wants to see them: which, from what to what, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from trimtab.core.dtypes import Array
from trimtab.core.signature import Field
from trimtab.core.values import show
from trimtab.ops.replay.answers import Answers
from trimtab.ops.replay.compare import Compared
from trimtab.ops.replay.decision import Rule
from trimtab.ops.replay.recorded import INPUT
from trimtab.ops.replay.report import Example
from trimtab.ops.replay.tree import Segment

__all__ = ["examples_of"]

_EACH: Final = 4  # of a segment, and of what is in none
_COLUMNS: Final = 8
_LONGEST: Final = 60


def examples_of(table: Any, compared: Compared, segments: Sequence[Segment], fields: Sequence[Field]) -> list[Example]:
    """A few of each segment and of what is in none, spread over the time; fields: inputs, as far as they are shown."""
    rest = compared.changed.copy()
    picked: list[tuple[int | None, int]] = []
    for number, segment in enumerate(segments):
        picked += [(number, row) for row in _spread(segment.rows[compared.changed[segment.rows]])]
        rest[segment.rows] = False
    picked += [(None, row) for row in _spread(np.flatnonzero(rest))]
    found = []
    for place, row in picked:
        first = [] if place is None else [condition.column for condition in segments[place].path]
        names = list(dict.fromkeys([*first, *(field.name for field in fields)]))[: max(_COLUMNS, len(set(first)))]
        shown = [
            (name, table[f"{INPUT}{name}"][row].as_py()) for name in names if f"{INPUT}{name}" in table.column_names
        ]
        found.append(
            Example(
                table["id"][row].as_py(),
                table["row"][row].as_py(),
                place,
                tuple(_output(compared, rule, row) for rule in compared.rules),
                tuple((name, _short(value)) for name, value in shown),
            )
        )
    return found


def _spread(rows: Array) -> list[int]:
    """A few of them, from the first to the last."""
    if len(rows) <= _EACH:
        return [int(row) for row in rows]
    return [int(row) for row in rows[np.linspace(0, len(rows) - 1, _EACH).round().astype(int)]]


def _output(compared: Compared, rule: Rule, row: int) -> tuple[str, str, str]:
    return rule.name, _value(compared.before, rule.name, row), _value(compared.after, rule.name, row)


def _value(side: Answers, name: str, row: int) -> str:
    if not side.has[row]:
        failure = side.failed.get(row)
        return failure.kind if failure is not None else "no answer"
    column = side.outputs[name]
    if column.missing is not None and column.missing[row]:
        return "null"
    value = column.values[row]
    return _short(value.tolist() if isinstance(value, np.ndarray | np.generic) else value)


def _short(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN only
        return "null"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return value if value.isprintable() and len(value) <= _LONGEST else show(value).strip("`")
    if isinstance(value, list) and all(isinstance(one, float) for one in value):
        value = [float(f"{one:.4g}") for one in value]
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
