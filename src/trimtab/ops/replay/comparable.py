"""Which outputs can be compared: those that both sides have, as they were answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trimtab.bundle.data.arrowtypes import Described, describe, misfit
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.signature import Field
from trimtab.ops.replay.decision import Wanted
from trimtab.ops.replay.recorded import OUTPUT, Part, is_kept

__all__ = ["check_wanted", "common", "described", "recorded"]


def recorded(
    fields: Sequence[Field], parts: Sequence[Part], types: Mapping[str, Any]
) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """The candidate's outputs that were recorded too, and why others are left out; UserError (P973) if all are.

    types: the journal's columns.
    """
    kept, notes = [], []
    for field in fields:
        name = f"{OUTPUT}{field.name}"
        policies = {part.policies.get(name, "") for part in parts if part.rows}
        taken = sorted(policy for policy in policies if not is_kept(policy))
        if taken:
            how = f"kept as `{taken[-1]}`" if taken[-1] else "not there"
            notes.append(f"`{field.name}` is not compared: in the journal it is {how}, in some rows at least")
        elif what := misfit(types[name], field):
            notes.append(f"`{field.name}` is not compared: it {what.replace('in the file', 'in the journal')}")
        else:
            kept.append(field)
    theirs = {name.removeprefix(OUTPUT) for name in types if name.startswith(OUTPUT)}
    notes += [f"`{name}` is no output of the candidate" for name in sorted(theirs - {field.name for field in fields})]
    return _some(kept, notes)


def common(fields: Sequence[Field], others: Sequence[Field]) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    """The candidate's outputs that another bundle has too; UserError (P973) if it has none."""
    theirs = {field.name for field in others}
    notes = [f"`{field.name}` is no output of the baseline" for field in fields if field.name not in theirs]
    ours = {field.name for field in fields}
    notes += [f"`{name}` is no output of the candidate" for name in sorted(theirs - ours)]
    return _some([field for field in fields if field.name in theirs], notes)


def _some(kept: Sequence[Field], notes: Sequence[str]) -> tuple[tuple[Field, ...], tuple[str, ...]]:
    if not kept:
        why = "; ".join(notes) or "there is none"
        hint = "`--against` replays another bundle in place of what was recorded"
        raise UserError(Problem("P973", f"no output can be compared: {why}", "the candidate's outputs", hint))
    return tuple(kept), tuple(notes)


def described(types: Mapping[str, Any]) -> tuple[Field, ...]:
    """Fields for outputs that no signature names, as they lie in the journal."""
    found = []
    for name, type_ in sorted(types.items()):
        what = describe(type_)
        if name.startswith(OUTPUT) and isinstance(what, Described):
            shape = (-1,) * (1 + what.axes)
            found.append(Field(name.removeprefix(OUTPUT), what.dtype, shape, nullable=True, kind=what.kind))
    return tuple(found)


def check_wanted(wanted: Wanted, fields: Sequence[Field]) -> None:
    """UserError (P975) for a threshold or a decision of an output that is not compared, or is no number."""
    names = {field.name: field for field in fields}
    problems = []
    for option, said in (("--threshold", wanted.thresholds), ("--decision", wanted.decides)):
        for name in said:
            field = names.get(name)
            if field is None:
                problems.append(Problem("P975", f"no output `{name}` is compared", option, did_you_mean(name, names)))
            elif option == "--threshold" and (not field.dtype.startswith("FP") or len(field.shape) > 1):
                what = f"`{name}` is `{field}`: a threshold is for one number a row with a fraction"
                problems.append(Problem("P975", what, option, "an output of another sort decides by itself"))
    if problems:
        raise UserError(*problems)
