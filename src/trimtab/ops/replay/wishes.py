"""What a person may say of a replay, and how it is written on a command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from trimtab.bundle.read import Bundle
from trimtab.core.errors import Problem, UserError
from trimtab.ops.replay.decision import Wanted

__all__ = ["Wishes", "parse_moment", "parse_share", "parse_thresholds"]

_RTOL, _ATOL = 1e-6, 1e-9
_SHARE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(%?)")
_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Wishes:
    """endpoint: empty for the only one. rtol, atol: None as the candidate's golden rows. without: replayed as null.

    most: interactions. batch: rows of a call; call_s: how long one may take. timing: whether calls are timed too.
    """

    endpoint: str = ""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    decides: tuple[str, ...] = ()
    rtol: float | None = None
    atol: float | None = None
    without: tuple[str, ...] = ()
    most: int = 1_000_000
    batch: int = 4096
    call_s: float = 60.0
    timing: bool = False

    def wanted(self, candidate: Bundle) -> Wanted:
        """What decides, and how far numbers may be off."""
        golden = candidate.manifest.golden
        rtol = self.rtol if self.rtol is not None else golden.rtol if golden else _RTOL
        atol = self.atol if self.atol is not None else golden.atol if golden else _ATOL
        return Wanted(self.thresholds, self.decides, rtol, atol)


def parse_thresholds(words: Sequence[str]) -> dict[str, float]:
    """Numbers by output, of `NAME=0.5`; UserError (P975) naming all that are not."""
    found: dict[str, float] = {}
    problems = []
    for word in words:
        name, _, number = word.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError:
            name = ""
        if not name or found[name] != found[name]:
            problems.append(
                Problem("P975", f"`{word}` is no threshold", "--threshold", "write `--threshold score=0.5`")
            )
    if problems:
        raise UserError(*problems)
    return found


def parse_share(word: str) -> float:
    """A share of 0 to 1, of `1%` or `0.01`; UserError (P975) for anything else."""
    matched = _SHARE.fullmatch(word.strip())
    share = float(matched[1]) / (_PERCENT if matched[2] else 1) if matched else -1.0
    if not 0 <= share <= 1:
        raise UserError(Problem("P975", f"`{word}` is no share", "--at-most", "write `--at-most 1%`"))
    return share


def parse_moment(word: str) -> float | None:
    """Seconds since 1970 of a date or a time, UTC if it has no zone; None for what is neither."""
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
