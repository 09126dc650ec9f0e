from __future__ import annotations

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.signature import Field, field_to_plain
from trimtab.project import project_of
from trimtab.project.write import project_text

FILE = Path("/x/trimtab.toml")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


def test_what_is_written_reads_back():
    fields = [
        Field("tenure", "INT64", low=0, high=120.5),
        Field("monthly spend", "FP64", (-1, 3), nullable=True),
        Field("plan", "BYTES", categories=("basic", 'pl"us'), frame="category"),
        Field("day", "BYTES", kind="datetime"),
    ]
    model = {"path": "model.joblib", "prepare": "prepare:clean", "golden": "sample.parquet"}
    text = project_text("churn", model, map(field_to_plain, fields))
    project = project_of(text, FILE)
    assert project.model.prepare == "prepare:clean"
    assert list(project.inputs) == ["tenure", "monthly spend", "plan", "day"]
    assert project.inputs["tenure"] == {"dtype": "INT64", "shape": (-1,), "low": 0, "high": 120.5}
    assert project.inputs["plan"]["categories"] == ("basic", 'pl"us')


def test_what_is_not_given_stands_there_as_a_comment():
    text = project_text("churn", {"path": "m:net"})
    assert "# prepare = " in text
    assert "# golden = " in text
    assert tomllib.loads(text) == {"name": "churn", "model": {"path": "m:net"}}


@given(TEXTS, TEXTS, st.floats(allow_nan=False, allow_infinity=False))
def test_any_name_text_and_number_survives(name, text, number):
    written = project_text("churn", {"path": "x" + text}, [{"name": name, "categories": [text], "low": number}])
    raw = tomllib.loads(written)
    assert raw["model"]["path"] == "x" + text
    assert raw["signature"]["inputs"] == {name: {"categories": [text], "low": number}}
