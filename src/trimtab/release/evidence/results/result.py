"""What the file of another tool comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from trimtab.core.attestations import Measure
from trimtab.core.verdicts import Verdict

__all__ = ["Result", "ResultError", "count", "shown", "verdict_of"]

_LONGEST = 200  # characters of a text that a tool wrote
_SHOWN = 20  # findings that are named; all are counted


class ResultError(ValueError):
    """The file is not what it says it is."""


@dataclass(frozen=True, slots=True)
class Result:
    """A verdict and what it rests on. tool: names and versions of what was run. found: its findings, some of them."""

    format: str
    tools: tuple[str, ...]
    verdict: Verdict
    measures: tuple[Measure, ...]
    found: tuple[str, ...] = field(default=())


def count(name: str, number: int, verdict: Verdict) -> Measure:
    """So many of something: the verdict where it is any, else PASS; none is what is wanted."""
    return Measure(name, float(number), verdict if number else "PASS", 0.0, "", number)


def verdict_of(measures: Sequence[Measure]) -> Verdict:
    """The worst of them: FAIL, UNKNOWN, WARN, PASS."""
    said = {one.verdict for one in measures}
    order: tuple[Verdict, ...] = ("FAIL", "UNKNOWN", "WARN")
    return next((one for one in order if one in said), "PASS")


def shown(texts: Sequence[Any]) -> tuple[str, ...]:
    """Some of them, short."""
    found = [" ".join(str(one).split())[:_LONGEST] for one in texts[:_SHOWN]]
    return (*found, f"and {len(texts) - _SHOWN} more") if len(texts) > _SHOWN else tuple(found)
