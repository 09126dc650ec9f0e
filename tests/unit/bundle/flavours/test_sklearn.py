from __future__ import annotations

import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.cluster import Birch
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from trimtab.bundle.flavours.sklearn import Sklearn
from trimtab.core.errors import Problem, UserError

FLAVOUR = Sklearn()
LOCAL = """
from sklearn.base import BaseEstimator, TransformerMixin

class Doubles(TransformerMixin, BaseEstimator):
    def fit(self, rows, truth=None):
        return self

    def transform(self, rows):
        return rows[["tenure"]].to_numpy() * 2.0
"""


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the user's own, importable for one test."""
    (tmp_path / "trimtab_local_steps.py").write_text(LOCAL)
    monkeypatch.syspath_prepend(str(tmp_path))
    import trimtab_local_steps

    yield trimtab_local_steps
    del sys.modules["trimtab_local_steps"]


def problem(source: object, method: str = "") -> Problem:
    with pytest.raises(UserError) as caught:
        FLAVOUR.open(source, method)
    (only,) = caught.value.problems
    return only


@pytest.mark.parametrize(
    ("part", "options"),
    [
        ("sklearn_joblib", {"format": "joblib", "method": "predict_proba"}),
        ("sklearn_zlib", {"format": "joblib", "method": "predict_proba"}),
        ("sklearn_pickle", {"format": "pickle", "method": "predict_proba"}),
        (
            "sklearn_skops",
            {
                "format": "skops",
                "method": "predict_proba",
                "trusted": ["sklearn.tree._tree.Tree"],
                "classes": {"probability": ["gold", "iron", "wood"]},
            },
        ),
    ],
)
def test_options_say_how_the_file_is_read(parts: ModuleType, tmp_path: Path, part: str, options: Any) -> None:
    source = parts.files[part][0](tmp_path)
    (tmp_path / "out").mkdir()
    assert FLAVOUR.save(source, tmp_path / "out", "") == options


def test_answers_are_the_estimators_own(parts: ModuleType, tmp_path: Path) -> None:
    pipeline = parts.pipeline()
    options = FLAVOUR.save(pipeline, tmp_path, "")
    model = FLAVOUR.load(tmp_path, options)
    assert model(parts.frame())["probability"].tolist() == pipeline.predict_proba(parts.frame())[:, 1].tolist()


def test_another_method_is_kept_for_loading(parts: ModuleType, tmp_path: Path) -> None:
    options = FLAVOUR.save(parts.forest(), tmp_path, "predict")
    assert options["method"] == "predict"
    assert set(FLAVOUR.load(tmp_path, options)(parts.numbers())["prediction"]) == {"gold", "iron", "wood"}


def test_a_skops_file_is_read_with_exactly_the_types_that_were_trusted(parts: ModuleType, tmp_path: Path) -> None:
    options = FLAVOUR.save(parts.forest(), tmp_path, "")
    assert options["trusted"] == ["sklearn.tree._tree.Tree"]
    with pytest.raises(UserError) as caught:
        FLAVOUR.load(tmp_path, {**options, "trusted": []})
    (found,) = caught.value.problems
    assert found.code == "P225"
    assert "sklearn.tree._tree.Tree" in found.what


def test_a_model_that_skops_cannot_hold_is_written_by_joblib(parts: ModuleType, tmp_path: Path) -> None:
    clusters = Birch(n_clusters=2).fit(parts.numbers())
    options = FLAVOUR.save(clusters, tmp_path, "")
    assert options == {"format": "joblib", "method": "predict"}
    assert [path.name for path in tmp_path.iterdir()] == ["model.joblib"]
    rows = parts.numbers()
    assert np.array_equal(FLAVOUR.load(tmp_path, options)(rows)["prediction"], clusters.predict(rows))


def test_a_model_read_from_a_file_is_saved_like_the_trained_one(parts: ModuleType, tmp_path: Path) -> None:
    forest = parts.forest()
    folders = [tmp_path / "trained", tmp_path / "read"]
    for folder, source in zip(folders, [forest, pickle.loads(pickle.dumps(forest))], strict=True):
        folder.mkdir()
        FLAVOUR.save(source, folder, "")
    assert (folders[0] / "model.skops").read_bytes() == (folders[1] / "model.skops").read_bytes()


