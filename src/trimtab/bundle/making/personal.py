"""Which columns of what is packaged hold a person's data, and what a person is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from trimtab.bundle.golden import Golden
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.making.rows import Rows
from trimtab.bundle.privacy.kinds import Suggestion
from trimtab.bundle.privacy.suggest import suggest
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.core.policies import misfit, parse_policy
from trimtab.core.signature import Signature
from trimtab.core.table import Column

__all__ = ["personal_lines", "suggestions_for"]

_SHOWN: Final = 12  # columns on one line


def suggestions_for(recipe: Recipe, rows: Rows, signature: Signature, golden: Golden) -> dict[str, Suggestion]:
    """What is to be kept of each column; UserError (P283) for every policy of the recipe that fits none."""
    fields = (*signature.inputs, *signature.outputs)
    names = [field.name for field in fields]
    problems = [
        Problem("P283", f"there is no column `{name}` to be logged", "log", did_you_mean(name, names))
        for name in recipe.log
        if name not in names
    ]
    for field in fields:
        why = misfit(field, parse_policy(recipe.log[field.name])) if field.name in recipe.log else ""
        if why:
            problems.append(Problem("P283", f"log `{recipe.log[field.name]}` of `{field}`: {why}", "log"))
    if problems:
        raise UserError(*problems)
    inputs = {} if rows.invented else dict(rows.table.columns)
    answers = {name: Column(np.asarray(values)) for name, values in golden.outputs.items()}
    return suggest(signature, answers | inputs, recipe.log)


def personal_lines(suggestions: Mapping[str, Suggestion], signature: Signature, rows: Rows) -> Iterator[str]:
    """What is not kept as it is when the bundle is served, and what the bundle itself carries nevertheless."""
    found = {name: one for name, one in suggestions.items() if parse_policy(one.policy).kind != "keep"}
    if not found:
        return
    count = "1 column not kept as it is" if len(found) == 1 else f"{len(found)} columns not kept as they are"
    named = [f"{name} ({one.policy}: {one.reason})" for name, one in found.items()]
    more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
    yield f"{count}: {', '.join(named[:_SHOWN])}{more}"
    carried = [
        field.name
        for field in signature.inputs
        if field.name in found and found[field.name].policy == "drop" and _has_values(rows, field.name)
    ]
    if carried:
        shown = ", ".join(f"`{name}`" for name in carried[:_SHOWN])
        more = f" and {len(carried) - _SHOWN} more" if len(carried) > _SHOWN else ""
        yield f"golden rows carry {shown}{more} as the sample has it: a sample of made-up people keeps it out"


def _has_values(rows: Rows, name: str) -> bool:
    missing = rows.table.columns[name].missing
    return not rows.invented and (missing is None or not missing.all())
