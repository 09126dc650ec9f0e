"""Packaging with real clean processes: what goes in, what is kept out, what comes back."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.check import check_bundle
from trimtab.bundle.lock.text import LOCK_FILE, parse_lock
from trimtab.bundle.store import Store
from trimtab.core.errors import OutsideError, RefusedError, UserError
from trimtab.core.table import Column, Table

DOUBLE = "def predict(data):\n    return [2 * value for value in data['x'].tolist()]\n"
ROWS = Table({"x": Column(np.array([5.0, 6.0]))}, 2)


def codes(error):
    return [problem.code for problem in error.value.problems]


def test_a_function_and_its_local_packages_become_a_proved_bundle(workshop):
    workshop.write(
        model="from tools.factor import FACTOR\n\n\ndef predict(data):\n    return data['x'] * FACTOR\n",
        prepare="def clean(data):\n    from tools import shift\n    return {'x': data['x'] + shift.BY}\n",
        train="raise SystemExit('never imported')\n",
    )
    workshop.write({"tools/__init__.py": "", "tools/factor.py": "FACTOR = 3\n", "tools/shift.py": "BY = 1\n"})
    before, path = set(sys.modules), list(sys.path)
    bundle = workshop.package(prepare="prepare:clean")
    assert bundle.load()(ROWS)["prediction"].tolist() == [18.0, 21.0]
    assert bundle.manifest.code.files == (
        "model.py", "prepare.py", "tools/__init__.py", "tools/factor.py", "tools/shift.py",
    )  # fmt: skip
    assert (bundle.folder / "requirements.txt").read_bytes() == b""
    assert [topic for topic, _ in workshop.said] == ["signature", "golden", "compiled", "built"]
    assert workshop.said[0][1] == "x FP64[-1] -> prediction FP64[-1]"
    assert workshop.said[1][1] == "3 rows replayed, largest difference 0.0"
    assert workshop.said[3][1].startswith(f"small@{bundle.digest[:15]}  python, 0 requirements, ")
    assert not {"model", "prepare", "tools"} & (set(sys.modules) - before)
    assert sys.path == path
    assert workshop.store.resolve("small").digest == bundle.digest
    assert not list(workshop.root.rglob("__pycache__"))


def test_a_second_package_in_one_process_sees_changed_code_and_data_of_the_same_length(workshop):
    answers = []
    for factor in (2, 3):
        workshop.write(model=f"def predict(data):\n    return data['x'] * {factor}\n")
        answers.append(workshop.package().load()(ROWS)["prediction"].tolist())
    assert answers == [[10.0, 12.0], [15.0, 18.0]]


def test_a_module_imported_by_a_computed_name_is_found_by_watching(workshop):
    workshop.write(
        model=(
            "import importlib\n\n\ndef predict(data):\n"
            "    return data['x'] * importlib.import_module('plug' + 'in').FACTOR\n"
        ),
        plugin="import deeper\n\nFACTOR = deeper.FACTOR\n",
        deeper="FACTOR = 4\n",
    )
    assert workshop.package().manifest.code.files == ("deeper.py", "model.py", "plugin.py")


def test_included_data_lie_beside_the_code_that_reads_them_also_in_a_src_layout(workshop):
    text = (
        "from pathlib import Path\n\nFACTOR = int((Path(__file__).parent / 'data' / 'f.txt').read_text())\n\n\n"
        "def predict(data):\n    return data['x'] * FACTOR\n"
    )
    workshop.write({"src/own/__init__.py": "", "src/own/model.py": text, "src/own/data/f.txt": "7"})
    bundle = workshop.package(model="own.model:predict", include=("src/**/*.txt",))
    assert "code/own/data/f.txt" in bundle.manifest.files
    assert bundle.load()(ROWS)["prediction"].tolist() == [35.0, 42.0]


def test_only_what_is_asked_for_is_locked_and_a_known_lock_needs_no_index(workshop):
    workshop.write(
        model="import numpy as np\n\n\ndef predict(data):\n    return np.sqrt(data['x'])\n\n\n"
        "def train():\n    import yaml\n"
    )
    workshop.lock_everything()
    before = (workshop.root / LOCK_FILE).read_bytes()
    bundle = workshop.package()
    assert list(parse_lock((bundle.folder / "requirements.txt").read_text())) == ["numpy"]
    assert (workshop.root / LOCK_FILE).read_bytes() == before
    assert ("unlocked", "`yaml`, imported at model.py:9, which no golden row reached") in workshop.said


def test_without_an_index_and_without_a_lock_nothing_is_kept(workshop):
    workshop.write(model="import numpy as np\n\n\ndef predict(data):\n    return np.sqrt(data['x'])\n")
    workshop.write({"uv.toml": "no-index = true\noffline = true\n"})
    with pytest.raises(OutsideError) as caught:
        workshop.package(name="lonely")
    assert codes(caught) == ["P254"]
    assert workshop.left_over() == []
    assert not (workshop.root / LOCK_FILE).exists()


def test_a_lock_can_be_left_out_or_come_with_a_pylock(workshop):
    workshop.write(model=DOUBLE)
    workshop.write({"pylock.toml": 'lock-version = "1.0"\ncreated-by = "test"\n'})
    assert workshop.package(lock="off").manifest.lock == ""
    bundle = workshop.package(lock="pylock")
    assert (bundle.folder / "pylock.toml").read_text() == (workshop.root / "pylock.toml").read_text()


def test_golden_rows_are_spread_evenly_over_the_sample(workshop):
    workshop.write(model=DOUBLE)
    bundle = workshop.package(sample={"x": np.arange(101.0)}, golden_rows=5)
    assert bundle.golden().inputs.columns["x"].values.tolist() == [0.0, 25.0, 50.0, 75.0, 100.0]


def test_what_is_declared_of_columns_goes_into_the_signature(workshop):
    workshop.write(model=DOUBLE)
    bundle = workshop.package(inputs={"x": {"low": 0.0}}, outputs={"prediction": {"nullable": True}})
    assert bundle.signature.inputs[0].low == 0.0
    assert bundle.signature.outputs[0].nullable
    with pytest.raises(UserError, match="the model has no output `predictoin`"):
        workshop.package(outputs={"predictoin": {"nullable": True}})


def test_data_metrics_and_python_are_recorded(workshop):
    workshop.write(model=DOUBLE)
    (workshop.root / "train.csv").write_text("x\n1\n")
    manifest = workshop.package(data=(workshop.root / "train.csv",), metrics={"auc": 0.9}).manifest
    assert list(manifest.source.data) == ["train.csv"]
    assert manifest.source.metrics == {"auc": 0.9}
    assert manifest.python == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_a_model_and_a_sample_in_memory_with_a_class_of_a_local_module(workshop):
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    pandas = pytest.importorskip("pandas")
    workshop.write(
        features=(
            "from sklearn.base import BaseEstimator, TransformerMixin\n\n\n"
            "class Half(TransformerMixin, BaseEstimator):\n"
            "    def fit(self, X, y=None):\n        self.n_ = 1\n        return self\n\n"
            "    def transform(self, X):\n        return X / 2\n"
        )
    )
    workshop.lock_everything()
    frame = pandas.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.0, 1.0, 0.0, 1.0]})
    sys.path.insert(0, str(workshop.root))
    try:
        from features import Half  # type: ignore[import-not-found]  # made above

        model = make_pipeline(Half(), LinearRegression()).fit(frame, [1.0, 2.0, 3.0, 4.0])
        bundle = workshop.package(model=model, sample=frame, compile=False)
        assert sys.modules["features"].Half is Half
    finally:
        sys.path.remove(str(workshop.root))
        sys.modules.pop("features", None)
    assert bundle.manifest.code.files == ("features.py",)
    locked = parse_lock((bundle.folder / "requirements.txt").read_text())
    assert {"scikit-learn", "pandas", "numpy"} <= set(locked)
    assert not {"pyarrow", "matplotlib", "trimtab", "msgspec"} & set(locked)


def test_a_model_that_knows_its_inputs_needs_no_sample_and_says_so(workshop, tmp_path):
    pytest.importorskip("onnxruntime")
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], [1.0, 2.0, 3.0])
    graph = to_onnx(model, np.zeros((1, 2), np.float32))
    (tmp_path / "model.onnx").write_bytes(graph.SerializeToString())
    workshop.lock_everything()
    bundle = workshop.package(model=tmp_path / "model.onnx", sample=None)
    assert ("golden", "no sample was given: 20 rows made up from the model's own inputs") in workshop.said
    assert "pandas" not in parse_lock((bundle.folder / "requirements.txt").read_text())


def test_a_bundle_is_checked_where_it_lies_and_damage_or_drift_is_found(workshop):
    workshop.write(model=DOUBLE)
    bundle = workshop.package()
    said = []
    assert check_bundle(bundle.folder, lambda *words: said.append(words)).digest == bundle.digest
    assert said[-1] == ("golden", "3 rows replayed, largest difference 0.0")
    (bundle.folder / "code" / "model.py").chmod(0o644)
    (bundle.folder / "code" / "model.py").write_text(DOUBLE.replace("2 *", "3 *"))
    with pytest.raises(UserError) as caught:
        check_bundle(bundle.folder)
    assert codes(caught) == ["P209"]


def test_a_bundle_whose_requirements_are_not_installed_says_which(workshop):
    workshop.write(model="def predict(data):\n    import no_such_module_here\n    return data['x']\n")
    workshop.write(no_such_module_here="")
    bundle = workshop.package()
    (bundle.folder / "code" / "no_such_module_here.py").unlink()
    lock = "absent-thing==1.0 --hash=sha256:" + "0" * 64
    (bundle.folder / "requirements.txt").chmod(0o644)
    (bundle.folder / "requirements.txt").write_text(lock)
    reseal(bundle, ("model.py",))
    with pytest.raises(RefusedError) as caught:
        check_bundle(bundle.folder)
    assert codes(caught) == ["P286", "P257"]
    assert "`absent-thing==1.0`" in caught.value.problems[0].what


def reseal(bundle, files):
    """The manifest of a folder that a test has changed."""
    import hashlib

    import msgspec

    from trimtab.bundle.making.staging import write_manifest
    from trimtab.bundle.manifest import CodeSpec

    (bundle.folder / "bundle.json").unlink()
    lock = hashlib.sha256((bundle.folder / "requirements.txt").read_bytes()).hexdigest()
    changed = msgspec.structs.replace(bundle.manifest, lock=lock, code=CodeSpec(("model",), files))
    write_manifest(bundle.folder, changed)


def test_two_projects_with_modules_of_the_same_name_do_not_meet(tmp_path):
    answers = []
    for factor in (2, 5):
        root = tmp_path / str(factor)
        root.mkdir()
        (root / "model.py").write_text(f"def predict(data):\n    return data['x'] * {factor}\n")
        recipe = Recipe(name="small", root=root, model="model:predict", sample={"x": [1.0]})
        answers.append(package(recipe, Store(root / ".trimtab")).load()(ROWS)["prediction"].tolist())
    assert answers == [[10.0, 12.0], [25.0, 30.0]]


def test_what_a_library_only_tries_is_locked_when_the_answers_need_it(workshop):
    pytest.importorskip("pyarrow")
    workshop.write(
        model="import io\n\nimport pandas\n\n\ndef predict(data):\n    file = io.BytesIO()\n"
        "    pandas.DataFrame(data).to_parquet(file)\n    return pandas.read_parquet(file)['x'].to_numpy()\n"
    )
    workshop.lock_everything()
    bundle = workshop.package(lock="requirements")
    assert {"pandas", "pyarrow"} <= set(parse_lock((bundle.folder / "requirements.txt").read_text()))
