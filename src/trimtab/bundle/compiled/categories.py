"""Encoders of categories as tables; what a value becomes is asked of the encoder itself, which groups and drops."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np

from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.engines.steps import Codes, Hot, Ordinal, Step
from trimtab.core.dtypes import Array

__all__ = ["hot", "ordinal"]

_PLAIN: Final = (str, int, float, bool)
_TEXT: Final = ("nan", "none")
_UNSEEN: Final = "never \N{NULL} seen"


def hot(encoder: Any, kinds: Sequence[str], *, own: bool = False) -> tuple[list[Step], int]:
    """The step of a `OneHotEncoder` and the number of its columns; own: in the dtype of its rows."""
    widths = encoder._n_features_outs  # noqa: SLF001  # it has no public name
    starts = np.cumsum([0, *widths])

    def codes(at: int, made: Array) -> list[float | None]:
        inner = made[:, starts[at] : starts[at + 1]]
        return [float(starts[at] + row.argmax()) if row.any() else None for row in inner]

    columns = tuple(_codes(encoder, kinds, at, codes) for at in range(len(kinds)))
    return [Hot(columns, int(starts[-1]), "" if own else _dtype(encoder))], int(starts[-1])


def ordinal(encoder: Any, kinds: Sequence[str]) -> tuple[list[Step], int]:
    """The step of an `OrdinalEncoder`."""

    def codes(at: int, made: Array) -> list[float | None]:
        return [None if code != code else float(code) for code in made[:, at].tolist()]  # noqa: PLR0124  # NaN only

    columns = tuple(_codes(encoder, kinds, at, codes) for at in range(len(kinds)))
    dtype = _dtype(encoder)
    return [Ordinal(columns, dtype)], len(kinds)


def _dtype(encoder: Any) -> Any:
    dtype = np.dtype(encoder.dtype).name
    if dtype not in ("float32", "float64"):
        raise UnfoldableError(f"`{type(encoder).__name__}` that makes `{dtype}` has no native form")
    return dtype


def _codes(encoder: Any, kinds: Sequence[str], at: int, codes: Any) -> Codes:
    values = encoder.categories_[at].tolist()
    kind = kinds[at]
    if kind not in ("number", "truth", *_TEXT):
        raise UnfoldableError(f"`{type(encoder).__name__}` over a column of {kind} has no native form")
    places = [place for place, value in enumerate(values) if value is not None and value == value]  # noqa: PLR0124
    known = [values[place] for place in places]
    if not all(isinstance(value, _PLAIN) for value in known) or (
        kind in _TEXT and not all(isinstance(value, str) for value in known)
    ):
        raise UnfoldableError("categories that are no texts, numbers or booleans have no native form")
    found = codes(at, _asked(encoder, at, [values[place] for place in places]))
    unknown, unknown_refused = _one(encoder, at, codes, _unseen(known, kind))
    null = None if kind == "none" else np.nan
    missing, missing_refused = _one(encoder, at, codes, null)
    refused: list[Literal["missing", "unknown"]] = []
    refused += ["missing"] if missing_refused else []
    refused += ["unknown"] if unknown_refused else []
    return Codes(tuple(known), tuple(found), missing, unknown, tuple(refused))


def _unseen(known: list[Any], kind: str) -> Any:
    return _UNSEEN if kind in _TEXT or not known else max(float(value) for value in known) + 1.5


def _one(encoder: Any, at: int, codes: Any, value: Any) -> tuple[float | None, bool]:
    """The code of a value that may have none, and whether the encoder raises for it."""
    try:
        (code,) = codes(at, _asked(encoder, at, [value]))
    except (ValueError, TypeError):
        return None, True
    return code, False


def _asked(encoder: Any, at: int, values: list[Any]) -> Array:
    """What the encoder makes of the values in one column, beside the first category of each other one."""
    rows = np.empty((len(values), len(encoder.categories_)), object)
    for place, known in enumerate(encoder.categories_):
        rows[:, place] = [known.tolist()[0]] * len(values)
    for row, value in enumerate(values):
        rows[row, at] = value
    if not len(rows):
        return np.empty((0, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Any = encoder.transform(rows)
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found)
