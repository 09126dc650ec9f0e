"""The checks there are, by the kind of evidence that they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Final, TypeAlias

from trimtab.core.attestations import KINDS, EvidenceKind
from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.ops.check.found import Found
from trimtab.ops.check.subject import Bench, Subject

__all__ = ["CHECKED", "Check", "check_of", "kinds_of"]

Check: TypeAlias = Callable[[Subject, Bench], Found]
# in the order in which they are made: what is quick and tells most comes first
CHECKED: Final[tuple[EvidenceKind, ...]] = (
    "golden", "source", "compatible", "scan", "sbom", "tests", "model", "baseline", "champion", "contract", "load",
    "replay", "smoke",
)  # fmt: skip
_ELSEWHERE: Final = {"flight": "`trimtab release` leaves it when a flight ends", "approval": "`trimtab approve`"}


def check_of(kind: EvidenceKind) -> Check:
    """The function `check` of the module of that name."""
    check: Check = import_module(f"trimtab.ops.check.checks.{kind}").check
    return check


def kinds_of(words: Iterable[str]) -> tuple[EvidenceKind, ...]:
    """Those kinds, in the order in which they are made; UserError (P400) for each that no check gives."""
    words = set(words)
    problems = [
        Problem("P400", f"`{word}` is no kind of check", "--only", _ELSEWHERE.get(word) or did_you_mean(word, CHECKED))
        for word in sorted(words - set(CHECKED))
    ]
    if problems:
        raise UserError(*problems)
    return tuple(kind for kind in CHECKED if kind in words and kind in KINDS)
