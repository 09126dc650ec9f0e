from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from trimtab.bundle.flavours import FLAVOURS, detect_flavour, flavour_named, output_classes
from trimtab.core.errors import Problem, UserError

SUFFIXES = {
    "sklearn": ["a.joblib", "a.pkl", "a.pickle", "a.skops", "A.JOBLIB"],
    "xgboost": ["a.ubj", "a.json", "a.xgb"],
    "lightgbm": ["a.txt", "a.lgb"],
    "onnx": ["a.onnx"],
    "torch": ["a.pt", "a.pth", "a.ts", "a.pt2"],
}


def problem(call: Callable[[], Any]) -> Problem:
    with pytest.raises(UserError) as caught:
        call()
    (only,) = caught.value.problems
    return only


@pytest.mark.parametrize(("flavour", "name"), [(one, name) for one, names in SUFFIXES.items() for name in names])
def test_a_file_is_recognised_by_its_suffix(flavour: str, name: str) -> None:
    assert detect_flavour(Path(name)).name == flavour


@pytest.mark.parametrize(
    ("content", "flavour"), [(b"{L\x00", "xgboost"), (b'{"learner"', "xgboost"), (b"tree\nversion=v4", "lightgbm")]
)
@pytest.mark.parametrize("suffix", [".bst", ".model"])
def test_a_suffix_that_two_frameworks_use_is_told_apart_by_content(
    tmp_path: Path, suffix: str, content: bytes, flavour: str
) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    assert detect_flavour(tmp_path / f"a{suffix}").name == flavour


@pytest.mark.parametrize(
    ("part", "flavour"),
    [
        ("pipeline", "sklearn"),
        ("xgb_classifier", "xgboost"),
        ("xgb_booster", "xgboost"),
        ("lgbm_classifier", "lightgbm"),
        ("lgbm_booster", "lightgbm"),
        ("onnx_classifier", "onnx"),
        pytest.param("torch_net", "torch", marks=pytest.mark.torch),
        pytest.param("torch_exported", "torch", marks=pytest.mark.torch),
    ],
)
def test_an_object_is_recognised_by_its_classes(parts: ModuleType, part: str, flavour: str) -> None:
    assert detect_flavour(parts.objects[part][0]()).name == flavour


def test_a_users_own_subclass_keeps_the_flavour_of_its_framework() -> None:
    from sklearn.linear_model import LinearRegression
    from xgboost import XGBRegressor

    class Mine(XGBRegressor):
        pass

    class Ours(LinearRegression):
        pass

    assert detect_flavour(Mine()).name == "xgboost"
    assert detect_flavour(Ours()).name == "sklearn"


@pytest.mark.parametrize("source", ["prices:predict", "shop.prices:Model.best", len, Problem])
def test_code_and_references_are_python(source: object) -> None:
    assert detect_flavour(source).name == "python"


def test_an_unknown_suffix_is_named_with_what_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "model.h5").write_bytes(b"\x89HDF")
    found = problem(lambda: detect_flavour(tmp_path / "model.h5"))
    assert found.code == "P221"
    assert found.what == "the file `model.h5` is of no known flavour"
    assert "`.onnx`" in found.hint
    assert '[model] flavour = "..."' in found.hint


@pytest.mark.parametrize("source", ["model.joblib", "two words", 7, None, os, {"model": 1}])
def test_what_is_no_model_is_named(source: object) -> None:
    found = problem(lambda: detect_flavour(source))
    assert found.code == "P221"
    assert (source if isinstance(source, str) else type(source).__name__) in found.what


def test_a_missing_file_a_folder_and_an_empty_file_have_their_own_answer(tmp_path: Path) -> None:
    (tmp_path / "empty.bin").touch()
    assert problem(lambda: detect_flavour(tmp_path / "none.bin")).what.startswith("no readable model file")
    assert problem(lambda: detect_flavour(tmp_path)).what.endswith("is a folder, a file is wanted")
    assert problem(lambda: detect_flavour(tmp_path / "empty.bin")).what == "the model file `empty.bin` is empty"


@pytest.mark.parametrize("flavour", [name for name in FLAVOURS if name != "python"])
@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><html>", b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_file_that_is_something_else_is_refused_by_every_flavour(
    tmp_path: Path, flavour: str, content: bytes
) -> None:
    path = tmp_path / SUFFIXES[flavour][0]
    path.write_bytes(content)
    (tmp_path / "out").mkdir()
    calls = [lambda: FLAVOURS[flavour].open(path, ""), lambda: FLAVOURS[flavour].save(path, tmp_path / "out", "")]
    for call in calls:
        found = problem(call)
        assert found.code == ("P223" if content else "P220")
        assert found.where == str(path)
        assert path.name in found.what
        assert "LFS" not in found.what or "git lfs pull" in found.hint
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("flavour", [name for name in FLAVOURS if name != "python"])
def test_a_folder_where_a_file_is_wanted_is_refused_by_every_flavour(tmp_path: Path, flavour: str) -> None:
    path = tmp_path / SUFFIXES[flavour][0]
    path.mkdir()
    assert problem(lambda: FLAVOURS[flavour].open(path, "")).what.endswith("is a folder, a file is wanted")


def test_an_unknown_flavour_names_the_nearest() -> None:
    found = problem(lambda: flavour_named("xgbost"))
    assert (found.code, found.what, found.hint) == ("P222", "no flavour `xgbost`", "did you mean `xgboost`?")
    assert flavour_named("onnx") is FLAVOURS["onnx"]


def test_class_names_are_read_from_the_options() -> None:
    assert output_classes({"classes": {"probability": ["a", "b", "c"]}}) == {"probability": ("a", "b", "c")}
    assert output_classes({"format": "joblib"}) == {}


def test_detecting_imports_no_framework(tmp_path: Path, start: Callable[..., Any]) -> None:
    for names in SUFFIXES.values():
        for name in names:
            (tmp_path / name).write_bytes(b"tree")
    (tmp_path / "look.py").write_text(
        "import json, sys\n"
        "from pathlib import Path\n"
        "from trimtab.bundle.flavours import detect_flavour\n"
        "names = [detect_flavour(path).name for path in Path().iterdir() if path.suffix != '.py' and path.is_file()]\n"
        "names.append(detect_flavour('math:sqrt').name)\n"
        "print(json.dumps([names, sorted({name.partition('.')[0] for name in sys.modules})]))\n"
    )
    child = start("python", "look.py", cwd=tmp_path)
    assert child.end(60) == 0, child.err
    names, modules = json.loads(child.out)
    assert set(names) == set(FLAVOURS)
    heavy = {"sklearn", "xgboost", "lightgbm", "onnx", "onnxruntime", "torch", "pandas", "skops", "joblib", "scipy"}
    assert heavy & set(modules) == set()
