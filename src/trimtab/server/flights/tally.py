"""What one process counts of a flight, in its part of the page, and the sums over all parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, prod
from typing import Final, TypeAlias

import numpy as np

from trimtab.bundle.predictor import Outputs
from trimtab.core.dtypes import DTYPES, Array
from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, Moments, bucket_of
from trimtab.core.signature import Field
from trimtab.core.traffic import ARMS, Arm

__all__ = ["LABELS", "Layout", "Part", "Tally", "counts_of"]

Part: TypeAlias = "memoryview[float]"

LABELS: Final = 20  # of an output; one that has more is no output of few labels
_OUTPUTS: Final = 16
_BUCKETS: Final = len(LATENCY_S) + 1
_REQUESTS, _ERRORS, _LATENCY = 0, 1, 2
_VALUES: Final = _LATENCY + _BUCKETS
_MOMENTS: Final = 5
_ROWS, _MORE, _NAMES = 0, 1, 2  # of labels: rows, rows with a label too many, then a name and its count each
_NAME: Final = 8  # numbers that a name takes
_EACH: Final = _NAME + 1
_LARGEST: Final = 1e150  # the square of more is none
_MIRRORED, _DROPPED, _FAILED, _COMPARED, _DISAGREED, _DELAY = range(6)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where what is counted lies in a part, by output: moments of numbers, or labels. width: numbers of a part."""

    numbers: Mapping[str, int]
    labels: Mapping[str, int]
    arm: int
    width: int

    @classmethod
    def of(cls, outputs: Sequence[Field]) -> Layout:
        """Of outputs of one value a row, the first few of them."""
        numbers, labels, at = {}, {}, _VALUES
        for field in outputs[:_OUTPUTS]:
            if prod(field.shape[1:]) != 1:
                continue
            if DTYPES[field.dtype].kind in "fiub":
                numbers[field.name] = at
                at += _MOMENTS
            elif field.dtype == "BYTES" and field.kind == "value":
                labels[field.name] = at
                at += _NAMES + LABELS * _EACH
        return cls(numbers, labels, at, len(ARMS) * at + _DELAY + _BUCKETS)


class Tally:
    """Counts in one part; everything on one thread."""

    def __init__(self, part: Part, layout: Layout) -> None:
        """part: what was counted in it before stays."""
        self._part, self._layout = part, layout
        self._shadow = len(ARMS) * layout.arm
        self._known = {
            (arm, name): {text: at for at, text, _ in _labels(part, _start(layout, arm) + place)}
            for arm in ARMS
            for name, place in layout.labels.items()
        }
        for arm in ARMS:
            for place in layout.numbers.values():
                at = _start(layout, arm) + place
                if not part[at]:
                    part[at + 3], part[at + 4] = inf, -inf

    def answered(self, arm: Arm, seconds: float, *, error: bool, outputs: Outputs | None) -> None:
        """One request, which had this answer."""
        part, start = self._part, _start(self._layout, arm)
        part[start + _REQUESTS] += 1
        part[start + _ERRORS] += error
        part[start + _LATENCY + bucket_of(seconds)] += 1
        for name, values in (outputs or {}).items():
            if (place := self._layout.numbers.get(name)) is not None:
                self._number(start + place, values)
            elif (place := self._layout.labels.get(name)) is not None:
                self._label(self._known[arm, name], start + place, values)

    def _number(self, at: int, values: Array) -> None:
        part = self._part
        if len(values) == 1:
            count, total = 1, float(values.flat[0])
            squares, least, greatest = total * total, total, total
            if not isfinite(total) or abs(total) > _LARGEST:
                return
        else:
            numbers = values.astype(np.float64).ravel()
            with np.errstate(invalid="ignore"):
                numbers = numbers[np.abs(numbers) <= _LARGEST]
            count = len(numbers)
            if not count:
                return
            total, squares = float(numbers.sum()), float(numbers @ numbers)
            least, greatest = float(numbers.min()), float(numbers.max())
        part[at + 3], part[at + 4] = min(part[at + 3], least), max(part[at + 4], greatest)
        part[at + 2] += squares
        part[at + 1] += total
        part[at] += count

    def _label(self, known: dict[str, int], at: int, values: Array) -> None:
        part = self._part
        for value in values.flat:
            part[at + _ROWS] += 1
            text = _short(value)
            place = known.get(text)
            if place is None:
                if len(known) == LABELS:
                    part[at + _MORE] += 1
                    continue
                place = known[text] = at + _NAMES + len(known) * _EACH
                _bytes(part, place)[:] = text.encode().ljust(_NAME * 8, b"\0")
            part[place + _NAME] += 1

    def mirrored(self) -> None:
        """The challenger was asked too."""
        self._part[self._shadow + _MIRRORED] += 1

    def dropped(self, count: int = 1) -> None:
        """It was not, for want of room or time."""
        self._part[self._shadow + _DROPPED] += count

    def failed(self) -> None:
        """It had no answer."""
        self._part[self._shadow + _FAILED] += 1

    def compared(self, seconds: float, *, agree: bool) -> None:
        """It had one after so long, and the two were compared."""
        self._part[self._shadow + _DELAY + bucket_of(seconds)] += 1
        self._part[self._shadow + _DISAGREED] += not agree
        self._part[self._shadow + _COMPARED] += 1


