from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from trimtab.bundle.flavours import flavour_named
from trimtab.bundle.mlflow.folder import read_mlflow
from trimtab.core.errors import Problem, UserError


@pytest.fixture(scope="module")
def folders(parts: ModuleType, parts_mlflow: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Model folders by name, each saved by MLflow once."""
    made: dict[str, Path] = {}

    def folder(name: str, **more: Any) -> Path:
        key = f"{name}{more or ''}"
        if key not in made:
            made[key] = getattr(parts_mlflow, name)(parts, tmp_path_factory.mktemp("mlflow") / "model", **more)
        return made[key]

    return folder


def ours(folder: Path, rows: Any, out: Path) -> Any:
    """The answers after packaging, which need no MLflow."""
    found = read_mlflow(folder)
    flavour = flavour_named(found.flavour)
    return flavour.load(out, flavour.save(found.source, out, found.method))(rows)


def theirs(folder: Path, rows: Any) -> Any:
    import mlflow.pyfunc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlflow.pyfunc.load_model(str(folder)).predict(rows)


def problem(call: Callable[[], Any]) -> Problem:
    with pytest.raises(UserError) as caught:
        call()
    (only,) = caught.value.problems
    return only


@pytest.mark.parametrize(
    ("name", "more", "rows"),
    [
        ("pipeline", {}, "frame"),
        ("forest", {}, "numbers"),
        ("forest", {"form": "cloudpickle"}, "numbers"),
        ("forest", {"form": "pickle"}, "numbers"),
        ("xgb", {}, "categories"),
        ("xgb_booster", {}, "numbers"),
        ("lgbm", {}, "categories"),
        ("lgbm_booster", {}, "numbers"),
    ],
)
def test_answers_are_mlflows(parts: ModuleType, folders: Any, tmp_path: Path, name: str, more: Any, rows: str) -> None:
    folder, data = folders(name, **more), getattr(parts, rows)()
    (answer,) = ours(folder, data, tmp_path).values()
    assert np.asarray(answer).tolist() == np.asarray(theirs(folder, data)).tolist()


def test_onnx_answers_are_mlflows(parts: ModuleType, folders: Any, tmp_path: Path) -> None:
    folder, rows = folders("onnx"), parts.matrix()
    wanted, got = theirs(folder, rows), ours(folder, rows, tmp_path)
    assert {name: values.tolist() for name, values in got.items()} == {k: v.tolist() for k, v in wanted.items()}


@pytest.mark.parametrize(
    ("name", "flavour", "file"),
    [
        ("forest", "sklearn", "model.skops"),
        ("xgb", "xgboost", "model.ubj"),
        ("lgbm", "sklearn", "model.skops"),  # the wrapper, and so its labels
        ("lgbm_booster", "lightgbm", "model.lgb"),
        ("onnx", "onnx", "model.onnx"),
    ],
)
def test_the_models_own_file_is_the_source(folders: Any, name: str, flavour: str, file: str) -> None:
    found = read_mlflow(folders(name))
    assert (found.flavour, found.source) == (flavour, folders(name) / file)


@pytest.mark.torch
def test_exported_torch_answers_are_mlflows(parts: ModuleType, folders: Any, tmp_path: Path) -> None:
    folder, rows = folders("torch_exported"), parts.matrix()
    assert ours(folder, rows, tmp_path)["prediction"].tolist() == theirs(folder, rows).tolist()


@pytest.mark.torch
def test_a_pickled_torch_module_is_refused_with_what_helps(folders: Any) -> None:
    found = problem(lambda: read_mlflow(folders("torch_pickled")))
    assert found.code == "P218"
    assert "is a pickled module (of class `torch.nn.modules.container.Sequential`)" in found.what
    assert 'serialization_format="pt2"' in found.hint


def test_labels_follow_mlflow_and_chances_are_a_method_away(folders: Any, tmp_path: Path) -> None:
    found = read_mlflow(folders("forest"))
    assert found.method == "predict"
    options = flavour_named("sklearn").save(found.source, tmp_path, "predict_proba")
    assert options["classes"] == {"probability": ["gold", "iron", "wood"]}
    assert options["trusted"] == ["sklearn.tree._tree.Tree"]


def test_columns_and_the_example_have_the_dtypes_of_training(parts: ModuleType, folders: Any) -> None:
    found = read_mlflow(folders("pipeline"))
    assert [str(field) for field in found.inputs] == ["tenure INT64[-1]", "spend FP64[-1]", "plan BYTES[-1]"]
    assert [field.frame for field in found.inputs] == ["int64", "float64", ""]
    assert found.container == "frame"
    assert found.example.equals(parts.frame()[:3].astype(found.example.dtypes))
    assert found.example.dtypes[["tenure", "spend"]].tolist() == [np.int64, np.float64]


def test_one_tensor_is_a_matrix(parts: ModuleType, folders: Any) -> None:
    found = read_mlflow(folders("onnx"))
    assert ([str(field) for field in found.inputs], found.container) == (["input FP32[-1,3]"], "matrix")
    assert (found.example.dtype, found.example.tolist()) == (np.float32, parts.matrix()[:3].tolist())


def test_a_model_without_signature_and_example_has_neither(folders: Any) -> None:
    found = read_mlflow(folders("lgbm_booster"))
    assert (found.inputs, found.example, found.code) == ((), None, ())


def test_reading_needs_no_mlflow_and_no_framework(folders: Any, tmp_path: Path, start: Callable[..., Any]) -> None:
    (tmp_path / "read.py").write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from trimtab.bundle.mlflow.folder import read_mlflow\n"
        "print(read_mlflow(Path(sys.argv[1])).flavour)\n"
        "print({'mlflow', 'sklearn', 'skops', 'pandas'} & set(sys.modules))\n"
    )
    child = start("python", "read.py", str(folders("forest")), cwd=tmp_path)
    assert child.end(60) == 0, child.err
    assert child.out.split() == ["sklearn", "set()"]


MODEL = """flavors:
  sklearn: {pickled_model: model.pkl, code: code}
  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl, predict_fn: predict_proba}
