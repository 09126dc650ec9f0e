"""Files of every format give the same rows; what is missing or broken is said with its place."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from trimtab.core.errors import UserError
from trimtab.ops.truth.source import Columns, open_source

SUFFIXES = (".csv", ".jsonl", ".parquet")
ROWS = [{"id": "a", "value": "late", "row": 1, "more": 2.5}, {"id": "b", "value": None, "row": 0, "more": None}]


def read(path, columns=None):
    source = open_source(path, columns or Columns())
    return source, [(row.cells, place()) for row, place in source.rows()]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_of_the_usual_names_are_found(write, suffix):
    path = write(f"truth{suffix}", ROWS)
    source, rows = read(path)
    wanted = {"id", "value", "row"} | ({"time"} if suffix == ".jsonl" else set())  # which only its rows can tell
    assert set(source.columns) == wanted
    assert [row["row"] for row, _ in rows] == [1, 0]
    assert [(row["id"], row["value"], row.get("time")) for row, _ in rows] == [("a", "late", None), ("b", None, None)]
    assert source.texts == (suffix == ".csv")
    first = {".csv": f"{path}:2", ".jsonl": f"{path}:1", ".parquet": f"{path}, row 0"}[suffix]
    assert rows[0][1] == first


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_columns_may_have_any_name(write, suffix):
    rows = [{"flight": 7, "delay": 12.5, "landed": "2023-11-14"}]
    _, found = read(write(f"truth{suffix}", rows), Columns("flight", "delay", time="landed"))
    assert found[0][0] == {"id": "7", "value": "12.5" if suffix == ".csv" else 12.5, "time": "2023-11-14"} | (
        {"row": None} if suffix == ".jsonl" else {}
    )
    _, found = read(write(f"again{suffix}", rows), Columns(value="delay", by="flight"))
    assert (found[0][0]["by"], "id" in found[0][0]) == ("7", False)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_every_column_that_is_missing_is_named(write, suffix):
    path = write(f"truth{suffix}", [{"flight": "a", "delya": 1}])
    with pytest.raises(UserError) as caught:
        open_source(path, Columns("flihgt", "delay", time="landed"))
    assert [(problem.code, problem.what) for problem in caught.value.problems] == [
        ("P709", "the file has no column `delay`"),
        ("P709", "the file has no column `flihgt`"),
        ("P709", "the file has no column `landed`"),
    ]
    assert caught.value.problems[0].hint == "did you mean `delya`?"


def test_a_key_that_no_line_has_is_null_everywhere(write):
    _, rows = read(write("truth.jsonl", [{"flight": "a"}]))
    assert rows[0][0] == {"id": None, "value": None, "row": None, "time": None}


def test_a_line_that_is_none_is_told(tmp_path):
    (tmp_path / "truth.jsonl").write_text('{"id": "a", "value": 1}\nhello\n\n[1]\n')
    found = [(row.broken, place()) for row, place in open_source(tmp_path / "truth.jsonl", Columns()).rows()]
    assert found[0][0] == ""
    assert found[1] == (
        "the line is no JSON: JSON is malformed: invalid character (byte 0)",
        f"{tmp_path}/truth.jsonl:2",
    )
    assert found[2] == ("the line is no JSON object", f"{tmp_path}/truth.jsonl:4")


def test_parquet_has_types_of_its_own(write):
    when = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    rows = [{"id": "a", "value": True, "time": when}, {"id": None, "value": None, "time": None}]
    types = {"id": pa.dictionary(pa.int32(), pa.string()), "time": pa.timestamp("ns", "UTC")}
    _, found = read(write("truth.parquet", rows, types))
    assert [row for row, _ in found] == [
        {"id": "a", "value": True, "time": when.isoformat()},
        {"id": None, "value": None, "time": None},
    ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("truth.csv", b"", "P709"),
        ("truth.csv", b"id,value\na,1,2\n", "P712"),
        ("truth.parquet", b"PAR1", "P943"),
        ("truth.xlsx", b"PK", "P702"),
        ("gone/truth.csv", None, "P701"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, name, content, code):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as caught:
        list(open_source(tmp_path / name, Columns()).rows())
    assert {problem.code for problem in caught.value.problems} == {code}
