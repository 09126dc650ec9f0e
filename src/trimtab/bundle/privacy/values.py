"""What a column holds, as the values of a sample show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import numpy as np

from trimtab.bundle.privacy.forms import (
    has_email,
    is_card,
    is_email,
    is_iban,
    is_ip,
    is_person,
    is_phone,
    is_social,
)
from trimtab.bundle.privacy.kinds import Kind
from trimtab.core.dtypes import Array
from trimtab.core.table import Column

__all__ = ["Seen", "are_persons", "believable", "kind_held", "see"]

_MOST: Final = 2000  # values that are looked at, spread evenly over the sample
_CUT: Final = 2000  # characters of each
_SHARE: Final = 0.5  # of the values, that must have a form
_FEW: Final = 3  # values, fewer than which show no form that chance has one time in ten
_FORMS: Final[tuple[tuple[Kind, Callable[[str], bool]], ...]] = (
    ("email", is_email), ("account", is_iban), ("ip", is_ip), ("social", is_social), ("card", is_card),
    ("phone", is_phone),
)  # fmt: skip
_WORDS, _LENGTH, _DISTINCT = 5, 30, 0.8  # of free text: words and characters of an ordinary value, share that is unique
_LARGE: Final[dict[Kind, float]] = {
    "phone": 1e6,
    "card": 1e12,
    "account": 1e5,
    "document": 1e5,
    "social": 1e6,
    "address": 500,
}
_SIGNS: Final[dict[Kind, Callable[[str], bool]]] = {
    "email": lambda text: "@" in text,
    "text": lambda text: " " in text.strip(),
    **{
        kind: lambda text: any(map(str.isdigit, text))
        for kind in ("phone", "card", "account", "ip", "document", "social", "birth", "age")
    },
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Some values of a column that are not null: texts, or numbers. distinct: the share that is unique."""

    texts: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    distinct: float = field(default=0.0)


def see(column: Column | None) -> Seen:
    """What can be looked at; nothing of raw bytes, times and truth values."""
    if column is None:
        return Seen()
    values = column.values if column.missing is None else column.values[~column.missing]
    leaves = list(_leaves(values[_spread(len(values))]))
    texts = tuple(leaf[:_CUT] for leaf in leaves if isinstance(leaf, str) and leaf.strip())
    numbers = tuple(leaf for leaf in leaves if isinstance(leaf, int | float) and not isinstance(leaf, bool))
    return Seen(texts, numbers, len(set(texts)) / len(texts) if texts else 0.0)


def _spread(count: int) -> Array:
    return np.unique(np.linspace(0, count - 1, min(count, _MOST)).round().astype(int)) if count else np.arange(0)


def _leaves(values: Array) -> Iterator[Any]:
    if values.dtype.kind == "M":
        return
    for value in values.ravel()[: _MOST * 4].tolist():
        if isinstance(value, np.ndarray):
            yield from _leaves(value)
        elif value is not None:
            yield value


def kind_held(seen: Seen) -> Kind | None:
    """The kind of a person's data that the values are by their form, whatever the column is called."""
    if not seen.texts:
        return "card" if _are_cards(seen.numbers) else None
    for kind, form in _FORMS:
        count = sum(map(form, seen.texts))
        if count >= _SHARE * len(seen.texts) and (kind != "card" or count >= _FEW):
            return kind
    if any(map(has_email, seen.texts)):
        return "email"
    return "text" if _is_free_text(seen) else None


def are_persons(seen: Seen) -> bool:
    """Whether most values could be names of persons; many other things look like that."""
    return bool(seen.texts) and sum(map(is_person, seen.texts)) >= _SHARE * len(seen.texts)


def believable(kind: Kind, seen: Seen) -> bool:
    """Whether the values do not contradict a name that means this kind; without values it is believed."""
    if seen.texts:
        sign = _SIGNS.get(kind)
        return sign is None or any(map(sign, seen.texts))
    if seen.numbers and kind in _LARGE:
        return max(seen.numbers) >= _LARGE[kind]
    return True


def _are_cards(numbers: Sequence[float]) -> bool:
    whole = [number for number in numbers if number == number and abs(number) < 2**63 and number == int(number)]  # noqa: PLR0124
    count = sum(is_card(str(int(number))) for number in whole)
    return count >= _FEW and count >= _SHARE * len(numbers)


def _is_free_text(seen: Seen) -> bool:
    """Long, of many words, and hardly any twice."""
    if len(seen.texts) < _FEW or seen.distinct < _DISTINCT:
        return False
    return (
        median(len(text) for text in seen.texts) >= _LENGTH
        and median(len(text.split()) for text in seen.texts) >= _WORDS
    )
