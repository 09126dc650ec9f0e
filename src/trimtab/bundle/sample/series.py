"""What a pandas column is; the only place of the sample that knows pandas' own dtypes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trimtab.bundle.sample.infer import Found, all_null, from_array, from_arrow, from_values, unsupported
from trimtab.core.dtypes import Array
from trimtab.core.signature import ORDERED, Field
from trimtab.core.table import Column

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["from_series"]


def from_series(name: str, series: pd.Series) -> Found:
    """The field of a pandas column, whose dtype becomes the field's `frame`; raises ColumnError."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _categories(name, series)
    if isinstance(dtype, pd.ArrowDtype):
        import pyarrow as pa

        return from_arrow(name, pa.chunked_array([pa.array(series)]), str(dtype))
    missing: Array | None = series.isna().to_numpy(bool)
    missing = missing if missing is not None and missing.any() else None
    if isinstance(dtype, pd.StringDtype):
        values = series.to_numpy(object, na_value=None)
        return Field(name, "BYTES", nullable=missing is not None, frame=str(dtype)), Column(values, missing)
    if dtype.kind == "M":
        zoneless = series.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(dtype, "tz", None) else series
        field, column = from_array(name, zoneless.to_numpy())
        return replace(field, frame=str(dtype)), column
    if dtype.kind == "m":
        raise unsupported(name, dtype, "convert it to a number of seconds: `.dt.total_seconds()`")
    if dtype.kind == "O" and isinstance(dtype, np.dtype):
        gone = np.zeros(len(series), bool) if missing is None else missing
        values = [None if null else value for value, null in zip(series.tolist(), gone.tolist(), strict=True)]
        return from_values(name, values)
    if isinstance(dtype, np.dtype):
        field, column = from_array(name, series.to_numpy())
        return replace(field, frame=str(dtype)), column
    own = getattr(dtype, "numpy_dtype", None)
    if own is None:
        raise unsupported(name, dtype)
    values = series.to_numpy(own, na_value=np.nan if own.kind == "f" else own.type(0))
    field, _ = from_array(name, values)
    return replace(field, nullable=missing is not None, frame=str(dtype)), Column(values, missing)


def _categories(name: str, series: pd.Series) -> Found:
    """The closed set of a categorical column, in the order that pandas numbers it."""
    words = series.cat.categories
    if len(words) == 0:
        raise all_null(name)
    inner, _ = from_series(name, words.to_series(index=range(len(words))))
    if inner.kind != "value" or len(inner.shape) > 1:
        raise unsupported(
            name, f"category of {words.dtype}", "convert it: `.astype(str)`, or to the categories' own dtype"
        )
    codes = series.cat.codes.to_numpy()
    missing = codes < 0
    nullable = bool(missing.any())
    if inner.dtype == "BYTES":
        values = np.array([*words.tolist(), None], object)[codes]
    else:
        values = words.to_numpy()[np.maximum(codes, 0)]
    if nullable and values.dtype.kind == "f":
        values[missing] = np.nan  # a float is null where it is NaN
    frame = ORDERED if series.cat.ordered else "category"
    field = replace(inner, nullable=nullable, categories=tuple(words.tolist()), frame=frame)
    return field, Column(values, missing if nullable else None)
