"""A LightGBM booster as a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from trimtab.bundle.flavours.sources import fail
from trimtab.bundle.flavours.tables import matrix, numeric
from trimtab.core.dtypes import Array

__all__ = ["BoosterModel"]


@dataclass(frozen=True, slots=True)
class BoosterModel:
    """Predicts from one matrix of FP64, which LightGBM computes in whatever it is given."""

    booster: Any
    answer: str
    labels: Any
    names: list[str]
    categories: list[list[Any]]

    @classmethod
    def of(cls, booster: Any, options: Mapping[str, Any]) -> BoosterModel:
        """The model for a booster and the options of the flavour."""
        labels = np.asarray(options["labels"]) if "labels" in options else None
        return cls(booster, options["answer"], labels, booster.feature_name(), booster.pandas_categorical or [])

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name."""
        value = self.booster.predict(self._data(prepared))
        if self.answer == "probability":
            return {"probability": value}
        if self.answer == "label":
            # as the wrapper does it: the first of equally likely classes
            index = value.argmax(axis=1) if value.ndim > 1 else (value > 1.0 - value).astype(np.int64)
            return {"prediction": index if self.labels is None else self.labels[index]}
        return {"prediction": value}

    def _data(self, prepared: Any) -> Any:
        if not hasattr(prepared, "columns"):
            return prepared if isinstance(prepared, np.ndarray) else matrix(prepared, np.float64, self.names)
        self._check_order(list(prepared.columns))
        if self.categories:
            return _coded(prepared, self.categories)
        return matrix(prepared, np.float64) if numeric(prepared) else prepared

    def _check_order(self, given: list[Any]) -> None:
        """P229 for the columns of the training in another order; LightGBM itself looks at their number only."""
        if given == self.names:
            return
        columns = [str(name).replace(" ", "_") for name in given]  # LightGBM keeps no blanks in names
        if columns != self.names and sorted(columns) == sorted(self.names):
            at = next(at for at, name in enumerate(columns) if name != self.names[at])
            what = f"the model's column {at + 1} was `{self.names[at]}` in training, here it is `{columns[at]}`"
            raise fail("P229", what, hint="return the columns in the order of the training")


def _coded(frame: Any, categories: list[list[Any]]) -> Any:
    """A DataFrame with its categories as the numbers they had in training; a null or a new one is NaN.

    The same numbers as LightGBM's own conversion, several times faster for one row. What that one would refuse comes
    back as it is, for LightGBM to say so.
    """
    kinds = [dtype.kind in "iufb" for dtype in frame.dtypes]
    coded = [at for at, plain in enumerate(kinds) if not plain]
    if len(coded) != len(categories) or any(not hasattr(frame.dtypes.iloc[at], "categories") for at in coded):
        return frame
    known = dict(zip(coded, categories, strict=True))
    columns = [
        _codes(frame.iloc[:, at].array, known[at])
        if at in known
        else frame.iloc[:, at].to_numpy(np.float64, na_value=np.nan)
        for at in range(len(kinds))
    ]
    return np.column_stack(columns)


def _codes(values: Any, known: list[Any]) -> Array:
    if values.categories.tolist() != known:
        values = values.set_categories(known)
    codes: Array = values.codes.astype(np.float64)
    codes[codes < 0] = np.nan
    return codes