def test_a_transformer_of_a_local_module_works(parts: ModuleType, tmp_path: Path, local: Any) -> None:
    from sklearn.linear_model import LogisticRegression

    pipeline = make_pipeline(local.Doubles(), LogisticRegression()).fit(parts.frame(), parts.leaves())
    joblib.dump(pipeline, tmp_path / "own.joblib")
    for source in (pipeline, tmp_path / "own.joblib"):
        folder = tmp_path / type(source).__name__
        folder.mkdir()
        model = FLAVOUR.load(folder, FLAVOUR.save(source, folder, ""))
        assert model(parts.frame())["probability"].tolist() == pipeline.predict_proba(parts.frame())[:, 1].tolist()


def test_a_file_whose_module_is_not_here_says_so(parts: ModuleType, tmp_path: Path, local: Any) -> None:
    data = pickle.dumps(make_pipeline(local.Doubles()).fit(parts.frame()))
    (tmp_path / "own.pkl").write_bytes(data.replace(b"trimtab_local_steps", b"trimtab_nobody_has1"))
    (tmp_path / "main.pkl").write_bytes(data.replace(b"\x13trimtab_local_steps", b"\x08__main__").replace(b"\x95", b""))
    found = problem(tmp_path / "own.pkl")
    assert found.code == "P225"
    assert "`own.pkl` needs code that is not here: ModuleNotFoundError" in found.what
    assert "`__main__`" in found.hint


@pytest.mark.parametrize(
    "step", [FunctionTransformer(lambda rows: rows), FunctionTransformer(type("Local", (), {"__call__": max})())]
)
def test_a_model_that_cannot_be_saved_is_refused(parts: ModuleType, tmp_path: Path, step: Any) -> None:
    pipeline = make_pipeline(step).fit(parts.numbers())
    with pytest.raises(UserError) as caught:
        FLAVOUR.save(pipeline, tmp_path, "")
    assert caught.value.problems[0].code == "P227"
    assert list(tmp_path.iterdir()) == []


def test_a_class_of_the_main_program_is_refused(root: Path, tmp_path: Path, start: Any) -> None:
    del root
    (tmp_path / "train.py").write_text(
        "from pathlib import Path\n"
        "from sklearn.linear_model import LinearRegression\n"
        "from trimtab.bundle.flavours import detect_flavour\n"
        "from trimtab.core.errors import UserError\n"
        "class Mine(LinearRegression):\n"
        "    pass\n"
        "model = Mine().fit([[1.0], [2.0]], [1.0, 2.0])\n"
        "try:\n"
        "    detect_flavour(model).save(model, Path('.'), '')\n"
        "except UserError as error:\n"
        "    print(error)\n"
    )
    child = start("python", "train.py", cwd=tmp_path)
    assert child.end(60) == 0, child.err
    assert "error[P227]: the `Mine` uses code of `__main__`, which no server has" in child.out
    assert not list(tmp_path.glob("model.*"))


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    joblib.dump({"model": 1}, tmp_path / "dict.joblib")
    found = problem(tmp_path / "dict.joblib")
    assert found.code == "P225"
    assert found.what == "`dict.joblib` holds a `dict` that can neither predict nor transform"
    assert found.where == str(tmp_path / "dict.joblib")


@pytest.mark.parametrize(("part", "name"), [("sklearn_joblib", "a.joblib"), ("sklearn_skops", "a.skops")])
def test_a_file_that_is_cut_off_is_refused(parts: ModuleType, tmp_path: Path, part: str, name: str) -> None:
    whole = parts.files[part][0](tmp_path).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    found = problem(tmp_path / name)
    assert found.code == "P225"
    assert found.what.startswith(f"`{name}` cannot be read: ")


def test_the_format_is_never_guessed_by_trying(parts: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.skops").write_bytes(pickle.dumps(parts.pipeline()))
    found = problem(tmp_path / "a.skops")
    assert (found.code, found.what) == (
        "P223",
        "`a.skops` should be a skops file (a zip archive), but its content is a pickle",
    )
    import skops.io  # here alone: it imports all of scikit-learn, and torch

    skops.io.dump(parts.pipeline(), tmp_path / "a.joblib")
    assert problem(tmp_path / "a.joblib").what.endswith("but its content is a zip archive")
