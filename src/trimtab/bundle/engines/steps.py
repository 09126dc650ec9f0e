"""What `columns.json` says: scikit-learn's preprocessing as data, one entry for each thing that is done to columns.

Every entry stands for the floating operations of the transformer it was made from, in its order and precision: a tree
behind it turns a difference in the last bit into another answer.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

__all__ = [
    "Absent", "Bins", "Call", "Codes", "ColumnsSpec", "Fill", "Floats", "Hot", "Join", "Move", "Ordinal", "Part",
    "Pick", "Products", "Refuses", "Scale", "Step", "Words",
]  # fmt: skip

Refuses: TypeAlias = Literal["", "infinity", "missing"]  # nothing; infinity; infinity and NaN
_Value: TypeAlias = str | int | float | bool


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One operation with a number for each column; dtype: of the numbers, empty: that of the rows."""

    op: Literal["minus", "by", "times", "plus"]
    values: tuple[float, ...]
    dtype: Literal["", "float32", "float64"] = ""


class Scale(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="scale"):
    """Moves one after the other, each rounded to the rows' own precision; then values are cut to `clip`."""

    moves: tuple[Move, ...]
    clip: tuple[float, float] | None = None


class Fill(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="fill"):
    """Values in place of missing ones; mark: what counts as missing if not NaN.

    keep: the columns that stay, where not all do. flags: columns whose being missing is added as a column of its own.
    floats: integers become FP64.
    """

    values: tuple[float, ...]
    keep: tuple[int, ...] | None = None
    mark: float | None = None
    flags: tuple[int, ...] = ()
    floats: bool = True


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="words"):
    """Texts in place of missing ones."""

    values: tuple[str, ...]


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number that each value of a column becomes; None is no number: NaN, or no place.

    refused: what has no number because the encoder raises for it.
    """

    values: tuple[_Value, ...]
    codes: tuple[float | None, ...]
    missing: float | None = None
    unknown: float | None = None
    refused: tuple[Literal["missing", "unknown"], ...] = ()


class Ordinal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ordinal"):
    """A number for each value."""

    columns: tuple[Codes, ...]
    dtype: Literal["float32", "float64"] = "float64"


class Hot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="hot"):
    """A one in the place of each value, among `width` zeros; dtype empty: that of the rows."""

    columns: tuple[Codes, ...]
    width: int
    dtype: Literal["", "float32", "float64"] = "float64"


class Pick(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="pick"):
    """Some of the columns."""

    at: tuple[int, ...]
    refuses: Refuses = ""


class Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="call"):
    """A function of numpy that works value by value."""

    name: str
    refuses: Refuses = ""


class Products(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="products"):
    """Polynomials: each group is (start, end, column): what is there so far from start to end, times that column.

    bias: a column of ones comes first. keep: the columns that stay.
    """

    groups: tuple[tuple[int, int, int], ...]
    bias: bool
    keep: tuple[int, ...]


class Bins(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="bins"):
    """The number of the interval that a value lies in; edges: the inner ones of each column."""

    edges: tuple[tuple[float, ...], ...]


class Floats(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="floats"):
    """Numbers in FP64, or left in FP32 where `single` allows it."""

    single: bool = False
    refuses: Refuses = ""


class Absent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="absent"):
    """Zero becomes NaN: a sparse matrix has no zeros, and XGBoost takes what is not there for missing."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some columns and what is done to them; `at` is None for all."""

    at: tuple[int, ...] | None
    steps: tuple[Step, ...] = ()


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="join"):
    """Parts side by side, in the dtype that holds all of them."""

    parts: tuple[Part, ...]


Step: TypeAlias = Scale | Fill | Words | Ordinal | Hot | Pick | Call | Products | Bins | Floats | Absent | Join


class ColumnsSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole stage: `names` and `count` of the columns it is given, and the steps.

    by_name: columns are found by their names, in any order and among others.
    """

    count: int
    steps: tuple[Step, ...]
    names: tuple[str, ...] | None = None
    by_name: bool = False
