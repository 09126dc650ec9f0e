"""The columns of an exported file: what they are called there, and how SQL gets them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from trimtab.journal.query.duck import name_of
from trimtab.journal.query.joined import FEEDBACK, TIMES, TRUTH
from trimtab.journal.query.shapes import names_in_sql

__all__ = ["Cell", "WithTruth", "exported", "truths_of"]

WithTruth: TypeAlias = Literal["required", "optional", "none"]
_IN: Final = "in_"
_OUT: Final = "out_"
_PREDICTION: Final = "prediction_"
_MOVED: Final = "log_"
# what each row stands for where only a share was logged, and which row it is
_ABOUT: Final = {
    "weight": "1 / nullif(sampled, 0)",
    **{name: name for name in ("probability", "id", "row", "time", "revision", "arm")},
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A column: its name in the file, the one it should have had, how SQL gets it, and whether a model is given it."""

    name: str
    wanted: str
    sql: str
    is_input: bool = False


def exported(known: Mapping[str, Any], truth: WithTruth, *, feedback: bool, only_inputs: bool) -> list[Cell]:
    """The columns in order: inputs, predictions, truths, feedback, then what the row stands for and which it is.

    An input keeps its name. Any other column whose name is taken, capitals aside, gets `log_` ahead of it.
    """
    in_sql = dict(zip(known, map(name_of, names_in_sql(known)), strict=True))
    inputs = ((name.removeprefix(_IN), sql) for name, sql in in_sql.items() if name.startswith(_IN))
    cells = [Cell(name, name, sql, is_input=True) for name, sql in inputs]
    if only_inputs:
        return cells
    rest = [(_PREDICTION + name.removeprefix(_OUT), sql) for name, sql in in_sql.items() if name.startswith(_OUT)]
    if truth != "none":
        rest += [(name, in_sql[name]) for name in (*truths_of(known), TIMES[0])]
    if feedback:
        rest += [(name, in_sql[name]) for name in FEEDBACK]
    return [*cells, *_named((*rest, *_ABOUT.items()), {cell.name.lower() for cell in cells})]


def truths_of(known: Mapping[str, Any]) -> list[str]:
    """The columns of `joined` that hold truths, the one called `truth` first."""
    return [name for name in known if name == TRUTH or (name.startswith(f"{TRUTH}_") and name not in TIMES)]


def _named(pairs: Iterable[tuple[str, str]], taken: set[str]) -> list[Cell]:
    cells = []
    for wanted, sql in pairs:
        name = wanted
        while name.lower() in taken:
            name = _MOVED + name
        taken.add(name.lower())
        cells.append(Cell(name, wanted, sql))
    return cells
