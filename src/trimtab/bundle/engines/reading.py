"""Reads what lies in `compiled/`: a value that was checked wholly, or every fault with its place (P289).

Engines trust what they are given, so nothing reaches them that names a column, a place or a label that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from trimtab.core.errors import Problem, UserError

__all__ = ["MOST_COLUMNS", "Fault", "converted", "damaged", "decoded", "label_faults", "name_faults", "outside"]

Fault: TypeAlias = tuple[str, str]  # its place in the file, such as `steps[0].at`, and what is wrong
MOST_COLUMNS: Final = 1 << 20  # of any matrix on the way to an answer

_T = TypeVar("_T")
_SHOWN: Final = 20
_INT64: Final = 1 << 63
_HINT: Final = "package the model again, or use the trimtab that made the bundle"


def decoded(path: Path, kind: type[_T], check: Callable[[_T], Iterable[Fault]]) -> _T:
    """The value in a JSON file; P289 where it cannot be read, is of another form, or has a fault."""
    try:
        value = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise damaged(path.name, [("", f"it cannot be read: {error.strerror}")]) from None
    except (ValueError, RecursionError) as error:
        raise damaged(path.name, [("", _plain(error))]) from None
    return _sound(path.name, value, check)


def converted(options: Any, kind: type[_T], check: Callable[[_T], Iterable[Fault]]) -> _T:
    """The options of a stage in `plan.json`; P289 as in `decoded`."""
    try:
        value = msgspec.convert(options, kind)
    except (ValueError, RecursionError) as error:
        raise damaged("plan.json", [("", _plain(error))]) from None
    return _sound("plan.json", value, check)


def damaged(name: str, faults: Iterable[Fault]) -> UserError:
    """The error that names the faults of a file of the compiled form; at most twenty of them."""
    found = iter(faults)
    problems = [
        Problem("P289", f"`compiled/{name}` is damaged: {what}", f"compiled/{name}{at and f', at `{at}`'}", _HINT)
        for at, what in islice(found, _SHOWN)
    ]
    more = sum(1 for _ in found)
    if more:
        problems.append(Problem("P289", f"`compiled/{name}` has {more} more faults", f"compiled/{name}", _HINT))
    return UserError(*problems)


def _sound(name: str, value: _T, check: Callable[[_T], Iterable[Fault]]) -> _T:
    faults = list(check(value))
    if faults:
        raise damaged(name, faults)
    return value


def _plain(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _said(number: int) -> str:
    return str(number) if abs(number) < _INT64 else "a huge number"


def outside(at: str, places: Sequence[int], count: int) -> Iterator[Fault]:
    """A fault where one of the places is none of so many."""
    worst = next((place for place in places if not 0 <= place < count), None)
    if worst is not None:
        yield at, f"{_said(worst)} is none of the {_said(count)} columns there"


def name_faults(names: Sequence[str] | None, count: int, *, by_name: bool) -> Iterator[Fault]:
    """What is wrong with the columns that a stage says it is given."""
    if not 1 <= count <= MOST_COLUMNS:
        yield "count", f"{_said(count)} is no number of columns from 1 to {MOST_COLUMNS}"
    if names is not None and len(names) != count:
        yield "names", f"{len(names)} names for {_said(count)} columns"
    if names is not None and len(set(names)) != len(names):
        yield "names", "a name stands there twice"
    if names is None and by_name:
        yield "by_name", "there are no names to find columns by"


def label_faults(labels: Sequence[Any], wanted: int) -> Iterator[Fault]:
    """What is wrong with the labels of so many classes."""
    if len(labels) != wanted:
        yield "labels", f"{len(labels)} labels for {wanted} classes"
    if len({type(label) for label in labels}) > 1:
        yield "labels", "labels of several types"
    if any(isinstance(label, int) and not -_INT64 <= label < _INT64 for label in labels):
        yield "labels", "a label that is no INT64"
