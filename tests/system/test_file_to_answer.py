"""Each flavour from a model to an answer: the same golden rows in process, in batch, and over HTTP in one server."""

import importlib.util
import json
import signal
import subprocess
import sys
import urllib.request

import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.once import made_once, run_folder

from trimtab.batch.score import score
from trimtab.bundle.build import Recipe, package
from trimtab.bundle.data.arrow import to_batch
from trimtab.bundle.store import Store

LOCAL = """
from sklearn.base import BaseEstimator, TransformerMixin


class Scale(TransformerMixin, BaseEstimator):
    def fit(self, rows, truth=None):
        self.top_ = rows["spend"].max()
        return self

    def transform(self, rows):
        return rows.assign(spend=rows["spend"] / self.top_)[["tenure", "spend"]]
"""
PREPARE = "def clean(rows):\n    return rows.assign(tenure=rows['tenure'] + 1)\n"
FUNCTION = "def predict(rows):\n    return {'sum': (rows['tenure'] + rows['spend']).to_numpy()}\n"
KINDS = {
    "custom": "sklearn",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "onnx": "onnx",
    "function": "python",
    "mlflow": "sklearn",
    "mlflow-forest": "sklearn",
    "torch": "torch",
}


def script(root, name):
    spec = importlib.util.spec_from_file_location(f"trimtab_system_{name}", root / "tests/parts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def recipe(kind, folder, parts, mlflow_parts):
    """What is packaged: a model from a file (or a function), its sample, its preparation."""
    given = {"name": kind, "root": folder, "sample": parts.frame(), "lock": "off", "compared": 5000}
    match kind:
        case "custom":
            (folder / "shop").mkdir()
            (folder / "shop/__init__.py").write_text("")
            (folder / "shop/scale.py").write_text(LOCAL)
            (folder / "prepare.py").write_text(PREPARE)
            train = (
                "import sys, joblib, pickle; sys.path.insert(0, '.'); from shop.scale import Scale\n"
                "from sklearn.linear_model import LogisticRegression; from sklearn.pipeline import make_pipeline\n"
                "rows, truth = joblib.load('rows.joblib')\n"
                "joblib.dump(make_pipeline(Scale(), LogisticRegression()).fit(rows, truth), 'model.joblib')\n"
            )
            joblib.dump((parts.frame(), parts.leaves()), folder / "rows.joblib")
            subprocess.run([sys.executable, "-c", train], cwd=folder, check=True)
            return Recipe(**given, model=folder / "model.joblib", prepare="prepare:clean")
        case "xgboost":
            return Recipe(**given | {"sample": parts.categories()}, model=parts.xgboost_ubj(folder))
        case "lightgbm":
            return Recipe(**given | {"sample": parts.categories()}, model=parts.lightgbm_text(folder))
        case "onnx":
            return Recipe(**given | {"sample": None}, model=parts.onnx_file(folder))
        case "function":
            (folder / "prepare.py").write_text(FUNCTION)
            return Recipe(**given, model="prepare:predict")
        case "mlflow":
            return Recipe(**given | {"sample": None}, model=mlflow_parts.pipeline(parts, folder / "saved"))
        case "mlflow-forest":
            saved = mlflow_parts.forest(parts, folder / "saved")
            return Recipe(**given | {"sample": parts.numbers()}, model=saved)
        case _:
            return Recipe(**given | {"sample": parts.matrix()}, model=parts.torch_script(folder))


@pytest.fixture(scope="module")
def shop(root, tmp_path_factory):
    """shop(kind): the bundle of that flavour, packaged once for all processes of the run, into one store."""
    parts, mlflow_parts = script(root, "make"), script(root, "make_mlflow")
    place = run_folder(tmp_path_factory) / "flavours"
    store = Store(place / "store")

    def bundle(kind):
        def make(folder):
            made = package(recipe(kind, folder, parts, mlflow_parts), store)
            (folder / "digest").write_text(made.digest)

        return store.resolve(f"{kind}@{(made_once(place / kind, make) / 'digest').read_text()}")

    return bundle


@pytest.fixture(scope="module")
def address(shop):
    """One server with all of them."""
    made = [shop(kind) for kind in KINDS if kind != "torch" or importlib.util.find_spec("torch")]
    store = made[0].folder.parents[2]
    names = [bundle.name for bundle in made]
    command = [sys.executable, "-m", "trimtab", "serve", *names, "--port", "0", "--json", "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        if not line:
            pytest.fail(process.stderr.read())
        yield json.loads(line)["address"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def same(expected, got):
    assert list(expected) == list(got)
    for name, values in expected.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(got[name], values, rtol=1e-6, atol=1e-9)
        else:
            assert np.asarray(got[name]).tolist() == values.tolist()


each_kind = pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=pytest.mark.torch) if k == "torch" else k for k in KINDS]
)


@each_kind
def test_the_golden_rows_are_answered_alike_in_process_and_in_batch(kind, shop, tmp_path):
    bundle = shop(kind)
    assert bundle.manifest.flavour == KINDS[kind]
    golden, predictor = bundle.golden(), bundle.load()
    same(golden.outputs, predictor(golden.inputs))
    rows = {name: column.values for name, column in golden.inputs.columns.items()}
    pq.write_table(pa.Table.from_batches([to_batch(rows, bundle.signature.inputs)]), tmp_path / "rows.parquet")
    report = score(predictor, bundle.signature, tmp_path / "rows.parquet", tmp_path / "out.parquet")
    assert report.rows == golden.inputs.height
    scored = pq.read_table(tmp_path / "out.parquet")
    same(golden.outputs, {name: np.array(scored[name].to_pylist()) for name in scored.column_names})


@each_kind
def test_the_golden_rows_are_answered_alike_over_http(kind, shop, address):
    bundle = shop(kind)
    body = (bundle.folder / "golden/request.json").read_bytes()
    request = urllib.request.Request(  # noqa: S310 - our own server on loopback
        f"{address}/v2/models/{kind}/infer", body, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - our own server on loopback
        answer = json.loads(response.read())
    tensors = {tensor["name"]: np.array(tensor["data"]).reshape(tensor["shape"]) for tensor in answer["outputs"]}
    same(bundle.golden().outputs, tensors)
