"""Plain Python that yields: known by its kind of function, flagged in the bundle, joined for whoever calls it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from trimtab.bundle.flavours.python import Python
from trimtab.bundle.predictor import YieldingModel
from trimtab.core.errors import Problem, UserError

FLAVOUR = Python()
ROWS = pd.DataFrame({"a": [1.0, 2.0]})
MODULE = """
def double(rows):
    return rows["a"].to_numpy() * 2

def tell(rows):
    yield {"text": ["Once"] * len(rows), "score": [1, 1]}
    yield {"text": [" upon", None]}
    yield {"text": [" a time", " more"], "score": [2, 3]}

class Teller:
    def predict(self, rows):
        yield rows["a"].to_numpy()
        yield rows["a"].to_numpy() + 1

async def later(rows):
    return rows

async def pieces(rows):
    yield rows
"""


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the user's own, importable for one test."""
    (tmp_path / "trimtab_prices.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    import trimtab_prices

    yield trimtab_prices
    del sys.modules["trimtab_prices"]


def problem(call: Any) -> Problem:
    with pytest.raises(UserError) as caught:
        call()
    (only,) = caught.value.problems
    return only


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("tell", {"text": ["Once upon a time", "Once more"], "score": [2, 3]}),
        ("Teller", {"prediction": [2, 3]}),
    ],
)
def test_a_generator_function_yields_and_its_join_is_its_answer(
    code: Any, tmp_path: Path, name: str, wanted: Any
) -> None:
    del code
    options = FLAVOUR.save(f"trimtab_prices:{name}", tmp_path, "")
    assert options == {"reference": f"trimtab_prices:{name}", "method": "", "yields": True}
    model = FLAVOUR.load(tmp_path, options)
    assert isinstance(model, YieldingModel)
    assert {key: list(values) for key, values in model(ROWS).items()} == wanted
    assert [list(part) for part in model.parts(ROWS)][-1] == list(wanted)


def test_a_bundle_and_its_code_agree_whether_it_yields(code: Any, tmp_path: Path) -> None:
    del code
    for name, yields, what in (("tell", False, "does not yield"), ("double", True, "yields")):
        options = {"reference": f"trimtab_prices:{name}", "method": "", "yields": yields}
        found = problem(lambda options=options: FLAVOUR.load(tmp_path, options))
        assert found.what == f"`trimtab_prices:{name}` was packaged as a model that {what}"


def test_what_only_an_event_loop_could_call_is_refused(code: Any) -> None:
    del code
    for name in ("later", "pieces"):
        found = problem(lambda name=name: FLAVOUR.open(f"trimtab_prices:{name}", ""))
        assert (found.code, found.what) == ("P217", f"`{name}` is asynchronous")
