"""How what was checked is shown: a line a check, and one for each measure that does not pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from trimtab.core.attestations import Attestation, Measure

__all__ = ["lines", "plain"]

_KIND, _VERDICT = 11, 8
_NUMBERS: Final = 3  # that stand in the line of a check
_MILLI: Final = 1000


def lines(made: Attestation) -> Iterator[str]:
    """For a person."""
    numbers = [_number(one) for one in made.measures if one.value is not None][:_NUMBERS]
    passed = sum(one.verdict == "PASS" for one in made.measures)
    words = [f"{passed} of {len(made.measures)} hold", *numbers] if len(made.measures) > 1 else numbers
    said = next((one.says for one in made.measures if one.says), "") if not words else ""
    yield f"{made.kind:<{_KIND}} {made.verdict:<{_VERDICT}} {', '.join(words) or said}".rstrip()
    for one in made.measures:
        if one.verdict != "PASS" and not (one.says == said and len(made.measures) == 1):
            text = f"{_number(one) if one.value is not None else one.name}{f': {one.says}' if one.says else ''}"
            yield f"{'':<{_KIND}} {one.verdict:<{_VERDICT}} {text}"


def _number(one: Measure) -> str:
    """`p99 4.1 ms <= 80 ms, n 3012`."""
    text = f"{one.name} {_with_unit(one.value, one.unit)}"
    if one.limit is not None:
        text += f" (limit {_with_unit(one.limit, one.unit)})"
    return f"{text}, n {one.count}" if one.count else text


def _with_unit(value: float | None, unit: str) -> str:
    if value is not None and unit == "s" and abs(value) < 1:
        return f"{value * _MILLI:.4g} ms"
    return f"{'-' if value is None else f'{value:.6g}'} {unit}".rstrip()


def plain(made: Attestation) -> dict[str, Any]:
    """For a program; a number that JSON has no word for is null."""
    keys = ("name", "value", "verdict", "limit", "unit", "count", "says")
    return {
        "kind": made.kind,
        "verdict": made.verdict,
        "digest": made.digest,
        "against": made.against,
        "environment": made.environment,
        "measures": [{key: getattr(one, key) for key in keys} for one in made.measures],
        "facts": dict(made.facts),
    }
