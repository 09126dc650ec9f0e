"""Packaging makes a native form, proves it, and everything after serves it without the framework."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tests.conftest import Child
from tests.system.conftest import Workshop

from trimtab.bundle.check import check_bundle
from trimtab.bundle.compiled.certificate import read_certificate
from trimtab.bundle.making.recipe import Recipe
from trimtab.bundle.read import Bundle

CHANCE = np.random.default_rng(7)
FRAME = pd.DataFrame({"tenure": CHANCE.integers(0, 60, 300), "plan": CHANCE.choice(["basic", "plus", "pro"], 300)})
LATE = CHANCE.integers(0, 2, 300)
COMPARED = Recipe.__dataclass_fields__["compared"].default
Made: TypeAlias = Callable[[Callable[..., Bundle]], tuple[Workshop, Bundle]]
FRAMEWORKS = ("pandas", "sklearn", "scipy/", "lightgbm", "pyarrow", "onnxruntime", "joblib")
PREPARE = """
import numpy as np


def ratios(arrays):
    tenure = arrays["tenure"]
    return np.column_stack([tenure, np.where(tenure > 30, np.nan, tenure * 0.1)])
"""


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    workshop.lock_everything()
    return workshop


@pytest.fixture(scope="module")
def made(workshops: type[Workshop], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """made(linear): packaged once for all tests that only look at it, as users have it."""

    @cache
    def once(make: Callable[..., Bundle]) -> tuple[Workshop, Bundle]:
        shop = workshops(tmp_path_factory.mktemp(make.__name__))
        shop.lock_everything()
        return shop, make(shop, compared=COMPARED)

    return once


def said(shop: Workshop, topic: str) -> list[str]:
    return [text for word, text in shop.said if word == topic]


def linear(shop: Workshop, **recipe: Any) -> Bundle:
    columns = make_column_transformer((StandardScaler(), ["tenure"]), (OneHotEncoder(), ["plan"]))
    model = make_pipeline(columns, LogisticRegression()).fit(FRAME, LATE)
    return shop.package(**{"name": "churn", "model": model, "sample": FRAME, **recipe})


def trees(shop: Workshop, **recipe: Any) -> Bundle:
    """A model behind preparation that needs numpy alone."""
    shop.write(ready=PREPARE)
    sys.path.insert(0, str(shop.root))
    try:
        from ready import ratios  # type: ignore[import-not-found]  # written above
    finally:
        sys.path.pop(0)
        sys.modules.pop("ready", None)
    arrays = {"tenure": FRAME["tenure"].to_numpy()}
    model = HistGradientBoostingClassifier(max_iter=10).fit(ratios(arrays), LATE)
    plain = {"name": "churn", "model": model, "prepare": "ready:ratios", "sample": FRAME[["tenure"]]}
    return shop.package(**{**plain, "container": "arrays", **recipe})


def staged(shop: Workshop, **recipe: Any) -> Bundle:
    """Trees behind scikit-learn's own preprocessing."""
    columns = make_column_transformer(
        (StandardScaler(), ["tenure"]), (OneHotEncoder(handle_unknown="ignore"), ["plan"])
    )
    model = make_pipeline(columns, RandomForestClassifier(20, random_state=0)).fit(FRAME, LATE)
    return shop.package(**{"name": "churn", "model": model, "sample": FRAME, **recipe})


def mapped(child: Child) -> str:
    return Path(f"/proc/{child.pid}/maps").read_text()


