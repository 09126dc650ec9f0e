"""What of a signature breaks callers of the live one, each with both sides.

A caller may send each input by name, or all of them in order; it states the dtype on the wire. What it gets back it
reads by name or in order, and may have a case for each category. So an input may take more than before, and an output
give less; one more output at the end is seen by nobody who does not ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal, TypeAlias

from trimtab.core.signature import Field, Signature
from trimtab.release.compatible.categories import narrowed, shown, widened

__all__ = ["How", "Incompatible", "Side", "diff", "incompatibilities", "sides"]

Side: TypeAlias = Literal["input", "output"]
How: TypeAlias = Literal[
    "dropped", "added", "renamed", "order", "dtype", "kind", "shape", "null", "range", "categories", "unit",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incompatible:
    """One way in which callers would break.

    field: its name in the live signature, or in the new one where it is added. live, new: what it was and what it is
    to be, as text; empty where there is none.
    """

    side: Side
    field: str
    how: How
    live: str
    new: str
    why: str


def incompatibilities(live: Signature, new: Signature) -> tuple[Incompatible, ...]:
    """All of them, inputs first, in the order of the live signature; empty where every caller may go on."""
    return (*_of_side("input", live.inputs, new.inputs), *_of_side("output", live.outputs, new.outputs))


def diff(found: Sequence[Incompatible]) -> tuple[str, ...]:
    """Lines for people: `- input age INT64[-1]`, `+ input age FP64[-1]`, and why."""
    return tuple(line for one in found for line in (*sides(one), f"  {one.why}"))


def sides(one: Incompatible) -> tuple[str, ...]:
    """The lines of one of them, without why."""
    both = (("-", one.live), ("+", one.new))
    return tuple(f"{sign} {one.side} {text}" for sign, text in both if text)


def _of_side(side: Side, live: Sequence[Field], new: Sequence[Field]) -> list[Incompatible]:
    there = {field.name: field for field in new}
    known = {field.name for field in live}
    added = [field for field in new if field.name not in known]
    found: list[Incompatible] = []
    for field in live:
        if field.name in there:
            found += _of_field(side, field, there[field.name])
            continue
        alike = next((one for one in added if replace(one, name=field.name) == field), None)
        if alike is None:
            why = f"callers {'send' if side == 'input' else 'read'} `{field.name}`, which is gone"
            found.append(Incompatible(side, field.name, "dropped", str(field), "", why))
        else:
            added.remove(alike)
            why = f"`{field.name}` has another name: `{alike.name}`"
            found.append(Incompatible(side, field.name, "renamed", str(field), str(alike), why))
    if side == "input":
        found += [_added(field) for field in added]
    return found + _order(side, live, new)


def _added(field: Field) -> Incompatible:
    return Incompatible("input", field.name, "added", "", str(field), f"no caller sends `{field.name}` yet")


def _order(side: Side, live: Sequence[Field], new: Sequence[Field]) -> list[Incompatible]:
    """Of those that both have: who sends or reads them by place would take one for another."""
    both = {field.name for field in live} & {field.name for field in new}
    was = [field.name for field in live if field.name in both]
    now = [field.name for field in new if field.name in both]
    if was == now:
        ahead = [field.name for field in new[: len(was)] if field.name not in both]
        if side == "input" or len(both) < len(live) or not ahead:
            return []
        why = f"`{ahead[0]}` comes before outputs that callers know by their place"
        return [Incompatible(side, ahead[0], "order", ", ".join(was), ", ".join(field.name for field in new), why)]
    first = next(one for one, other in zip(was, now, strict=True) if one != other)
    why = "callers that go by place would take one for another"
    return [Incompatible(side, first, "order", ", ".join(was), ", ".join(now), why)]


def _of_field(side: Side, live: Field, new: Field) -> list[Incompatible]:
    found: list[Incompatible] = []

    def differs(how: How, was: str, now: str, why: str) -> None:
        found.append(Incompatible(side, live.name, how, f"{live} {was}".rstrip(), f"{new} {now}".rstrip(), why))

    if live.dtype != new.dtype:
        differs("dtype", "", "", f"`{live.name}` has another datatype on the wire")
    elif live.kind != new.kind:
        differs("kind", live.kind, new.kind, f"the bytes of `{live.name}` mean something else")
    if live.shape != new.shape:
        differs("shape", "", "", f"`{live.name}` has another shape")
    if (live.nullable, new.nullable) == ((True, False) if side == "input" else (False, True)):
        words = ("nullable", "not nullable")
        was, now = words if side == "input" else reversed(words)
        nulls = "null is sent today and would be refused" if side == "input" else "null was never answered until now"
        differs("null", was, now, f"`{live.name}`: {nulls}")
    if _narrower(live, new) if side == "input" else _narrower(new, live):
        differs("range", _range(live), _range(new), f"`{live.name}` may be outside of what {_held(side)}")
    if live.unit != new.unit:
        why = f"the numbers of `{live.name}` mean something else"
        differs("unit", live.unit or "no unit", new.unit or "no unit", why)
    if why := narrowed(live, new) if side == "input" else widened(live, new):
        differs("categories", shown(live.categories), shown(new.categories), why)
    return found


def _held(side: Side) -> str:
    return "is taken" if side == "input" else "callers were promised"


def _narrower(wide: Field, narrow: Field) -> bool:
    """Whether something is in the range of the one and not of the other."""
    low = (-inf if wide.low is None else wide.low) < (-inf if narrow.low is None else narrow.low)
    return low or (inf if wide.high is None else wide.high) > (inf if narrow.high is None else narrow.high)


def _range(field: Field) -> str:
    return f"{'' if field.low is None else f'{field.low:g}'}..{'' if field.high is None else f'{field.high:g}'}"
