"""The three formats of rows, through the same questions: blocks, lines, and damage."""

import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.batch.csvrows import CsvRows
from trimtab.batch.jsonrows import JsonRows
from trimtab.batch.options import ScoreOptions
from trimtab.batch.parquet import ParquetRows
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature

SIGNATURE = Signature((Field("a", "INT64"), Field("t", "BYTES", nullable=True)))
READERS = {"csv": CsvRows, "jsonl": JsonRows, "parquet": ParquetRows}


def write(folder, kind, rows):
    path = folder / f"rows.{kind}"
    if kind == "parquet":
        table = {"a": pa.array([a for a, _ in rows], pa.int64()), "t": pa.array([t for _, t in rows], pa.string())}
        parquet.write_table(pa.table(table), path)
    elif kind == "csv":
        path.write_text("a,t\n" + "".join(f"{a},{t or ''}\n" for a, t in rows))
    else:
        path.write_text("".join(json.dumps({"a": a, "t": t}) + "\n" for a, t in rows))
    return path


def read(path, signature=SIGNATURE, **options):
    kind = READERS[path.suffix[1:]]
    return kind(path, signature, ScoreOptions(**options))


def plain(raw):
    values = getattr(raw, "values", raw)
    missing = getattr(raw, "missing", None)
    return [None if missing is not None and missing[row] else value for row, value in enumerate(list(values))]


ROWS = [(row, None if row == 2 else f"t{row}") for row in range(5)]


@pytest.mark.parametrize("kind", sorted(READERS))
@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_every_row_is_in_one_block_in_order(tmp_path, kind, size):
    blocks = list(read(write(tmp_path, kind, ROWS), batch_rows=size, keep="all").blocks())
    assert max(block.height for block in blocks) <= size
    assert [block.first for block in blocks] == [sum(one.height for one in blocks[:at]) for at in range(len(blocks))]
    assert [value for block in blocks for value in plain(block.columns["a"])] == [a for a, _ in ROWS]
    assert [value for block in blocks for value in plain(block.columns["t"])] == [t for _, t in ROWS]
    kept = pa.Table.from_batches([block.kept for block in blocks])
    assert kept.to_pydict() == {"a": [a for a, _ in ROWS], "t": [t for _, t in ROWS]}


@pytest.mark.parametrize("kind", sorted(READERS))
def test_a_file_without_rows_is_one_empty_block(tmp_path, kind):
    (block,) = read(write(tmp_path, kind, [])).blocks()
    assert (block.first, block.height) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "lines", "total"), [("csv", [2, 6], None), ("jsonl", [1, 5], None), ("parquet", [None] * 2, 5)]
)
def test_a_row_has_its_line_where_there_are_lines(tmp_path, kind, lines, total):
    file = read(write(tmp_path, kind, ROWS))
    assert file.total == total
    for _ in file.blocks():
        pass
    assert [file.line(0), file.line(4)] == lines


def test_blank_lines_are_no_rows_but_count_as_lines(tmp_path):
    (tmp_path / "rows.jsonl").write_text('\n{"a": 1}\n \n{"a": 2}')
    file = read(tmp_path / "rows.jsonl")
    values = [value for block in file.blocks() for value in plain(block.columns["a"])]
    assert (values, [file.line(0), file.line(1)]) == ([1, 2], [2, 4])


def test_a_cell_with_a_newline_moves_the_lines_after_it(tmp_path):
    (tmp_path / "rows.csv").write_text('a,t\n1,"x\ny"\n\n2,z\n')
    file = read(tmp_path / "rows.csv")
    (block,) = file.blocks()
    assert (plain(block.columns["t"]), [file.line(0), file.line(1)]) == (["x\ny", "z"], [2, 5])


def test_a_line_that_is_no_object_is_a_broken_row(tmp_path):
    (tmp_path / "rows.jsonl").write_bytes(b'{"a": 1}\n[1]\n{"a": \n{"a": 2}\n"\xff"\n')
    (block,) = read(tmp_path / "rows.jsonl").blocks()
    assert sorted(block.broken) == [1, 2, 4]
    assert block.broken[1] == "the line is no JSON object"


def problem(path, signature=SIGNATURE, **options):
    with pytest.raises(UserError) as caught:
        list(read(path, signature, **options).blocks())
    return caught.value.problems[0]


@pytest.mark.parametrize("kind", sorted(READERS))
def test_a_column_that_the_file_lacks_is_named(tmp_path, kind):
    wanted = Signature((*SIGNATURE.inputs, Field("gone", "FP64")))
    assert problem(write(tmp_path, kind, ROWS), wanted).code == "P709"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", b""),
        ("rows.csv", b"\xff\xfe\n"),
        ("rows.csv", b"a,t\n1,x,more\n"),
        ("rows.csv", b'a,t\n1,"open\n' + b"x" * 2**20 + b"\n" + b"x" * 2**20),
        ("rows.parquet", b"PAR1 nothing PAR1"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert problem(tmp_path / name).code == "P712"


def test_a_row_with_too_many_cells_has_its_line(tmp_path):
    (tmp_path / "rows.csv").write_text("a,t\n1,x\n\n2,y,z\n")
    found = problem(tmp_path / "rows.csv")
    assert (found.what, found.where) == ("row 1 has 3 cells, the header 2", f"{tmp_path / 'rows.csv'}:4")


def test_a_parquet_column_that_can_never_fit_is_refused_from_the_footer(tmp_path):
    path = write(tmp_path, "parquet", ROWS)
    wanted = Signature((Field("a", "BYTES"), Field("t", "FP64")))
    with pytest.raises(UserError) as caught:
        read(path, wanted)
    assert [problem.code for problem in caught.value.problems] == ["P711", "P711"]


def test_wide_rows_make_smaller_blocks(tmp_path):
    parquet.write_table(
        pa.table({"a": list(range(100)), "t": [f"{row}" * 500 for row in range(100)]}), tmp_path / "rows.parquet"
    )
    blocks = list(read(tmp_path / "rows.parquet", batch_bytes=20_000).blocks())
    assert len(blocks) > 2
    assert sum(block.height for block in blocks) == 100


def test_a_kept_column_of_two_types_is_refused(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"a": 1, "id": 1}\n{"a": 2, "id": "x"}\n')
    assert problem(tmp_path / "rows.jsonl", keep=("id",), batch_rows=1).code == "P717"
