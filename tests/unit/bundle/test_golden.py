"""Golden rows come back from their files bit for bit, and files that do not fit are refused by name."""

import json

import numpy as np
import pytest

from trimtab.bundle.compare import compare
from trimtab.bundle.golden import REQUEST, RESPONSE, Golden, read_golden, write_golden
from trimtab.bundle.manifest import GoldenSpec
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column, Table

NAN, INF = np.nan, np.inf


def objects(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


SIGNATURE = Signature(
    (
        Field("f", "FP64", nullable=True),
        Field("n", "INT64", nullable=True),
        Field("t", "BYTES", nullable=True, kind="datetime", frame="datetime64[ns, UTC]"),
        Field("raw", "BYTES", kind="bytes"),
        Field("word", "BYTES", nullable=True, categories=("a", "b")),
        Field("pair", "FP32", (-1, 2)),
        Field("list", "INT8", (-1, -1)),
    ),
    (Field("y", "FP64"), Field("names", "BYTES", (-1, 2)), Field("tags", "BYTES", (-1, -1))),
)
MISSING = np.array([False, True, False])
TABLE = Table(
    {
        "f": Column(np.array([0.1, NAN, INF]), MISSING),
        "n": Column(np.array([2**63 - 1, 0, -(2**63)]), MISSING),
        "t": Column(np.array(["2013-07-01T12:00:00.123456789", "NaT", "1900-01-01"], "M8[ns]"), MISSING),
        "raw": Column(objects(b"\x00\xff", b"", b"plain")),
        "word": Column(objects("a", None, "b"), MISSING),
        "pair": Column(np.array([[1, -INF], [0.1, 2], [INF, 0]], np.float32)),
        "list": Column(objects(np.array([1, 2], np.int8), np.array([], np.int8), np.array([-128], np.int8))),
    },
    3,
)
OUTPUTS = {
    "y": np.array([5e-324, NAN, -INF]),
    "names": np.array([["é", ""], ["x\n", '"'], ["\U0001f600", "\x00"]], object),
    "tags": objects(objects("a", "b"), objects(), objects("c")),
}


@pytest.fixture
def written(tmp_path):
    spec = write_golden(Golden(TABLE, OUTPUTS, 1e-5, 1e-8), tmp_path, SIGNATURE, "m")
    return tmp_path, spec


def test_every_kind_of_value_comes_back(written):
    folder, spec = written
    found = read_golden(folder, SIGNATURE, spec)
    assert (spec.rows, found.rtol, found.atol) == (3, 1e-5, 1e-8)
    for name, column in TABLE.columns.items():
        got = found.inputs.columns[name]
        assert got.values.dtype == column.values.dtype, name
        assert (got.missing is None) == (column.missing is None), name
        assert got.missing is None or got.missing.tolist() == column.missing.tolist(), name
    want = {name: column.values for name, column in TABLE.columns.items()}
    assert compare(want, {name: column.values for name, column in found.inputs.columns.items()}, 0, 0).ok
    assert compare(OUTPUTS, found.outputs, 0, 0).worst == 0.0
    assert compare(OUTPUTS, found.outputs, 0, 0).ok


def test_the_files_are_bodies_of_the_protocol_and_the_same_bytes_each_time(written, tmp_path):
    folder, _ = written
    body = json.loads((folder / REQUEST).read_bytes())
    first, raw = body["inputs"][0], body["inputs"][3]
    assert first == {"name": "f", "datatype": "FP64", "shape": [3], "data": [0.1, None, "Infinity"]}
    assert raw["parameters"] == {"content_type": "base64"}
    assert json.loads((folder / RESPONSE).read_bytes())["model_name"] == "m"
    again = tmp_path / "again"
    write_golden(Golden(TABLE, OUTPUTS, 0, 0), again, SIGNATURE, "m")
    for name in (REQUEST, RESPONSE):
        assert (again / name).read_bytes() == (folder / name).read_bytes()


def test_text_that_no_file_can_hold_is_refused_by_its_column(tmp_path):
    signature = Signature((Field("word", "BYTES"),))
    table = Table({"word": Column(objects("\ud800"))}, 1)
    with pytest.raises(UserError) as caught:
        write_golden(Golden(table, {}, 0, 0), tmp_path, signature, "m")
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [("P246", "column `word`")]


def change(folder, name, edit):
    body = json.loads((folder / name).read_bytes())
    edit(body)
    (folder / name).write_text(json.dumps(body))


@pytest.mark.parametrize(
    ("name", "edit", "what"),
    [
        (REQUEST, lambda body: body["inputs"].pop(), "`inputs`: the tensors are"),
        (REQUEST, lambda body: body.pop("inputs"), "no body of an inference request or response: 'inputs'"),
        (REQUEST, lambda body: body["inputs"][1].update(datatype="FP64"), "datatype FP64, the signature says INT64"),
        (REQUEST, lambda body: body["inputs"][1].update(data=[1, 2]), "`n`: 2 rows, shape [3] says 3"),
        (REQUEST, lambda body: body["inputs"][4].update(data=["a", "b", "c"]), '`word`: unseen category `"c"`'),
        (REQUEST, lambda body: body["inputs"][3].update(data=["AA", "", ""]), "`raw`: Incorrect padding"),
        (RESPONSE, lambda body: body["outputs"][0].update(data=[1, "x", 2]), '`y`: row 1: `"x"` is no number'),
        (RESPONSE, lambda body: body["outputs"][0].update(data=[1, 2], shape=[2]), "`y`: 2 rows, the manifest says 3"),
    ],
)
def test_a_file_that_does_not_fit_the_signature_is_refused_by_its_place(written, name, edit, what):
    folder, spec = written
    change(folder, name, edit)
    with pytest.raises(UserError) as caught:
        read_golden(folder, SIGNATURE, spec)
    found = caught.value.problems[0]
    assert (found.code, found.where) == ("P245", name)
    assert what in found.what


@pytest.mark.parametrize("content", [b"", b"[]", b'{"inputs": 3}', b"\xff"])
def test_a_file_that_is_no_body_is_refused(written, content):
    folder, spec = written
    (folder / REQUEST).write_bytes(content)
    with pytest.raises(UserError, match="no body of an inference request"):
        read_golden(folder, SIGNATURE, spec)


def test_another_number_of_rows_than_the_manifest_says_is_refused(written):
    folder, _ = written
    with pytest.raises(UserError) as caught:
        read_golden(folder, SIGNATURE, GoldenSpec(rows=4, rtol=0, atol=0))
    assert len(caught.value.problems) == 1 + len(OUTPUTS)


def test_tolerances_given_as_integers_are_the_floats_that_a_manifest_says(tmp_path):
    spec = write_golden(Golden(TABLE, OUTPUTS, 0, 1), tmp_path, SIGNATURE, "m")
    assert [(type(value), value) for value in (spec.rtol, spec.atol)] == [(float, 0.0), (float, 1.0)]
