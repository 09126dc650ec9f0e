"""Files that are not what they are called, and pickles hidden in them: refused or harmless, and nothing is executed.

A canary is a folder that the pickle makes when it is read. Formats that are pickles by declaration are not asked here:
whether they may be loaded is a matter of trust.
"""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import json
import lzma
import pickle
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tests.doubles.hostile import DECLARED, Canary, zipped

from trimtab.bundle.flavours import detect_flavour, flavour_named
from trimtab.bundle.making.model import find_source
from trimtab.bundle.making.recipe import Recipe
from trimtab.core.errors import UserError

ENCODED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
}


@pytest.fixture(scope="module")
def parts(root: Path) -> ModuleType:
    """What builds small models of each flavour."""
    spec = importlib.util.spec_from_file_location("trimtab_hostile_parts", root / "tests/parts/make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """The folder that must not be there afterwards."""
    return tmp_path / "canary"


def npy(value: object) -> bytes:
    """An array of objects as numpy writes it."""
    data = io.BytesIO()
    np.save(data, np.array([value], dtype=object), allow_pickle=True)
    return data.getvalue()


def hidden(place: Path) -> dict[str, bytes]:
    """The same pickle in many dresses."""
    found = {f"protocol {number}": pickle.dumps(Canary(place), number) for number in range(6)}
    found |= {name: encode(found["protocol 4"]) for name, encode in ENCODED.items()}
    dressed = dict(found)
    for name, data in dressed.items():
        schema = json.dumps({"__class__": "object", "__module__": "builtins", "__loader__": "ObjectNode"}).encode()
        found[f"{name} in a zip"] = zipped(model_dot_pkl=data)
        found[f"{name} in a torch file"] = zipped(a__data_dot_pkl=data, a__constants_dot_pkl=data, a__version=b"3\n")
        found[f"{name} in skops"] = zipped(schema_dot_json=schema, x_dot_npy=data, y_dot_pkl=data)
        found[f"{name} in an export"] = zipped(
            a__models__model_dot_json=b"{}", a__archive_format=b"pt2", a__data__sample_inputs__model_dot_pt=data
        )
    found["npy"], found["npz"] = npy(Canary(place)), zipped(a_dot_npy=npy(Canary(place)))
    return found


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.torch] if "pt" in kind else []) for kind in DECLARED]
)
def test_a_pickle_in_any_dress_is_refused_where_another_format_is_declared(
    tmp_path: Path, canary: Path, kind: str
) -> None:
    name, file, options = DECLARED[kind]
    flavour = flavour_named(name)
    for number, (dress, data) in enumerate(hidden(canary).items()):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        (folder / file).write_bytes(data)
        with pytest.raises(UserError) as caught:
            flavour.load(folder, options)
        assert {problem.code for problem in caught.value.problems} <= {"P216", "P223", "P225"}, dress
        with pytest.raises(UserError):  # the same when it is packaged
            flavour.open(folder / file, "")
        assert not canary.exists(), dress


def renamed(parts: ModuleType, folder: Path, place: Path) -> dict[str, bytes]:
    """Twelve files by the names that they should not have."""
    pickled = pickle.dumps(Canary(place))
    skops = parts.sklearn_skops(folder).read_bytes()
    onnx, ubj = parts.onnx_file(folder).read_bytes(), parts.xgboost_ubj(folder).read_bytes()
    return {
        "a.onnx": pickled, "b.skops": pickled, "c.ubj": pickled, "d.json": pickled, "e.txt": pickled,
        "f.lgb": gzip.compress(pickled), "g.joblib": skops, "h.skops": onnx, "i.onnx": ubj, "j.txt": ubj,
        "k.pkl": onnx, "l.json": parts.lightgbm_text(folder).read_bytes(),
    }  # fmt: skip


def test_twelve_files_of_the_wrong_name_are_refused(parts: ModuleType, tmp_path: Path, canary: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    for name, data in renamed(parts, made, canary).items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(UserError) as caught:
            detect_flavour(path).save(path, made, "")
        assert {problem.code for problem in caught.value.problems} <= {"P223", "P225"}, name
    assert not canary.exists()


@pytest.mark.parametrize("kind", [kind for kind in DECLARED if "pt" not in kind])
@pytest.mark.parametrize("name", ["../model.onnx", "/etc/passwd", "model.pkl", "", None, 3, "model.ubj/../x"])
def test_a_manifest_cannot_name_another_file(tmp_path: Path, kind: str, name: object) -> None:
    flavour, _, options = DECLARED[kind]
    key = "format" if flavour == "sklearn" else "file"
    with pytest.raises(UserError) as caught:
        flavour_named(flavour).load(tmp_path, {**options, key: name})
    assert [problem.code for problem in caught.value.problems] == ["P223"]


def exported(parts: ModuleType, folder: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """A real exported program with other members, as the model of a bundle."""
    source = parts.torch_pt2(folder)
    with zipfile.ZipFile(source) as archive:
        content = {info.filename: archive.read(info) for info in archive.infolist()}
    change(content)
    with zipfile.ZipFile(folder / "model.pt2", "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


@pytest.mark.torch
def test_torch_does_not_get_to_fall_back_to_pickles_with_code(parts: ModuleType, tmp_path: Path, canary: Path) -> None:
    import torch

    buffer = io.BytesIO()
    torch.save(Canary(canary), buffer)
    flavour, _, options = DECLARED["pt2"]

    def inputs(content: dict[str, bytes]) -> None:
        content["net/data/sample_inputs/model.pt"] = buffer.getvalue()

    def weights(content: dict[str, bytes]) -> None:
        name = "net/data/weights/model_weights_config.json"
        config = json.loads(content[name])
        entry = next(iter(config["config"].values()))
        entry["use_pickle"] = True
        content[name] = json.dumps(config).encode()
        content[f"net/data/weights/{entry['path_name']}"] = buffer.getvalue()

    def library(content: dict[str, bytes]) -> None:
        content["net/data/aotinductor/model/model.so"] = b"\x7fELF"

    exported(parts, tmp_path, lambda _: None)
    flavour_named(flavour).load(tmp_path, options)  # as it should be
    for change in (inputs, weights, library):
        exported(parts, tmp_path, change)
        with pytest.raises(UserError) as caught:
            flavour_named(flavour).load(tmp_path, options)
        assert [problem.code for problem in caught.value.problems] == ["P223"], change.__name__
    assert not canary.exists()


def test_a_pickle_as_data_of_a_tensor_is_only_data(tmp_path: Path, canary: Path) -> None:
    import onnx
    from onnx import TensorProto, helper

    data = pickle.dumps(Canary(canary))
    text = helper.make_tensor("text", TensorProto.STRING, [1], [data])
    raw = helper.make_tensor("raw", TensorProto.UINT8, [len(data)], data, raw=True)
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1])
    graph = helper.make_graph(nodes, "g", [x], [y], [text, raw])
    model = helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)])
    onnx.save(model, tmp_path / "model.onnx")
    flavour, _, options = DECLARED["onnx"]
    answer = flavour_named(flavour).load(tmp_path, options)(np.ones((2, 1), np.float32))
    assert answer["y"].tolist() == [[1.0], [1.0]]
    assert not canary.exists()


MLMODEL = """flavors:
  python_function:
    loader_module: evil
    code: code
    env: {conda: conda.yaml, virtualenv: "../../evil.yaml"}
    data: model
"""


def opened(recipe: Recipe) -> Any:
    """The model of a recipe, as packaging opens it."""
    source = find_source(recipe)
    return flavour_named(source.flavour).open(source.source, source.method)


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("", {"P218"}),
        ("  xgboost: {data: model, code: code}\n", {"P223"}),
        ("  lightgbm: {data: model}\n", {"P223"}),
        ("  onnx: {data: model}\n", {"P223"}),
        ("  xgboost: {data: ../model}\n", {"P218"}),
        ("  onnx: {data: model, code: ../code}\n", {"P218"}),
        ("  pytorch: {model_data: data}\n", {"P218"}),
        ("  sklearn: {pickled_model: /etc/passwd}\n", {"P218"}),
        ("  x: !!python/object/apply:os.mkdir [canary]\n", {"P218"}),
    ],
)
def test_an_mlflow_folder_runs_nothing_that_its_description_names(
    tmp_path: Path, canary: Path, monkeypatch: pytest.MonkeyPatch, more: str, codes: set[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mlflow"
    for name in ("code", "data"):
        (folder / name).mkdir(parents=True)
    data = pickle.dumps(Canary(canary))
    for place in (folder / "model", folder / "data" / "model.pth", tmp_path / "model"):
        place.write_bytes(data)
    (folder / "code" / "evil.py").write_text(f"import os\nos.mkdir({str(canary)!r})\n")
    (folder / "MLmodel").write_text(MLMODEL + more)
    with pytest.raises(UserError) as caught:
        opened(Recipe(name="m", root=tmp_path, model=folder))
    assert {problem.code for problem in caught.value.problems} == codes
    assert not canary.exists()
