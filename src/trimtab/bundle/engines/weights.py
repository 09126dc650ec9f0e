"""What `model.json` of folded weights says."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec
import numpy as np

__all__ = ["Category", "LinearSpec", "Link", "Number", "Shift"]

Link: TypeAlias = Literal["identity", "sigmoid", "softmax", "shares", "label"]
_LARGEST: Final = float(np.finfo(np.float64).max)


class Number(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="number"):
    """A column of numbers: its weight for each output.

    fill: what a missing value counts as; None where the model refuses missing values. limit: a value further from zero
    would become infinite on its way through the model, which refuses that.
    """

    at: int
    weights: tuple[float, ...]
    fill: float | None = None
    limit: float = _LARGEST


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="category"):
    """A column of categories: the weights of each value, of a missing one, and of one never seen.

    None in place of weights: the model refuses such a value.
    """

    at: int
    values: tuple[str | float | bool, ...]
    weights: tuple[tuple[float, ...], ...]
    missing: tuple[float, ...] | None = None
    unknown: tuple[float, ...] | None = None


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is subtracted from each column of a matrix of FP32 and what it is divided by, in FP32; None: nothing.

    The model rounds there, so folding would be more exact than it is.
    """

    minus: tuple[float, ...] | None = None
    by: tuple[float, ...] | None = None


class LinearSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a folded model is: `names` and `count` of its columns, their terms, and what makes the answer.

    flat: the answer is one number a row, not a list of one. by_name: columns are found by their names, in any order
    and among others. labels: what link "label" answers. shifts: what is done to the rows first.
    """

    count: int
    terms: tuple[Number | Category, ...]
    intercept: tuple[float, ...]
    link: Link
    output: str
    names: tuple[str, ...] | None = None
    flat: bool = True
    by_name: bool = False
    labels: tuple[str | int | float | bool, ...] = ()
    shifts: tuple[Shift, ...] = ()
