"""What every flavour promises, shown for small real models of each, in memory and as files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from trimtab.bundle.flavours import detect_flavour

TORCH = pytest.mark.torch
OBJECTS = [
    "pipeline",
    "forest",
    "line",
    "xgb_classifier",
    "xgb_booster",
    "lgbm_classifier",
    "lgbm_booster",
    "onnx_classifier",
    "onnx_columns",
    pytest.param("torch_net", marks=TORCH),
    pytest.param("torch_exported", marks=TORCH),
]
FILES = [
    "sklearn_joblib",
    "sklearn_zlib",
    "sklearn_pickle",
    "sklearn_skops",
    "xgboost_ubj",
    "xgboost_json",
    "lightgbm_text",
    "onnx_file",
    "onnx_zipmap",
    pytest.param("torch_script", marks=TORCH),
    pytest.param("torch_pt2", marks=TORCH),
]
# builds each object in a process of its own and tells the digests of what is saved
CHILD = """
import hashlib, importlib.util, json, sys, tempfile, warnings
from pathlib import Path
warnings.simplefilter("error")
spec = importlib.util.spec_from_file_location("trimtab_parts_make", sys.argv[1])
parts = importlib.util.module_from_spec(spec)
sys.modules["trimtab_parts_make"] = parts
spec.loader.exec_module(parts)
from trimtab.bundle.flavours import detect_flavour
found = {}
for name in sys.argv[2:]:
    source = parts.objects[name][0]()
    with tempfile.TemporaryDirectory() as folder:
        options = detect_flavour(source).save(source, Path(folder), "")
        found[name] = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in Path(folder).iterdir()}
        found[name]["options"] = json.dumps(options)
print(json.dumps(found))
"""


def name_of(parameter: Any) -> str:
    return parameter if isinstance(parameter, str) else parameter.values[0]


def test_every_part_is_tried(parts: ModuleType) -> None:
    assert {name_of(one) for one in OBJECTS} == set(parts.objects)
    assert {name_of(one) for one in FILES} == set(parts.files)


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """The same names, dtypes and bits."""
    assert list(one) == list(other)
    for name in one:
        first, second = np.asarray(one[name]), np.asarray(other[name])
        assert (first.dtype, first.shape) == (second.dtype, second.shape)
        assert first.tolist() == second.tolist() if first.dtype == object else first.tobytes() == second.tobytes()


def shows_its_promises(source: Any, rows: Any, tmp_path: Path) -> None:
    flavour = detect_flavour(source)
    folders = [tmp_path / "once", tmp_path / "twice"]
    for folder in folders:
        folder.mkdir()
    options = [flavour.save(source, folder, "") for folder in folders]

    assert options[0] == options[1]
    assert digests(folders[0]) == digests(folders[1])
    kept = json.loads(json.dumps(options[0]))
    assert kept == options[0]

    before, after = flavour.open(source, ""), flavour.load(folders[0], kept)
    same(before(rows), after(rows))
    assert all(len(np.asarray(values)) == len(rows) for values in after(rows).values())
    same(before(rows[:1]), after(rows[:1]))
    named = flavour.load(folders[0], flavour.save(source, _empty(tmp_path / "named"), kept.get("method", "")))
    same(named(rows), after(rows))


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_answers_the_same_bits_after_it_was_saved(parts: ModuleType, name: str, tmp_path: Path) -> None:
    make, rows = parts.objects[name]
    shows_its_promises(make(), rows(), tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_kept_and_answers_the_same_bits(parts: ModuleType, name: str, tmp_path: Path) -> None:
    make, rows = parts.files[name]
    path = make(tmp_path)
    shows_its_promises(path, rows(), tmp_path)
    (kept,) = (tmp_path / "once").iterdir()
    assert kept.read_bytes() == path.read_bytes()


def test_two_processes_save_the_same_bytes(root: Path, tmp_path: Path, start: Any) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    names = [one for one in OBJECTS if isinstance(one, str)]
    command = ["python", str(script), str(root / "tests" / "parts" / "make.py"), *names]
    children = [start(*command, env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"}) for seed in ("1", "2")]
    for child in children:
        assert child.end(120) == 0, child.err
    one, two = (json.loads(child.out) for child in children)
    assert set(one) == set(names)
    assert one == two


@pytest.mark.torch
def test_two_processes_save_the_same_torch_modules(root: Path, tmp_path: Path, start: Any) -> None:
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    command = ["python", str(script), str(root / "tests" / "parts" / "make.py"), "torch_net", "torch_exported"]
    children = [start(*command, env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": "1"}) for seed in ("1", "2")]
    for child in children:
        assert child.end(120) == 0, child.err
    assert json.loads(children[0].out) == json.loads(children[1].out)
