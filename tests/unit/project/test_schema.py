from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.project.keys import KEYS
from trimtab.project.reference import reference_page
from trimtab.project.schema import schema, schema_text

GOOD = """
name = "churn"
[model]
path = "model.joblib"
prepare = "prepare:clean"
flavour = "sklearn"
include = ["*.csv"]
rows = 5
rtol = 0.0
metrics = { auc = 0.9 }
[signature.inputs."monthly spend"]
dtype = "FP64"
shape = [-1, 2]
categories = [1.5, 2.0]
[signature.outputs.risk]
low = 0
[server]
port = 80
body = "1MiB"
timeout = "1.5s"
"""


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema_text().endswith("}\n")


def test_a_good_file_passes_both():
    assert project_of(GOOD, Path("/x/trimtab.toml"))
    jsonschema.validate(tomllib.loads(GOOD), schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "churn"', ""),
        ('name = "churn"', 'name = "Churn"'),
        ('path = "model.joblib"', ""),
        ("rows = 5", "rows = 0"),
        ("rows = 5", "rows = 1.5"),
        ("rows = 5", "rowz = 5"),
        ('"sklearn"', '"scikit"'),
        ('"prepare:clean"', '"prepare"'),
        ('["*.csv"]', '"*.csv"'),
        ("auc = 0.9", 'auc = "x"'),
        ('"FP64"', '"FP65"'),
        ("[-1, 2]", "[-1, 0]"),
        ("[1.5, 2.0]", "[1.5, 1.5]"),
        ("low = 0", "lower = 0"),
        ("port = 80", "port = 70000"),
        ('"1MiB"', '"1 MiB"'),
        ('"1.5s"', '"1.5 sek"'),
        ('"1.5s"', "1.5"),
        ("[server]", "[sever]"),
    ],
)
def test_what_reading_refuses_the_schema_refuses(old, new):
    assert old in GOOD
    text = GOOD.replace(old, new)
    with pytest.raises(UserError):
        project_of(text, Path("/x/trimtab.toml"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), schema(), jsonschema.Draft202012Validator)


def test_schema_and_page_say_something_of_every_key():
    page, text = reference_page(), schema_text()
    for key in KEYS:
        assert f"### `{key.path}`\n" in page
        assert key.doc in text.replace('\\"', '"')
    assert page.count("\n### ") == len(KEYS)


def test_the_examples_of_the_page_are_accepted():
    tables: dict[str, list[str]] = {"": [], "model": [], "server": []}
    for key in KEYS:
        # low and high belong to a number, categories to a text: one example of a column would contradict the other
        if key.path in ("env.NAME.tag", "env.NAME.replicas"):  # in place of `branch`, and of `autoscale`
            continue
        last = {"env.NAME.secrets.NAME": "TOKEN"}.get(key.path, key.parts[-1])
        last = "prod" if key.path.startswith("pipeline.") and last == "NAME" else last
        table = ".".join(key.parts[:-1]).replace("env.NAME", "env.prod")
        tables.setdefault(table, []).append(f"{last} = {key.example or json.dumps(key.default)}")
    tables["env.staging"] = []
    text = "\n".join(line for table, lines in tables.items() for line in ([f"[{table}]"] if table else []) + lines)
    assert project_of(text, Path("/x/trimtab.toml")).name == "churn"
