"""The parts of a bundle while they still live in the training process: model, preparation, sample, golden rows."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, TypeVar

import numpy as np

from trimtab.bundle.code.local import Project
from trimtab.bundle.data.compose import Prepare, compose
from trimtab.bundle.data.outputs import fields_of, fit
from trimtab.bundle.flavours import flavour_named
from trimtab.bundle.golden import Golden
from trimtab.bundle.making.deadline import TimeIsUp, deadline
from trimtab.bundle.making.model import ModelSource
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.making.rows import Rows, rows_for
from trimtab.bundle.predictor import Flavour, Model
from trimtab.bundle.read import find_prepare
from trimtab.bundle.sample.merge import with_overrides
from trimtab.core.errors import Problem, TrimtabError, UserError, did_you_mean
from trimtab.core.signature import Field, Signature

__all__ = ["Parts", "gather", "record", "running_user_code"]

_T = TypeVar("_T")
_TAIL = 5
_LATE = "call it in a fresh interpreter to see what it waits for; for rows that take long, record fewer golden rows"


@dataclass(frozen=True, slots=True)
class Parts:
    """What is to be packaged, loaded in this process."""

    flavour: Flavour
    model: Model
    prepare: Prepare | None
    rows: Rows


@contextmanager
def running_user_code(what: str, project: Project, limit_s: float) -> Iterator[None]:
    """What user code raises becomes a UserError (P284) that names the exception and the user's lines, not ours.

    Code that has not come back after `limit_s` is interrupted, which is P288.
    """
    try:
        with deadline(limit_s):
            yield
    except TrimtabError:
        raise
    except TimeIsUp as error:
        lines, where = _lines(error, project)
        raise UserError(
            Problem("P288", f"{what}: it did not come back within {limit_s:g} s{lines}", where, _LATE)
        ) from None
    except (Exception, SystemExit) as error:
        lines, where = _lines(error, project)
        raise UserError(Problem("P284", f"{what}: {type(error).__name__}: {error}{lines}", where)) from error


def _lines(error: BaseException, project: Project) -> tuple[str, str]:
    """The innermost lines of the user's own code, one below the other, and the place of the last one."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if project.owns(frame.filename)]
    lines = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames[-_TAIL:])
    return lines, f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def gather(recipe: Recipe, source: ModelSource, project: Project) -> Parts:
    """Open the model, import the preparation, read the sample; UserError names what is wrong with all of them."""
    problems: list[Problem] = []

    def attempt(what: str, make: Callable[[], _T]) -> _T | None:
        try:
            with running_user_code(what, project, recipe.limits.step_s):
                return make()
        except TrimtabError as error:
            problems.extend(error.problems)
            return None

    flavour = attempt("the flavour is unknown", lambda: flavour_named(source.flavour))
    model = (
        attempt("the model cannot be opened", lambda: flavour.open(source.source, source.method)) if flavour else None
    )
    name = recipe.prepare
    prepare = attempt(f"`{name}` cannot be imported", lambda: _prepare(name)) if name else None
    rows = attempt("the sample cannot be read", lambda: rows_for(recipe, source))
    if problems or flavour is None or model is None or rows is None:
        raise UserError(*problems)
    return Parts(flavour, model, prepare, rows)


def _prepare(name: str) -> Prepare:
    """The function; when there is none of that name, the nearest one in the module is named."""
    try:
        return find_prepare(name)
    except UserError as error:
        module, _, word = name.partition(":")
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            hint = f"is `{module.replace('.', '/')}.py` below the project folder?"
        else:
            functions = (key for key, value in vars(found).items() if isinstance(value, FunctionType))
            hint = did_you_mean(word, [key for key in functions if not key.startswith("_")])
        raise UserError(*(replace(problem, hint=hint) for problem in error.problems)) from None


def record(
    recipe: Recipe, parts: Parts, project: Project, classes: Mapping[str, tuple[Any, ...]]
) -> tuple[Signature, Golden]:
    """The signature, and golden rows spread evenly over the sample with the answers that this process gives.

    classes: the names of the classes that an output's columns stand for, by output.
    """
    table = parts.rows.table
    count = min(recipe.golden_rows, table.height)
    picks = np.unique(np.linspace(0, table.height - 1, count).round().astype(int))
    table = table.rows(picks)
    asked = Signature(parts.rows.fields, (), parts.rows.container)
    with running_user_code("the golden rows cannot be predicted", project, recipe.limits.step_s):
        outputs = compose(asked, parts.prepare, parts.model)(table)
    fields = tuple(_named(field, classes) for field in fields_of(outputs))
    fields = _overridden(fields, recipe)
    signature = Signature(asked.inputs, fields, asked.container)
    return signature, Golden(table, fit(outputs, fields, table.height), recipe.rtol, recipe.atol)


def _named(field: Field, classes: Mapping[str, tuple[Any, ...]]) -> Field:
    names = classes.get(field.name)
    fits = names is not None and len(field.shape) > 1 and field.shape[-1] == len(names)
    return replace(field, categories=names) if names is not None and fits else field


def _overridden(fields: tuple[Field, ...], recipe: Recipe) -> tuple[Field, ...]:
    """What `[signature.outputs]` declares goes before what the answers show."""
    try:
        return with_overrides(fields, recipe.outputs)
    except UserError as error:
        raise UserError(
            *(
                replace(
                    problem,
                    what=problem.what.replace("the sample has no column", "the model has no output"),
                    where=problem.where.replace("inputs", "outputs"),
                )
                for problem in error.problems
            )
        ) from None
