from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from trimtab.bundle.flavours.estimator import EstimatorModel, chosen_method, class_names, named, plain_classes
from trimtab.core.errors import UserError

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
TWO = np.array([0, 0, 1, 1])


class Picks(TransformerMixin, BaseEstimator):
    """A transformer of the user's own that wants a DataFrame and never says so."""

    def fit(self, _rows: Any, _truth: Any = None) -> Picks:
        return self

    def transform(self, rows: Any) -> Any:
        return rows[["b"]].to_numpy()


class Scores:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, _rows: Any) -> Any:
        return self.answer


def model(estimator: Any, method: str = "") -> EstimatorModel:
    return EstimatorModel.of(estimator, chosen_method(estimator, method))


def test_the_default_method_is_the_most_telling_one() -> None:
    assert chosen_method(LogisticRegression(), "") == "predict_proba"
    assert chosen_method(SVC(), "") == "predict"
    assert chosen_method(LinearRegression(), "") == "predict"
    assert chosen_method(StandardScaler(), "") == "transform"


@pytest.mark.parametrize("method", ["predict_probe", "_fit_svd", "classes_", "n_features_in_"])
def test_a_method_that_is_not_there_is_refused_with_the_nearest(method: str) -> None:
    with pytest.raises(UserError) as caught:
        chosen_method(LogisticRegression().fit(FRAME, TWO), method)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P226", "[model] method")
    assert problem.what == f"the model `LogisticRegression` has no method `{method}`"
    assert "`predict" in problem.hint


def test_an_object_without_any_method_is_refused() -> None:
    with pytest.raises(UserError, match="the model `object` has no method `predict`"):
        chosen_method(object(), "")


def test_two_classes_are_the_chance_of_the_second() -> None:
    fitted = LogisticRegression().fit(FRAME, TWO)
    assert model(fitted)(FRAME)["probability"].tolist() == fitted.predict_proba(FRAME)[:, 1].tolist()
    assert class_names(fitted, "predict_proba") == {}


def test_three_classes_are_a_column_each_with_its_name() -> None:
    fitted = LogisticRegression().fit(FRAME, ["x", "y", "z", "z"])
    assert model(fitted)(FRAME)["probability"].shape == (4, 3)
    assert class_names(fitted, "predict_proba") == {"probability": ["x", "y", "z"]}
    assert class_names(fitted, "decision_function") == {"prediction": ["x", "y", "z"]}
    assert class_names(fitted, "predict") == {}


def test_several_targets_have_an_output_each() -> None:
    truth = np.column_stack([TWO, [0, 1, 2, 2]])
    fitted = MultiOutputClassifier(LogisticRegression()).fit(FRAME, truth)
    assert {name: values.shape for name, values in model(fitted)(FRAME).items()} == {
        "probability_0": (4,),
        "probability_1": (4, 3),
    }
    assert class_names(fitted, "predict_proba") == {"probability_1": [0, 1, 2]}


def test_other_methods_are_a_prediction() -> None:
    fitted = LogisticRegression().fit(FRAME, TWO)
    assert model(fitted, "predict")(FRAME)["prediction"].tolist() == fitted.predict(FRAME).tolist()
    assert list(model(fitted, "decision_function")(FRAME)) == ["prediction"]


def test_frames_series_sparse_and_tuples_become_arrays() -> None:
    assert {n: v.tolist() for n, v in named("transform", FRAME[:1]).items()} == {"a": [0.0], "b": [1.0]}
    assert isinstance(named("predict", FRAME.a)["prediction"], np.ndarray)
    assert named("transform", sparse.eye(2))["prediction"].tolist() == [[1, 0], [0, 1]]
    assert list(named("kneighbors", (TWO, TWO))) == ["prediction_0", "prediction_1"]
    assert list(model(Scores(TWO))(FRAME)) == ["prediction"]


def test_class_labels_are_plain_values() -> None:
    assert plain_classes(np.array([True, False])) == [True, False]
    assert plain_classes(np.array([np.int32(3)])) == [3]
    assert plain_classes(np.array(["2020-01-01"], "datetime64[D]")) == ["2020-01-01"]


# warnings are errors in these tests: scikit-learn warns when it is given the other container


def test_an_estimator_of_frames_gets_a_frame_from_any_container() -> None:
    fitted = LogisticRegression().fit(FRAME, TWO)
    arrays = {name: FRAME[name].to_numpy() for name in FRAME}
    wanted = model(fitted)(FRAME)["probability"].tolist()
    assert model(fitted)(arrays)["probability"].tolist() == wanted
    assert model(fitted)(FRAME.to_numpy())["probability"].tolist() == wanted


@pytest.mark.parametrize(
    "make",
    [
        LogisticRegression,
        lambda: make_pipeline(StandardScaler(), LogisticRegression()),
        lambda: GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2),
    ],
)
def test_an_estimator_of_arrays_gets_an_array_from_any_container(make: Any) -> None:
    fitted = make().fit(FRAME.to_numpy(), TWO)
    arrays = {name: FRAME[name].to_numpy() for name in FRAME}
    wanted = model(fitted)(FRAME.to_numpy())["probability"].tolist()
    assert model(fitted)(FRAME)["probability"].tolist() == wanted
    assert model(fitted)(arrays)["probability"].tolist() == wanted


def test_nullable_numbers_become_floats_for_an_estimator_of_arrays() -> None:
    fitted = LinearRegression().fit(FRAME.to_numpy(), [1.0, 2.0, 3.0, 4.0])
    nullable = FRAME.astype("Int64")
    assert model(fitted)(nullable)["prediction"].tolist() == model(fitted)(FRAME)["prediction"].tolist()


def test_a_users_transformer_gets_the_frame_it_was_written_for() -> None:
    fitted = make_pipeline(Picks(), LinearRegression()).fit(FRAME, [1.0, 0.0, 1.0, 0.0])
    assert np.allclose(model(fitted)(FRAME)["prediction"], [1, 0, 1, 0])
