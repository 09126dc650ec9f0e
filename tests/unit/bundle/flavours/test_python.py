from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trimtab.bundle.flavours.python import Python
from trimtab.core.errors import Problem, UserError

FLAVOUR = Python()
ROWS = pd.DataFrame({"a": [1.0, 2.0]})
MODULE = """
from collections import namedtuple

Pair = namedtuple("Pair", ["low", "high"])
made = []

def double(rows):
    return rows["a"].to_numpy() * 2

def pair(rows):
    return Pair(rows["a"], rows["a"] + 1)

def frame(rows):
    return rows.assign(b=1)

class Model:
    def __init__(self):
        made.append(1)

    def predict(self, rows):
        return {"price": rows["a"].to_numpy()}

    def explain(self, rows):
        return rows["a"].to_numpy() + 10

class Callable:
    def __call__(self, rows):
        return rows["a"].to_numpy() + 1

class Folder:
    def __init__(self, folder):
        self.folder = folder

    def predict(self, rows):
        return [str(self.folder)] * len(rows)

class Optional:
    def __init__(self, folder="none"):
        self.folder = folder

    def predict(self, rows):
        return [str(self.folder)] * len(rows)

class Greedy:
    def __init__(self, folder, other):
        pass

class Nothing:
    pass

best = Model()

def outer():
    def inner(rows):
        return rows
    return inner
"""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the user's own, importable for one test."""
    (tmp_path / "trimtab_prices.py").write_text(MODULE)
    (tmp_path / "trimtab_broken.py").write_text("import trimtab_prices\nraise RuntimeError('no licence')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import trimtab_prices

    yield trimtab_prices
    del sys.modules["trimtab_prices"]


def problem(call: Any) -> Problem:
    with pytest.raises(UserError) as caught:
        call()
    (only,) = caught.value.problems
    return only


def answers(source: object, method: str = "") -> dict[str, list[Any]]:
    return {name: list(values) for name, values in FLAVOUR.open(source, method)(ROWS).items()}


@pytest.mark.parametrize(
    ("name", "method", "wanted"),
    [
        ("double", "", {"prediction": [2, 4]}),
        ("pair", "", {"low": [1, 2], "high": [2, 3]}),
        ("frame", "", {"a": [1, 2], "b": [1, 1]}),
        ("Model", "", {"price": [1, 2]}),
        ("Model", "explain", {"prediction": [11, 12]}),
        ("Callable", "", {"prediction": [2, 3]}),
        ("best", "", {"price": [1, 2]}),
        ("best.explain", "", {"prediction": [11, 12]}),
        ("Optional", "", {"prediction": ["none", "none"]}),
    ],
)
def test_a_reference_is_called(code: Any, tmp_path: Path, name: str, method: str, wanted: Any) -> None:
    del code
    reference = f"trimtab_prices:{name}"
    assert answers(reference, method) == wanted
    out = tmp_path / "out"
    out.mkdir()
    options = FLAVOUR.save(reference, out, method)
    assert options == {"reference": reference, "method": method}
    assert list(out.iterdir()) == []
    assert {name: list(values) for name, values in FLAVOUR.load(out, options)(ROWS).items()} == wanted


def test_an_object_in_memory_is_saved_as_its_reference(code: Any, tmp_path: Path) -> None:
    for name in ("double", "Model", "best"):
        options = FLAVOUR.save(getattr(code, name), tmp_path, "")
        assert options["reference"] == f"trimtab_prices:{name}"
    assert answers(code.double) == answers("trimtab_prices:double")


def test_a_class_is_made_once(code: Any) -> None:
    code.made.clear()
    model = FLAVOUR.open("trimtab_prices:Model", "")
    model(ROWS)
    model(ROWS)
    assert code.made == [1]


def test_a_class_that_needs_one_argument_gets_the_models_folder(code: Any, tmp_path: Path) -> None:
    del code
    model = FLAVOUR.load(tmp_path, {"reference": "trimtab_prices:Folder", "method": ""})
    assert list(model(ROWS)["prediction"]) == [str(tmp_path)] * 2


def test_code_that_no_other_process_finds_is_refused(code: Any, tmp_path: Path) -> None:
    for source in (lambda rows: rows, code.outer(), code.Model()):
        found = problem(lambda source=source: FLAVOUR.save(source, tmp_path, ""))
        assert found.code == "P217"
        assert "move it to a module" in found.hint


def test_code_of_the_main_program_is_refused(tmp_path: Path, start: Any) -> None:
    (tmp_path / "app.py").write_text(
        "from pathlib import Path\n"
        "from trimtab.bundle.flavours import detect_flavour\n"
        "from trimtab.core.errors import UserError\n"
        "def score(rows):\n"
        "    return rows\n"
        "try:\n"
        "    detect_flavour(score).save(score, Path('.'), '')\n"
        "except UserError as error:\n"
        "    print(error)\n"
    )
    child = start("python", "app.py", cwd=tmp_path)
    assert child.end(60) == 0, child.err
    assert "error[P217]: `score` of `__main__` exists only in this process" in child.out


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("trimtab_prices", "`trimtab_prices` is no reference like `module:name`"),
        (
            "trimtab_nowhere:f",
            "importing `trimtab_nowhere` failed: ModuleNotFoundError: No module named 'trimtab_nowhere'",
        ),
        ("trimtab_broken:f", "importing `trimtab_broken` failed: RuntimeError: no licence"),
        ("trimtab_prices:doubel", "`trimtab_prices` has no `doubel`"),
        ("trimtab_prices:best.nothing", "`trimtab_prices` has no `best.nothing`"),
        ("trimtab_prices:Greedy", "the class `Greedy` needs `folder`, `other`; it may need the model's folder alone"),
    ],
)
def test_a_reference_that_does_not_work_says_why(code: Any, reference: str, what: str) -> None:
    del code
    found = problem(lambda: FLAVOUR.open(reference, ""))
    assert (found.code, found.what) == ("P217", what)


def test_the_nearest_name_is_suggested(code: Any) -> None:
    del code
    assert problem(lambda: FLAVOUR.open("trimtab_prices:doubel", "")).hint == "did you mean `double`?"


def test_an_object_that_cannot_be_called_is_refused(code: Any) -> None:
    del code
    found = problem(lambda: FLAVOUR.open("trimtab_prices:Nothing", ""))
    assert (found.code, found.what) == ("P226", "`Nothing` has no method `__call__`")
    assert problem(lambda: FLAVOUR.open("trimtab_prices:Model", "explian")).hint == "did you mean `explain`?"


def test_paths_modules_and_frameworks_models_are_not_python() -> None:
    from sklearn.linear_model import LinearRegression

    for source in (Path("model.py"), np, LinearRegression(), "model.joblib", 3, "http://host"):
        assert not FLAVOUR.detect(source), source
