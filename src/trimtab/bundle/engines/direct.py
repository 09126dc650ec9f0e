"""A native model on checked rows, without the copies and checks that code of a user's own needs around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from trimtab.bundle.data.containers import container_of
from trimtab.bundle.data.outputs import empty_outputs, fit, to_outputs
from trimtab.bundle.engines.inputs import Block
from trimtab.bundle.engines.native import asked_with
from trimtab.bundle.predictor import Model, Outputs, Predictor
from trimtab.core.dtypes import DTYPES, Array, is_integer
from trimtab.core.signature import Signature
from trimtab.core.table import Table

__all__ = ["direct"]


def direct(signature: Signature, model: Model) -> Predictor:
    """The same function as `compose` without preparation, for a model that does not write into what it is given."""
    contain = _views(signature)
    promise = {
        field.name: (DTYPES[field.dtype], field.shape[1:]) for field in signature.outputs if field.dtype != "BYTES"
    }
    whole = len(promise) == len(signature.outputs)

    def predict(table: Table) -> Outputs:
        if table.height == 0:
            return empty_outputs(signature.outputs)
        answers = model(contain(table))
        kept = whole and answers.keys() == promise.keys()
        for name, (dtype, inner) in promise.items() if kept else ():
            array = answers[name]
            kept = isinstance(array, np.ndarray) and array.dtype == dtype and array.shape == (table.height, *inner)
            if not kept:
                break
        return dict(answers) if kept and promise else fit(to_outputs(answers), signature.outputs, table.height)

    predict.native = asked_with(getattr(model, "native", None), signature)  # type: ignore[attr-defined]
    return predict


def _views(signature: Signature) -> Callable[[Table], Any]:
    """The signature's container, made of the table's own arrays where they say all there is to say."""
    odd = any(field.nullable and (is_integer(field.dtype) or field.dtype == "BOOL") for field in signature.inputs)
    if signature.container == "frame" or odd:
        return container_of(signature)
    if signature.container == "matrix":
        (only,) = signature.inputs
        return lambda table: table.columns[only.name].values  # our own Column's
    names = [field.name for field in signature.inputs]

    def arrays(table: Table) -> dict[str, Array]:
        if table.block is not None:
            return Block(names, table.block)
        return {name: table.columns[name].values for name in names}  # our own Column's

    return arrays