def _start(layout: Layout, arm: Arm) -> int:
    return ARMS.index(arm) * layout.arm


def _short(value: object) -> str:
    """A label as far as there is room for it; cut between two letters."""
    text = value if isinstance(value, str) else str(value)
    return text.encode("utf-8", "replace")[: _NAME * 8].decode("utf-8", "ignore").rstrip("\0")


def _bytes(part: Part, place: int) -> memoryview[int]:
    return part[place : place + _NAME].cast("B")


def _labels(part: Part, at: int) -> Iterator[tuple[int, str, float]]:
    """Place, text and count of each label."""
    for place in range(at + _NAMES, at + _NAMES + LABELS * _EACH, _EACH):
        if part[place + _NAME]:
            yield place, bytes(_bytes(part, place)).rstrip(b"\0").decode("utf-8", "replace"), part[place + _NAME]


def counts_of(parts: Sequence[Part], layout: Layout) -> Counts:
    """What all processes have counted together."""
    whole = np.sum([np.asarray(part) for part in parts], axis=0)
    arms = {}
    for arm in ARMS:
        start = _start(layout, arm)
        values = {
            **{name: _moments(parts, start + place) for name, place in layout.numbers.items()},
            **{key: one for name, place in layout.labels.items() for key, one in _shares(parts, start + place, name)},
        }
        arms[arm] = ArmCounts(
            int(whole[start + _REQUESTS]),
            int(whole[start + _ERRORS]),
            _integers(whole[start + _LATENCY : start + _LATENCY + _BUCKETS]),
            {name: one for name, one in values.items() if one.count},
        )
    shadow = whole[len(ARMS) * layout.arm :]
    mirrored, dropped, failed, compared, disagreed = _integers(shadow[:_DELAY])
    delay = _integers(shadow[_DELAY:])
    return Counts(arms["champion"], arms["challenger"], mirrored, dropped, failed, compared, disagreed, delay)


def _integers(numbers: Array) -> tuple[int, ...]:
    return tuple(map(int, numbers))


def _moments(parts: Iterable[Part], at: int) -> Moments:
    """Only of parts that have any: JSON knows no infinity."""
    found = [part[at : at + _MOMENTS] for part in parts if part[at]]
    if not found:
        return Moments()
    return Moments(
        int(sum(one[0] for one in found)),
        sum(one[1] for one in found),
        sum(one[2] for one in found),
        min(one[3] for one in found),
        max(one[4] for one in found),
    )


def _shares(parts: Iterable[Part], at: int, name: str) -> Iterator[tuple[str, Moments]]:
    """How often each label was there; none for an output of more labels than are counted."""
    rows, counts = 0, dict[str, int]()
    for part in parts:
        rows += int(part[at + _ROWS])
        if part[at + _MORE]:
            return
        for _, text, count in _labels(part, at):
            counts[text] = counts.get(text, 0) + int(count)
    if len(counts) > LABELS:
        return
    for text, count in counts.items():
        yield f"{name}={text}", Moments(rows, count, count, float(count == rows), 1.0)
