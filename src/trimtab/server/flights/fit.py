"""Whether a challenger may stand beside a champion: what goes in and comes out must look the same to callers."""

from __future__ import annotations

from collections.abc import Iterator

from trimtab.core.errors import Problem, UserError
from trimtab.core.signature import Field, Signature

__all__ = ["require_fit"]


def require_fit(champion: Signature, challenger: Signature, where: str) -> None:
    """UserError P360 with everything that differs. Ranges and categories may: what a revision refuses, it answers for.

    where: the challenger, as it was named.
    """
    found = [
        *_differ("input", champion.inputs, challenger.inputs),
        *_differ("output", champion.outputs, challenger.outputs),
    ]
    if found:
        hint = "callers of both arms send and get the same: load another signature under another name"
        raise UserError(*(Problem("P360", what, where, hint) for what in found))


def _differ(kind: str, champion: tuple[Field, ...], challenger: tuple[Field, ...]) -> Iterator[str]:
    ours, theirs = {field.name: field for field in champion}, {field.name: field for field in challenger}
    if kind == "output" and not (ours and theirs):
        return  # one of them does not say what comes out
    for name in ours.keys() - theirs.keys():
        yield f"the challenger has no {kind} `{name}`"
    for name in theirs.keys() - ours.keys():
        yield f"the challenger has an {kind} `{name}` that the champion has not"
    for name in ours.keys() & theirs.keys():
        if _form(ours[name]) != _form(theirs[name]):
            yield f"{kind} `{ours[name]}` of the champion is `{theirs[name]}` of the challenger"


def _form(field: Field) -> tuple[object, ...]:
    return field.dtype, field.shape, field.kind
