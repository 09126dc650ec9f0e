"""An MLflow model folder as the model of a recipe: its own code folder goes into the bundle."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest

from trimtab.core.table import Column, Table

MLMODEL = """
flavors:
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl, predict_fn: predict, code: code}
  sklearn: {pickled_model: model.pkl, serialization_format: pickle, code: code}
"""
TRANSFORMER = """
from sklearn.base import BaseEstimator, TransformerMixin


class Half(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.n_ = 1
        return self

    def transform(self, X):
        return X / 2
"""


def test_code_beside_an_mlflow_model_is_part_of_the_bundle(workshop):
    pytest.importorskip("yaml")
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    workshop.write({"run/MLmodel": MLMODEL, "run/code/half_of_it.py": TRANSFORMER, "half_of_it.py": "never = 1\n"})
    code = str(workshop.root / "run" / "code")
    sys.path.insert(0, code)
    try:
        from half_of_it import Half  # type: ignore[import-not-found]  # made above

        model = make_pipeline(Half(), LinearRegression()).fit(np.array([[2.0], [4.0]]), [1.0, 2.0])
        (workshop.root / "run" / "model.pkl").write_bytes(pickle.dumps(model))
    finally:
        sys.path.remove(code)
        sys.modules.pop("half_of_it", None)
    workshop.lock_everything()
    bundle = workshop.package(model=workshop.root / "run", sample=np.array([[2.0], [3.0]]))
    assert bundle.manifest.code.files == ("half_of_it.py",)
    assert (bundle.folder / "code" / "half_of_it.py").read_text() == TRANSFORMER
    answer = bundle.load()(Table({"input": Column(np.array([[6.0]]))}, 1))
    assert answer["prediction"].tolist() == pytest.approx([3.0])
