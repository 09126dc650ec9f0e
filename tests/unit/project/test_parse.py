from __future__ import annotations

from datetime import date

import pytest

from trimtab.project.keys import KEYS
from trimtab.project.parse import parse
from trimtab.project.wrong import Wrong

BY_PATH = {key.path: key for key in KEYS}


@pytest.mark.parametrize(
    ("path", "value", "parsed"),
    [
        ("name", "churn-2.b_c", "churn-2.b_c"),
        ("model.path", "models/m.joblib", "models/m.joblib"),
        ("model.prepare", "pkg.prepare:Cleaner.run", "pkg.prepare:Cleaner.run"),
        ("model.flavour", "onnx", "onnx"),
        ("model.include", ["*.csv"], ("*.csv",)),
        ("model.rtol", 0, 0),
        ("model.metrics", {"auc": 1, "log loss": 0.3}, {"auc": 1.0, "log loss": 0.3}),
        ("signature.inputs.NAME.shape", [-1, 3, -1], (-1, 3, -1)),
        ("signature.inputs.NAME.nullable", False, False),
        ("signature.inputs.NAME.categories", ["a", ""], ("a", "")),
        ("server.body", "1MiB", 2**20),
        ("server.timeout", "250ms", 0.25),
        ("server.port", 0, 0),
        ("server.log.ship", ["s3://bucket/churn", "kafka://h:9093/t"], ("s3://bucket/churn", "kafka://h:9093/t")),
        ("server.log.ship", [], ()),
    ],
)
def test_a_good_value_is_parsed(path, value, parsed):
    got = parse(BY_PATH[path], value)
    assert got == parsed
    assert type(got) is type(parsed)


@pytest.mark.parametrize(
    ("path", "value", "code", "what"),
    [
        ("name", 3, "P104", "`3` is an integer, not a text"),
        ("name", "", "P105", "the text is empty"),
        ("name", "Churn Model", "P105", "`Churn Model` is not a name"),
        ("name", "x" * 64, "P105", "is not a name"),
        ("model.prepare", "prepare", "P105", "`module:function`"),
        ("model.prepare", "a/b.py:clean", "P105", "`module:function`"),
        ("model.flavour", "scikit", "P105", "is not one of `sklearn`"),
        ("model.rows", 1.5, "P104", "`1.5` is a float, not an integer"),
        ("model.rows", True, "P104", "`true` is a boolean, not an integer"),
        ("model.rows", 0, "P105", "`0` is below 1"),
        ("model.rtol", 2, "P105", "`2` is above 1"),
        ("model.rtol", float("nan"), "P105", "`nan` is not a finite number"),
        ("model.rtol", float("inf"), "P105", "`inf` is not a finite number"),
        ("model.rtol", False, "P104", "not a number"),
        ("model.metrics", {"auc": "good"}, "P104", "`auc` is `good`, not a finite number"),
        ("model.metrics", {"auc": float("nan")}, "P104", "`auc` is `nan`"),
        ("model.metrics", [1], "P104", "is an array, not a table of numbers"),
        ("model.data", "train.csv", "P104", "is a text, not an array of texts"),
        ("model.data", ["a", 1], "P104", "not an array of texts"),
        ("server.log.ship", "s3://bucket", "P104", "this is a text, not an array of texts"),
        ("server.log.ship", [1], "P104", "not an array of texts"),
        ("server.log.ship", ["s4://x", "az://c"], "P960", "`az://c` `account` is missing"),
        ("model.golden", date(2020, 1, 1), "P104", "is a date or time, not a text"),
        ("signature.inputs.NAME.dtype", "float", "P105", "is not one of"),
        ("signature.inputs.NAME.shape", [3], "P105", "is not a shape"),
        ("signature.inputs.NAME.shape", [], "P105", "is not a shape"),
        ("signature.inputs.NAME.shape", [-1, 0], "P105", "is not a shape"),
        ("signature.inputs.NAME.shape", -1, "P104", "not an array of integers"),
        ("signature.inputs.NAME.shape", [True], "P104", "not an array of integers"),
        ("signature.inputs.NAME.nullable", "yes", "P104", "not `true` or `false`"),
        ("signature.inputs.NAME.categories", [], "P105", "is empty"),
        ("signature.inputs.NAME.categories", ["a", "a"], "P105", "repeats a value"),
        ("signature.inputs.NAME.categories", ["a", 1], "P105", "mixes types"),
        ("signature.inputs.NAME.categories", "a", "P104", "not an array"),
        ("server.body", "12B", "P105", "is below 1024 bytes"),
        ("server.body", True, "P104", "not a text with a unit"),
        ("server.timeout", "0s", "P105", "is below 0.001 s"),
        ("server.timeout", "30 sek", "P106", "has the unit `sek`"),
        ("server.port", 70000, "P105", "`70000` is above 65535"),
        ("server.port", "8080", "P104", "`8080` is a text, not an integer"),
    ],
)
def test_a_bad_value_says_what_is_wrong_with_it(path, value, code, what):
    got = parse(BY_PATH[path], value)
    assert isinstance(got, Wrong)
    assert got.code == code
    assert what in got.what


@pytest.mark.parametrize(
    ("path", "value", "hint"),
    [
        ("name", "Churn Model", "did you mean `churn-model`?"),
        ("model.flavour", "SKLearn", "did you mean `sklearn`?"),
        ("model.flavour", "lightbgm", "did you mean `lightgbm`?"),
        ("signature.inputs.NAME.dtype", "fp64", "did you mean `FP64`?"),
        ("model.prepare", "clean", "for example `prepare:clean`"),
        ("model.prepare", "my.prepare.clean", "did you mean `my.prepare:clean`?"),
        ("server.body", "64", "did you mean `64MiB`?"),
        ("model.data", 1, 'for example `data = ["train.parquet"]`'),
    ],
)
def test_the_hint_names_the_nearest_good_value(path, value, hint):
    assert parse(BY_PATH[path], value).hint == hint


def test_a_long_value_is_shortened():
    assert len(parse(BY_PATH["model.rows"], "x " * 500).what) < 120


@pytest.mark.parametrize("value", ["kafka://me:c4n4ry@h:9093/t", ["kafka://me:c4n4ry@h:9093/t"], ["s3://b?key=c4n4ry"]])
def test_a_secret_in_the_place_of_a_destination_is_not_shown(value):
    got = parse(BY_PATH["server.log.ship"], value)
    assert isinstance(got, Wrong)
    assert "c4n4ry" not in str(got)