"""


def folder_of(tmp_path: Path, text: str, *files: str) -> Path:
    (tmp_path / "MLmodel").write_text(text)
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def test_the_models_own_modules_and_method_are_found(tmp_path: Path) -> None:
    found = read_mlflow(folder_of(tmp_path, MODEL, "model.pkl", "code/steps.py"))
    assert (found.code, found.method) == ((tmp_path / "code",), "predict_proba")
    assert found.source == tmp_path / "model.pkl"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flavors: [", "the `MLmodel` file is not YAML"),
        ("- 1", "the `MLmodel` file names no flavors"),
        ("run_id: 7", "the `MLmodel` file names no flavors"),
        ("flavors: {python_function: {python_model: m.pkl}}", "is Python code (`python_function`) that needs MLflow"),
        ("flavors: {python_function: {model_code_path: m.py}}", "is Python code (`python_function`) that needs MLflow"),
        ("flavors: {spark: {}, catboost: {}}", "has the flavors `catboost`, `spark`"),
        ("flavors: {onnx: {data: no.onnx}}", "names `no.onnx`, which is not in the folder"),
        ("flavors: {onnx: {data: ../MLmodel}}", "names `../MLmodel`, which is not in the folder"),
        ("flavors: {onnx: {data: /etc/hostname}}", "names `/etc/hostname`, which is not in the folder"),
        ("flavors: {xgboost: {}}", "names ``, which is not in the folder"),
        ("flavors: {pytorch: {model_data: data}}", "has no `model.pt2` or `model.pth`"),
    ],
)
def test_a_folder_that_cannot_be_served_says_why(tmp_path: Path, text: str, words: str) -> None:
    found = problem(lambda: read_mlflow(folder_of(tmp_path, text, "data/readme")))
    assert found.code == "P218"
    assert words in found.what


def test_a_folder_without_description_is_refused(tmp_path: Path) -> None:
    assert problem(lambda: read_mlflow(tmp_path)).code == "P220"
