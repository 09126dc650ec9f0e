"""Sample files by their suffix; what is read is in test_read.py."""

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from trimtab.bundle.sample.files import broken, draft_of_file, found_file
from trimtab.core.errors import UserError
from trimtab.core.interactions import INPUTS_KEY


def problem(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    (only,) = caught.value.problems
    return only


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.jsonl", "a.ndjson", "a.json", "a.CSV"])
def test_a_file_of_a_kind_we_read_is_found(tmp_path, name):
    (tmp_path / name).write_text("")
    found_file(tmp_path / name)


def test_a_file_that_is_not_there_names_the_nearest(tmp_path):
    (tmp_path / "sample.csv").write_text("")
    found = problem(found_file, tmp_path / "smaple.csv")
    assert (found.code, found.hint) == ("P272", "did you mean `sample.csv`?")
    assert problem(found_file, tmp_path / "gone" / "a.csv").hint == f"there is no folder `{tmp_path / 'gone'}` either"


def test_a_folder_and_another_format_are_refused(tmp_path):
    assert problem(found_file, tmp_path).code == "P272"
    (tmp_path / "a.xlsx").write_text("")
    assert problem(found_file, tmp_path / "a.xlsx").what == "`.xlsx` is no format of a sample"


FRAME = pd.DataFrame({"n": [1, 2], "gap": [1, None], "t": ["a", "b"]})


def write(frame, path):
    match path.suffix:
        case ".parquet":
            frame.to_parquet(path)
        case ".csv":
            frame.convert_dtypes().to_csv(path, index=False)
        case _:
            frame.to_json(path, orient="records", lines=path.suffix != ".json")
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl", ".json"])
def test_every_format_gives_the_columns_of_the_frame(tmp_path, suffix):
    draft = draft_of_file(write(FRAME, tmp_path / f"sample{suffix}"), {})
    assert (draft.container, draft.rows, draft.names) == ("frame", 2, ["n", "gap", "t"])
    fields = {name: infer()[0] for name, infer in draft.columns}
    assert (fields["n"].dtype, fields["t"].dtype, fields["gap"].nullable) == ("INT64", "BYTES", True)


def test_integers_with_gaps_in_csv_stay_integers_which_pandas_shows_as_floats(tmp_path):
    (tmp_path / "a.csv").write_text("big\n9007199254740993\n\n1\n".replace("\n\n", '\n""\n'))
    field, values = draft_of_file(tmp_path / "a.csv", {}).columns[0][1]()
    assert (field.dtype, field.frame, values) == ("INT64", "float64", [9007199254740993, None, 1])


def test_a_column_declared_as_text_keeps_its_leading_zeros(tmp_path):
    (tmp_path / "a.csv").write_text("zip\n00123\n")
    field, _ = draft_of_file(tmp_path / "a.csv", {"zip": {"dtype": "BYTES"}}).columns[0][1]()
    assert field.dtype == "BYTES"
    assert draft_of_file(tmp_path / "a.csv", {}).columns[0][1]()[0].dtype == "INT64"


@pytest.mark.parametrize(
    ("name", "content", "code", "what"),
    [
        ("a.csv", b"", "P263", "`a.csv` is empty"),
        ("a.csv", b"a,b\n1\n", "P262", "the row has 1 cells, the header 2"),
        ("a.csv", b"a\n\xff\n", "P262", "`a.csv` is no UTF-8 text"),
        ("a.parquet", b"PAR1", "P262", "`a.parquet` is no Parquet file that can be read"),
        ("a.json", b"{", "P262", "`a.json` is no JSON"),
    ],
)
def test_a_file_that_is_not_what_its_suffix_says(tmp_path, name, content, code, what):
    (tmp_path / name).write_bytes(content)
    found = problem(draft_of_file, tmp_path / name, {})
    assert found.code == code
    assert found.what.startswith(what)


def test_a_name_that_is_there_twice_is_left_to_the_reader_to_refuse(tmp_path):
    (tmp_path / "a.csv").write_text("a,a\n1,2\n")
    draft = draft_of_file(tmp_path / "a.csv", {})
    assert draft.names == ["a", "a"]
    with pytest.raises(AssertionError, match="refused before its values are read"):
        draft.columns[0][1]()


def test_broken_says_which_file(tmp_path):
    found = problem(broken, tmp_path / "a.csv", "is odd", "mend it")
    assert (found.code, found.what, found.where, found.hint) == (
        "P262", "`a.csv` is odd", str(tmp_path / "a.csv"), "mend it",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (b'["t", "n"]', ["t", "n"]),
        (b'["gone"]', ["n", "gap", "t"]),
        (b"[]", ["n", "gap", "t"]),
        (b"[[1]]", ["n", "gap", "t"]),
        (b"3", ["n", "gap", "t"]),
        (b"\xff{", ["n", "gap", "t"]),
    ],
)
def test_of_rows_exported_from_a_journal_only_the_inputs_are_a_sample(tmp_path, said, names):
    table = pa.Table.from_pandas(FRAME)
    parquet.write_table(table.replace_schema_metadata({INPUTS_KEY: said}), tmp_path / "a.parquet")
    assert draft_of_file(tmp_path / "a.parquet", {}).names == names
