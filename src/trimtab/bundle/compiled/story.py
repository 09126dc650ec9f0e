"""Compiling as packaging sees it: tried when the bundle runs by itself, settled when it is complete.

Nothing that goes wrong here fails a packaging: the original is always there, and one line says why it stays.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.code.local import Project
from trimtab.bundle.compiled.asking import SAMPLE
from trimtab.bundle.compiled.attempt import Attempt, sample_of
from trimtab.bundle.compiled.convert import never
from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.step import add_compiled, reason_of
from trimtab.bundle.engines.costs import Costs
from trimtab.bundle.engines.plan import Plan
from trimtab.bundle.making.discover import Discovery
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.manifest import Manifest
from trimtab.bundle.proof.prove import request_of, run_clean
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table

__all__ = ["Tried", "settle", "try_to"]

_WHOLE: Final = 10.0  # from here on, a ratio needs no decimals


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that waits for its proof, or why there is none."""

    attempt: Attempt | None
    reason: str = ""


def try_to(stage: Path, manifest: Manifest, recipe: Recipe, sample: Table, project: Project) -> Tried:
    """Convert the model of the complete bundle folder and ask it for answers, in a process of their own.

    A model that hangs on a row that was made up, or takes its process along, has no compiled form; nothing of what it
    started is left running.
    """
    if reason := never(manifest.flavour):
        return Tried(None, reason)
    folder = stage.with_name("attempt")
    folder.mkdir()
    (folder / SAMPLE).write_bytes(pickle.dumps(sample_of(sample), protocol=5))
    asked = request_of(stage, project, None, "original", seen=(folder,))
    asked |= {"attempt": str(folder.resolve()), "compared": recipe.compared, "trial_s": recipe.limits.trial_s}
    proof, said = run_clean("trimtab.bundle.compiled.asking", asked)
    if not proof.ok:
        return Tried(None, reason_of(proof, stage, project))
    if "no" in said:
        return Tried(None, str(said["no"]))
    return Tried(Attempt(folder, msgspec.convert(said["plan"], Plan), msgspec.convert(said["costs"], Costs)))


def settle(stage: Path, tried: Tried, found: Discovery, kind: str, project: Project) -> tuple[str, Costs | None]:
    """Add the compiled form to the complete bundle if it is proved; returns the words for it, and what calls cost.

    kind: of the lock.
    """
    if tried.attempt is None:
        return f"no: {tried.reason}", None
    try:
        certificate = add_compiled(stage, tried.attempt, found, kind, project)
    except UnfoldableError as error:
        return f"no: {error}", None
    except TrimtabError as error:
        return f"no: {error.problems[0].what}", None
    costs = tried.attempt.costs
    return f"{tried.attempt.plan}, {certificate}, {_faster(costs)}", costs


def _faster(costs: Costs) -> str:
    """`41x faster a row`."""
    ratio = costs.ratio()
    if ratio < 1:
        return f"{1 / ratio:.1f}x slower a row"
    return f"{ratio:.0f}x faster a row" if ratio >= _WHOLE else f"{ratio:.1f}x faster a row"
