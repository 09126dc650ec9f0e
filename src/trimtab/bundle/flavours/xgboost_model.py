"""An XGBoost booster as a model."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from trimtab.bundle.flavours.sources import framework
from trimtab.bundle.flavours.tables import matrix, numeric
from trimtab.core.dtypes import Array

__all__ = ["BoosterModel", "config_of"]

_EVEN: Final = 0.5  # the wrapper's limit between two classes


def config_of(booster: Any) -> Any:
    """What a booster says of itself: objective, classes, kind of booster."""
    return json.loads(booster.save_config())["learner"]


@dataclass(frozen=True, slots=True)
class BoosterModel:
    """Predicts in place, without a DMatrix, as XGBoost's own wrappers do."""

    booster: Any
    answer: str
    trees: int
    missing: float
    names: list[str] | None
    linear: bool
    categorical: bool

    @classmethod
    def of(cls, booster: Any, options: Mapping[str, Any]) -> BoosterModel:
        """The model for a booster and the options of the flavour."""
        linear = config_of(booster)["gradient_booster"]["name"] == "gblinear"
        missing = float(options.get("missing", math.nan))
        categorical = "c" in (booster.feature_types or ())
        return cls(booster, options["answer"], options["trees"], missing, booster.feature_names, linear, categorical)

    def __call__(self, prepared: Any) -> Mapping[str, Any]:
        """Outputs by name."""
        value = self._value(prepared, margin=self.answer == "softmax")
        match self.answer:
            case "probability":
                return {"probability": value}
            case "softmax":
                return {"probability": framework("scipy.special").softmax(value, axis=1)}
            case "label":
                return {"prediction": value.argmax(axis=1) if value.ndim > 1 else (value > _EVEN).astype(np.int64)}
            case "labels":
                return {"prediction": (value > _EVEN).astype(np.int64)}
            case _:
                return {"prediction": value}

    def _value(self, prepared: Any, *, margin: bool) -> Array:
        data = self._data(prepared)
        trees = (0, 0 if self.linear else self.trees)
        value: Array
        if self.linear:
            names = None if hasattr(data, "columns") else self.names
            table = framework("xgboost").DMatrix(data, missing=self.missing, feature_names=names)
            value = self.booster.predict(table, output_margin=margin, iteration_range=trees)
        else:
            kind = "margin" if margin else "value"
            value = self.booster.inplace_predict(data, iteration_range=trees, predict_type=kind, missing=self.missing)
        return value

    def _data(self, prepared: Any) -> Any:
        """A DataFrame of plain numbers with the right names goes in as one matrix, several times faster for one row."""
        if not hasattr(prepared, "columns"):
            return prepared if isinstance(prepared, np.ndarray) else matrix(prepared, np.float32, self.names)
        as_trained = self.names is None or list(prepared.columns) == self.names
        if as_trained and not self.categorical and numeric(prepared) and math.isnan(self.missing):
            return matrix(prepared, np.float32)
        return prepared
