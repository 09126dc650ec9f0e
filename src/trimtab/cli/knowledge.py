"""What is known of answers by now, for a person and for a program."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from trimtab.cli.show import aligned

if TYPE_CHECKING:
    from trimtab.journal.truth.readout import Coverage, Readout

__all__ = ["as_json_document", "count", "duration", "shown"]

_UNITS = (("s", 60.0), ("min", 60.0), ("h", 24.0))
_FEW = 10  # below this a decimal is shown


def shown(found: Readout) -> str:
    """Lines of facts, and a table of what is known of each endpoint's answers."""
    opinions = count(found.opinions, "entry", "entries")
    if found.score is not None:
        opinions += f", mean score {found.score:.3g}"
    entries = f"{count(found.entries, 'entry', 'entries')}, {found.again} said again"
    lines = [
        f"answers    {count(found.answers, 'row', 'rows')}",
        f"truth      {entries}, {found.unknown} of no answer known so far",
        f"feedback   {opinions}, {found.unknown_opinions} of no answer known so far",
    ]
    if found.coverage:
        header = ["endpoint", "truth", "answers", "known", "share", "contradictory", "delay", "90 %", "99 %"]
        lines += ["", aligned(header, map(_line, found.coverage))]
    return "\n".join(lines)


def _line(one: Coverage) -> list[Any]:
    delays = [duration(seconds) for seconds in one.delays_s] or ["-"] * 3
    return [one.endpoint, one.name or "-", one.answers, one.known, f"{one.share:.1%}", one.contradictory, *delays]


def as_json_document(found: Readout) -> dict[str, Any]:
    """The same as plain values; delays by quantile, in seconds."""
    from trimtab.journal.truth.readout import QUANTILES

    document = asdict(found)
    for one in document["coverage"]:
        one["delays_s"] = dict(zip(map(str, QUANTILES), one["delays_s"], strict=False))
    return document


def count(number: int, one: str, more: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {one if number == 1 else more}"


def duration(seconds: float) -> str:
    """A time that passed, as people say it: `2.5 h`."""
    for unit, next_one in _UNITS:
        if seconds < next_one:
            return f"{seconds:.1f} {unit}" if seconds < _FEW else f"{seconds:.0f} {unit}"
        seconds /= next_one
    return f"{seconds:.1f} d" if seconds < _FEW else f"{seconds:.0f} d"
