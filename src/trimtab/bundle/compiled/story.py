"""Compiling as packaging sees it: tried while the model is in memory, settled when the bundle is complete.

Nothing that goes wrong here fails a packaging: the original is always there, and one line says why it stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from trimtab.bundle.code.local import Project
from trimtab.bundle.compiled.attempt import Attempt, attempt
from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.step import add_compiled
from trimtab.bundle.compiled.trial import TooLongError
from trimtab.bundle.engines.costs import Costs
from trimtab.bundle.making.discover import Discovery
from trimtab.bundle.making.gather import Parts
from trimtab.bundle.making.recipe import Recipe
from trimtab.core.errors import TrimtabError
from trimtab.core.signature import Signature

__all__ = ["Tried", "settle", "try_to"]

_WHOLE: Final = 10.0  # from here on, a ratio needs no decimals


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that waits for its proof, or why there is none."""

    attempt: Attempt | None
    reason: str = ""


def try_to(folder: Path, recipe: Recipe, parts: Parts, signature: Signature, options: dict[str, Any]) -> Tried:
    """Convert the model and ask it for answers, in a folder that is made here."""
    try:
        folder.mkdir()
        return Tried(attempt(folder, recipe, parts, signature, options))
    except (UnfoldableError, TooLongError) as error:
        return Tried(None, str(error))
    except TrimtabError as error:
        return Tried(None, error.problems[0].what)
    except Exception as error:  # noqa: BLE001  # frameworks refuse in many ways; each leaves the original in place
        return Tried(None, f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}")


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