def asked(port: int, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """Status and JSON of one request to our own server."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET" if body is None else "POST", path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_a_linear_pipeline_becomes_one_graph_with_its_certificate(made: Made) -> None:
    shop, bundle = made(linear)
    (line,) = said(shop, "compiled")
    assert line.startswith("one graph, folded weights, 100")
    assert " rows compared, largest difference " in line
    assert line.endswith("faster a row")
    certificate = read_certificate(bundle.folder)
    assert certificate is not None
    assert certificate.rows >= 100_000
    assert certificate.found[0].refused > 0  # plans that the encoder never saw
    assert bundle.inline
    assert bundle.plan is not None
    assert bundle.plan.imports == ()
    assert bundle.costs is not None
    assert bundle.costs.ratio() > 1
    assert "scikit-learn==" in (bundle.folder / "requirements.txt").read_text()
    assert "==" not in (bundle.folder / bundle.requirements).read_text()


def test_preprocessing_and_trees_become_one_graph_without_any_difference(made: Made) -> None:
    shop, bundle = made(staged)
    (line,) = said(shop, "compiled")
    assert line.startswith("one graph, columns and native forest, 100")
    assert " rows compared, largest difference 0.0, " in line
    certificate = read_certificate(bundle.folder)
    assert certificate is not None
    assert certificate.rows >= 100_000
    assert certificate.absolute == 0.0
    assert bundle.inline
    assert bundle.plan is not None
    assert bundle.plan.imports == ()


def test_checking_replays_both_forms(made: Made) -> None:
    _, bundle = made(linear)
    words: list[tuple[str, str]] = []
    check_bundle(bundle.folder, lambda topic, text: words.append((topic, text)))
    golden = [text for topic, text in words if topic == "golden"]
    assert len(golden) == 2
    assert golden[0].endswith("in the compiled form")
    assert [text for topic, text in words if topic == "compiled"] == [
        f"{bundle.plan}, {read_certificate(bundle.folder)}"
    ]


@pytest.mark.parametrize("make", [linear, trees, staged])
def test_the_server_imports_no_framework(made: Made, make: Callable[..., Bundle], start: Callable[..., Child]) -> None:
    shop, bundle = made(make)
    server = start("trimtab", "serve", "churn", "--store", str(shop.store.root), "--port", "0", "--json", cwd=shop.root)
    server.wait_until(lambda: bool(server.out.strip()))
    port = int(json.loads(server.out)["address"].rpartition(":")[2])
    server.wait_until(lambda: asked(port, "/v2/health/ready")[0] == 200, 60)
    status, answer = asked(port, "/v2/models/churn/infer", (bundle.folder / "golden" / "request.json").read_bytes())
    assert status == 200, answer
    recorded = json.loads((bundle.folder / "golden" / "response.json").read_bytes())
    assert answer["outputs"][0]["data"] == pytest.approx(recorded["outputs"][0]["data"], rel=1e-9)
    assert [name for name in FRAMEWORKS if f"/{name}" in mapped(server)] == []


def test_preparation_in_python_stays_and_the_trees_behind_it_are_compared_at_their_thresholds(made: Made) -> None:
    _, bundle = made(trees)
    certificate = read_certificate(bundle.folder)
    assert certificate is not None
    assert [found.of for found in certificate.found] == ["bundle", "model"]
    assert certificate.absolute == 0.0
    assert bundle.plan is not None
    assert not bundle.inline
    assert bundle.plan.imports == ()
    locked = (bundle.folder / bundle.requirements).read_text()
    assert "numpy==" in locked
    assert "scikit-learn" not in locked
    assert "pandas" not in locked


def test_a_form_that_answers_otherwise_is_left_out_with_its_row(shop: Workshop) -> None:
    """The preparation behaves otherwise where scikit-learn is not loaded, for values that no golden row has."""
    odd = "    bump = 'sklearn' in sys.modules\n    tenure = np.where(tenure > 70, tenure - 60 * bump, tenure)\n"
    text = PREPARE.replace("import numpy as np", "import sys\n\nimport numpy as np").replace(
        '["tenure"]\n', '["tenure"]\n' + odd
    )
    shop.write(odd=text)
    trees_like = {"prepare": "odd:ratios"}
    bundle = trees(shop, **trees_like)
    (line,) = said(shop, "compiled")
    assert line.startswith("no: `probability` is ")
    assert '"tenure":' in line
    assert bundle.plan is None
    assert bundle.requirements == "requirements.txt"
    assert not (bundle.folder / "compiled").exists()
    assert bundle.costs is None


def test_nothing_is_compiled_when_nobody_wants_it(shop: Workshop) -> None:
    bundle = linear(shop, compile=False, lock="off")
    assert said(shop, "compiled") == []
    assert bundle.plan is None
    assert not bundle.inline


def test_a_model_without_native_form_says_why(workshop: Workshop) -> None:
    workshop.write(model="def predict(frame):\n    return frame['x'] * 2\n")
    workshop.package(lock="off")
    assert said(workshop, "compiled") == ["no: plain Python has no native form"]


def test_what_calls_cost_is_no_part_of_the_digest(made: Made) -> None:
    shop, first = made(linear)
    (shop.store.root / "measured" / f"{first.digest.removeprefix('sha256:')}.json").unlink()
    assert shop.store.resolve("churn").costs is None
    again = linear(shop, compared=COMPARED)
    assert again.digest == first.digest
    assert again.costs is not None


def test_where_the_engine_is_missing_the_original_answers_and_it_is_said(shop: Workshop) -> None:
    rows = FRAME[["tenure"]].to_numpy(np.float64)
    model = make_pipeline(StandardScaler(), MLPClassifier((4,), max_iter=2000, random_state=0)).fit(rows, LATE)
    bundle = shop.package(name="net", model=model, sample=rows, compared=2000)
    assert bundle.plan is not None
    assert bundle.plan.model.kind == "graph"
    assert "skl2onnx" not in (bundle.folder / "requirements.txt").read_text()  # imported in the same process, by us
    program = (
        "import sys\nfrom pathlib import Path\nfrom trimtab.bundle.read import open_bundle\n"
        "sys.modules['onnxruntime'] = None\nbundle = open_bundle(Path(sys.argv[1]))\n"
        "golden = bundle.golden()\nanswers = bundle.load()(golden.inputs)\n"
        "assert (answers['probability'] == golden.outputs['probability']).all()\nassert 'sklearn' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(bundle.folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "the compiled form of `net` cannot run here" in done.stderr
