"""Whether `columns.json` describes a stage that can run: how wide the matrix is after each step, and what stands in it.

Sizes are bounded by what the file itself holds, and the matrix by `MOST_COLUMNS`, so that no number in it makes an
engine ask for memory that the rows do not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from trimtab.bundle.engines.numbers import FUNCTIONS
from trimtab.bundle.engines.reading import MOST_COLUMNS, Fault, name_faults, outside
from trimtab.bundle.engines.steps import (
    Bins,
    Call,
    Codes,
    ColumnsSpec,
    Fill,
    Hot,
    Join,
    Ordinal,
    Part,
    Pick,
    Products,
    Scale,
    Step,
    Words,
)

__all__ = ["column_faults", "width_of"]

_DEEP: Final = 24  # joins within joins


@dataclass(frozen=True, slots=True)
class _Matrix:
    """What is known of the columns at some point: how many they are, and whether texts were put among them."""

    width: int
    texts: bool = False


def column_faults(spec: ColumnsSpec) -> list[Fault]:
    """Everything wrong with the stage, with its place."""
    walk = _Walk()
    made = walk.through(spec)
    if made.width < 1 or made.texts:
        walk.say("steps", "texts, or no columns at all, are left in the end")
    return [*name_faults(spec.names, spec.count, by_name=spec.by_name), *walk.faults]


def width_of(spec: ColumnsSpec) -> int:
    """The number of columns that a sound stage makes."""
    return _Walk().through(spec).width


class _Walk:
    """Follows the columns from step to step; what is wrong on the way is noted, and the walk goes on."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def through(self, spec: ColumnsSpec) -> _Matrix:
        return self._chain("steps", spec.steps, _Matrix(max(1, min(spec.count, MOST_COLUMNS))), 0)

    def say(self, at: str, what: str) -> None:
        self.faults.append((at, what))

    def _chain(self, at: str, steps: Sequence[Step], given: _Matrix, depth: int) -> _Matrix:
        for number, step in enumerate(steps):
            place = f"{at}[{number}]"
            if given.width < 1:
                self.say(place, "no columns are left for it")
            given = self._step(place, step, given, depth)
            if given.width > MOST_COLUMNS:
                self.say(place, f"it makes {given.width} columns, more than {MOST_COLUMNS}")
                given = replace(given, width=MOST_COLUMNS)
        return given

    def _step(self, at: str, step: Step, given: _Matrix, depth: int) -> _Matrix:
        match step:
            case Join():
                return self._joined(at, step, given, depth)
            case Words():
                self._lengths(f"{at}.values", len(step.values), given.width)
                return replace(given, texts=True)
            case Ordinal():
                self._each(at, step.columns, given)
                return _Matrix(len(step.columns))
            case Hot():
                return self._hot(at, step, given)
        if given.texts:
            self.say(at, "it works on numbers, and texts stand there")
        given = replace(given, texts=False)
        match step:
            case Pick():
                self.faults += outside(f"{at}.at", step.at, given.width)
                return _Matrix(len(step.at))
            case Fill():
                return self._filled(at, step, given)
            case Products():
                return self._multiplied(at, step, given)
        self._same_width(at, step, given)
        return given

    def _same_width(self, at: str, step: Step, given: _Matrix) -> None:
        match step:
            case Call() if step.name not in FUNCTIONS:
                self.say(f"{at}.name", f"`{step.name[:40]}` is no function known here")
            case Scale():
                for number, move in enumerate(step.moves):
                    self._lengths(f"{at}.moves[{number}].values", len(move.values), given.width)
                if step.clip is not None and step.clip[0] > step.clip[1]:
                    self.say(f"{at}.clip", "its ends are the wrong way round")
            case Bins():
                self._lengths(f"{at}.edges", len(step.edges), given.width)
                for number, edges in enumerate(step.edges):
                    if any(left > right for left, right in pairwise(edges)):
                        self.say(f"{at}.edges[{number}]", "edges are not in order")

    def _joined(self, at: str, step: Join, given: _Matrix, depth: int) -> _Matrix:
        if depth >= _DEEP:
            self.say(at, "parts are nested too deeply")
            return given
        if not step.parts:
            self.say(f"{at}.parts", "there are none")
        made = [self._part(f"{at}.parts[{number}]", part, given, depth) for number, part in enumerate(step.parts)]
        return _Matrix(sum(one.width for one in made), any(one.texts for one in made))

    def _part(self, at: str, part: Part, given: _Matrix, depth: int) -> _Matrix:
        if part.at is not None:
            self.faults += outside(f"{at}.at", part.at, given.width)
            if not part.at:
                self.say(f"{at}.at", "no columns")
            given = replace(given, width=len(part.at))
        return self._chain(f"{at}.steps", part.steps, given, depth + 1)

    def _filled(self, at: str, step: Fill, given: _Matrix) -> _Matrix:
        if step.keep is not None:
            self.faults += outside(f"{at}.keep", step.keep, given.width)
        self.faults += outside(f"{at}.flags", step.flags, given.width)
        width = given.width if step.keep is None else len(step.keep)
        self._lengths(f"{at}.values", len(step.values), width)
        return _Matrix(width + len(step.flags))

    def _multiplied(self, at: str, step: Products, given: _Matrix) -> _Matrix:
        width = given.width + step.bias
        for number, (start, end, column) in enumerate(step.groups):
            if not (0 <= start < end <= width and 0 <= column < given.width):
                self.say(f"{at}.groups[{number}]", "it multiplies columns that are not there")
            elif width + end - start > MOST_COLUMNS:
                self.say(f"{at}.groups[{number}]", f"more than {MOST_COLUMNS} columns")
            else:
                width += end - start
        self.faults += outside(f"{at}.keep", step.keep, width)
        return _Matrix(len(step.keep))

    def _hot(self, at: str, step: Hot, given: _Matrix) -> _Matrix:
        self._each(at, step.columns, given)
        known = sum(len(codes.codes) + 2 for codes in step.columns)  # one for missing values, one for unknown ones
        if not 0 <= step.width <= known:
            self.say(f"{at}.width", f"not so many columns as {known} codes could have")
        for number, codes in enumerate(step.columns):
            said = [code for code in (*codes.codes, codes.missing, codes.unknown) if code is not None]
            if any(code != int(code) for code in said):
                self.say(f"{at}.columns[{number}].codes", "a place that is no whole number")
            self.faults += outside(f"{at}.columns[{number}].codes", list(map(int, said)), step.width)
        return _Matrix(max(0, min(step.width, known)))

    def _each(self, at: str, columns: Sequence[Codes], given: _Matrix) -> None:
        self._lengths(f"{at}.columns", len(columns), given.width)
        for number, codes in enumerate(columns):
            place = f"{at}.columns[{number}]"
            self._lengths(f"{place}.codes", len(codes.codes), len(codes.values), "values")
            if len(set(codes.values)) != len(codes.values):
                self.say(f"{place}.values", "a value stands there twice")
            for word, code in (("missing", codes.missing), ("unknown", codes.unknown)):
                if word in codes.refused and code is not None:
                    self.say(f"{place}.{word}", "it has a code, and is refused")

    def _lengths(self, at: str, got: int, wanted: int, of: str = "columns") -> None:
        if got != wanted:
            self.say(at, f"{got} for {wanted} {of}")
