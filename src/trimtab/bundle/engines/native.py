"""A model that is one call of the kernels, for whoever fills its matrix himself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final, Literal

import numpy as np

from trimtab.bundle.predictor import Predictor
from trimtab.core.dtypes import DTYPES
from trimtab.core.signature import Field, Signature

__all__ = ["Native", "asked_with", "at_most", "matrix_alone", "native_of"]

_FLOATS: Final = frozenset({"FP32", "FP64"})
_TWO: Final = 2  # axes of a matrix


@dataclass(frozen=True, slots=True, eq=False)
class Native:
    """A matrix [rows, columns] of `rows`, row by row, to answers [rows, width] of `answers`.

    kind: "none" for the matrix alone. address: of the model's structure, which lies in memory of `keep`. scratch: bytes
    that a call works in. flat: the answer is [rows] where the width is one. most: so many rows at most are asked in
    this form.
    """

    kind: Literal["linear", "forest", "none"]
    address: int
    columns: int
    rows: np.dtype[Any]
    width: int
    answers: np.dtype[Any]
    output: str
    flat: bool
    keep: object
    scratch: int = 0
    names: Sequence[str] | None = None
    most: float = inf


def native_of(predictor: Predictor) -> Native | None:
    """The call that a predictor is; None for one that is more than that."""
    found: Native | None = getattr(predictor, "native", None)
    return found


def asked_with(native: Native | None, signature: Signature) -> Native | None:
    """The model, where the columns of the signature side by side are its matrix as it is, else None."""
    if native is None or [field.name for field in signature.outputs] != [native.output]:
        return None
    (output,) = signature.outputs
    inner = () if native.flat and native.width == 1 else (native.width,)
    if DTYPES[output.dtype] != native.answers or output.shape[1:] != inner:
        return None
    return native if _is_matrix(signature, native) else None


def matrix_alone(signature: Signature) -> Native | None:
    """The matrix that the columns of a signature are, side by side, without a model; None where they are none."""
    inputs, kinds = signature.inputs, {field.dtype for field in signature.inputs}
    if len(kinds) != 1 or not kinds <= _FLOATS or not all(map(_anything, inputs)):
        return None
    columns, dtype = len(inputs), DTYPES[inputs[0].dtype]
    if signature.container == "matrix":
        if len(inputs) != 1 or len(inputs[0].shape) != _TWO or inputs[0].shape[1] < 1:
            return None
        columns = inputs[0].shape[1]
    elif columns == 1 or dtype != np.float64 or any(field.shape[1:] for field in inputs):
        return None
    return Native("none", 0, columns, dtype, 1, dtype, "", flat=True, keep=None)


def _is_matrix(signature: Signature, native: Native) -> bool:
    inputs = signature.inputs
    if any(DTYPES[field.dtype] != native.rows or not _anything(field) for field in inputs):
        return False
    if signature.container == "matrix":
        return len(inputs) == 1 and inputs[0].shape[1:] == (native.columns,)
    names = [field.name for field in inputs]
    ordered = native.names is None or list(native.names) == names
    return ordered and len(inputs) == native.columns and all(field.shape[1:] == () for field in inputs)


def _anything(field: Field) -> bool:
    """Whether the column may hold any number."""
    return field.categories is None and field.low is None and field.high is None


def at_most(native: Native | None, rows: int) -> Native | None:
    """The same for no more than so many rows."""
    return None if native is None else replace(native, most=min(native.most, rows))
