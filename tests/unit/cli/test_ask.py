"""One question: where its rows come from, and what is printed of the answer."""

import io
import json
import shutil

import pytest

from trimtab.cli.ask import _rows
from trimtab.core.errors import UserError


@pytest.mark.parametrize(
    ("text", "rows"),
    [('[{"x": 1}, {"x": null}]', [{"x": 1}, {"x": None}]), (' {"x": 1}', [{"x": 1}]), ("[]", [])],
)
def test_rows_are_a_list_of_objects_or_one(text, rows):
    assert _rows(text) == rows


def test_rows_come_from_a_file_or_from_standard_input(here, monkeypatch):
    (here / "rows.json").write_text('[{"x": "é"}]', "utf-8")
    assert _rows("rows.json") == [{"x": "é"}]
    monkeypatch.setattr("sys.stdin", io.StringIO('{"x": 2}'))
    assert _rows("-") == [{"x": 2}]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("gone.json", "`gone.json` cannot be read: no such file or directory"),
        (".", "`.` cannot be read: is a directory"),
        ("latin.json", "`latin.json` cannot be read: it is not utf-8 text"),
        ("[1]", "these are no rows"),
        ("[[1]]", "these are no rows"),
        ("{", "these rows are no JSON"),
        ("[" * 100_000, "these rows are no JSON"),
    ],
)
def test_rows_that_are_none_say_why(here, text, what):
    (here / "latin.json").write_bytes(b'[{"x": "\xe9"}]')
    with pytest.raises(UserError) as caught:
        _rows(text)
    (problem,) = caught.value.problems
    assert problem.code == "P115"
    assert problem.what.startswith(what)


def test_a_url_needs_rows_and_a_bundle_needs_golden_ones(type_in, here, write_bundle):
    assert "error[P113]: `--rows` is missing: a URL has no golden rows" in type_in("ask", "http://127.0.0.1:1/m").err
    write_bundle(here / "made")
    said = type_in("ask", "made")
    assert (said.status, said.out) == (2, "")
    assert "error[P113]: `--rows` is missing: the bundle has no golden rows" in said.err


def test_without_rows_the_first_golden_row_is_asked(type_in, answering, server):
    with server({"rows": [{"x": 1.5}, {"x": None}]}) as (base, got):
        said = type_in("ask", "copy", "--url", base)
        assert said == (0, "  x\n1.5\n  -\n", "")
    assert (got[0][0], json.loads(got[0][1])) == ("/v1/models/copy/rows", {"rows": [{"x": 0.5}]})
    assert answering.name == "copy"


@pytest.mark.parametrize("said", ["./made_folder", "made_folder", "copy:latest", "sha256"])
@pytest.mark.parametrize("rows", [[], ["--rows", '[{"x": 2}]']])
def test_a_bundle_is_asked_under_its_own_name_however_it_is_said(type_in, here, answering, server, said, rows):
    shutil.copytree(answering.folder, here / "made_folder")
    with server({"rows": []}) as (base, got):
        assert type_in("ask", answering.digest if said == "sha256" else said, "--url", base, *rows).err == ""
    assert (got[0][0], json.loads(got[0][1])) == ("/v1/models/copy/rows", {"rows": [{"x": 2 if rows else 0.5}]})


def test_a_name_with_rows_needs_no_bundle_here_and_a_folder_does(type_in, server):
    with server({"rows": []}) as (base, got):
        assert type_in("ask", "far@sha256:9f2c41d0", "--url", base, "--rows", "[]").err == ""
    assert got[0][0] == "/v1/models/far/rows"
    assert "error[P204]: there is no folder `far`" in type_in("ask", "./far", "--rows", "[]").err


@pytest.mark.parametrize(("rows", "out"), [([], "no rows\n"), ([{"x": "a", "y": 2}], "x  y\na  2\n")])
def test_answers_are_a_table(type_in, server, rows, out):
    with server({"rows": rows}) as (base, _):
        assert type_in("ask", f"{base}/m", "--rows", "[]") == (0, out, "")


def test_as_json_the_whole_answer_is_there_with_its_address(type_in, server):
    with server({"model": "m", "id": "1", "rows": []}) as (base, _):
        said = type_in("ask", f"{base}/m", "--rows", "[]", "--json")
    assert json.loads(said.out) == {"model": "m", "id": "1", "rows": [], "url": f"{base}/v1/models/m/rows"}
