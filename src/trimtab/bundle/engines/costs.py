"""What a call costs in each form of a bundle on one machine, and which form that makes the better one.

Costs differ from run to run, so they are no part of a bundle: they lie in the store, beside it, under its digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["COUNTS", "Costs", "read_costs", "write_costs"]

COUNTS: Final = (1, 32, 1000)  # rows in a call
_MARGIN: Final = 1.25  # an engine must be this much faster to be worth loading the framework for


class Costs(msgspec.Struct, frozen=True):
    """Median seconds of a call by engine, for each number of rows in `counts`.

    engines: "original", and what stands for it: "linear", "forest" or "graph".
    """

    counts: tuple[int, ...]
    seconds: dict[str, tuple[float, ...]]

    def ratio(self, rows: int = 1) -> float:
        """How many times the original's cost the compiled form's is, the other way round: 41.0 is 41 times faster."""
        at = self.counts.index(rows)
        return self.seconds["original"][at] / self._compiled[at]

    @property
    def original_from(self) -> int | None:
        """From this many rows in a call on, the original is clearly faster; None: nowhere, or not to the end."""
        slower = [
            compiled > original * _MARGIN
            for compiled, original in zip(self._compiled, self.seconds["original"], strict=True)
        ]
        first = next((at for at in range(len(slower)) if all(slower[at:])), None)
        return None if first is None else self.counts[first]

    @property
    def _compiled(self) -> tuple[float, ...]:
        return next(times for engine, times in self.seconds.items() if engine != "original")


def read_costs(path: Path) -> Costs | None:
    """The costs in the file; None where there is none, or what it holds makes no sense."""
    try:
        costs = msgspec.json.decode(path.read_bytes(), type=Costs)
    except (OSError, msgspec.DecodeError):
        return None
    return costs if _sound(costs.counts, costs.seconds) else None


def _sound(counts: tuple[int, ...], seconds: Mapping[str, tuple[float, ...]]) -> bool:
    return "original" in seconds and len(seconds) > 1 and all(len(times) == len(counts) for times in seconds.values())


def write_costs(costs: Costs, path: Path) -> None:
    """Replace what was measured before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(msgspec.json.encode(costs))
    draft.replace(path)
