"""Compiling as packaging sees it: tried where the bundle is shown to run by itself, settled when it is complete.

Nothing that goes wrong here fails a packaging: the original is always there, and one line says why it stays.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.code.local import Project
from trimtab.bundle.compiled.asking import BEGUN, SAMPLE
from trimtab.bundle.compiled.attempt import Attempt, sample_of
from trimtab.bundle.compiled.convert import never
from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.step import add_compiled, reason_of
from trimtab.bundle.engines.costs import Costs
from trimtab.bundle.engines.plan import Plan
from trimtab.bundle.making.discover import Discovery, Prove
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.proof.prove import Proof, request_of, run_clean, run_proof
from trimtab.core.errors import TrimtabError
from trimtab.core.table import Table

__all__ = ["Tried", "prover", "settle", "tried_in"]

_WHOLE: Final = 10.0  # from here on, a ratio needs no decimals


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that waits for its proof, or why there is none."""

    attempt: Attempt | None
    reason: str = ""


def prover(recipe: Recipe, flavour: str, sample: Table) -> Prove:
    """What proves a staged bundle: where a compiled form is wanted, the same process then attempts it.

    Loading a framework is most of what a clean process takes, so it is done once for both.
    """
    return partial(_prove_and_try, recipe, sample) if recipe.compile and not never(flavour) else run_proof


def _prove_and_try(recipe: Recipe, sample: Table, stage: Path, project: Project) -> Proof:
    """The proof of the bundle alone, with what became of the attempt.

    A model that hangs on a row that was made up, or takes its process along, has no compiled form, and is proved once
    more without an attempt; nothing of what it started is left running.
    """
    folder = _folder(stage)
    folder.mkdir(exist_ok=True)
    (folder / SAMPLE).write_bytes(pickle.dumps(sample_of(sample), protocol=5))
    asked = request_of(stage, project, None, "original", seen=(folder,))
    asked |= {"attempt": str(folder.resolve()), "compared": recipe.compared, "trial_s": recipe.limits.trial_s}
    proof, said = run_clean("trimtab.bundle.compiled.asking", asked)
    if proof.ok:
        return replace(proof, more={key: said[key] for key in ("plan", "costs", "no") if key in said})
    if not (folder / BEGUN).exists():
        return proof
    return replace(run_proof(stage, project), more={"no": reason_of(proof, stage, project)})


def tried_in(stage: Path, found: Discovery) -> Tried:
    """What the process that proved the bundle attempted; there is no attempt where there never is one."""
    said = found.proof.more
    if reason := never(found.manifest.flavour) or str(said.get("no", "")):
        return Tried(None, reason)
    costs = msgspec.convert(said["costs"], Costs)
    return Tried(Attempt(_folder(stage), msgspec.convert(said["plan"], Plan), costs))


def _folder(stage: Path) -> Path:
    """Where the attempt lies: beside the bundle, and gone with it."""
    return stage.with_name("attempt")


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
