"""Good rows and refused ones of a block."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trimtab.batch.faults import Refusal, judge, refuse_all, wrong_columns
from trimtab.batch.rows import Block
from trimtab.core.check import Fault, SignatureError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column

SIGNATURE = Signature((Field("a", "INT64"), Field("b", "BYTES")))
NOTHING = pa.RecordBatch.from_arrays([], names=[])
FILE = Path("rows.csv")


def block(a, b, first=0, broken=None):
    return Block(first, len(a), {"a": a, "b": b}, NOTHING, broken or {})


def test_rows_that_fit_go_on_and_the_others_keep_all_their_faults():
    judged = judge(block([1, "x", 3, 4], ["p", 5, "q", 6], first=10), SIGNATURE)
    assert judged.good.tolist() == [0, 2]
    assert judged.table.columns["a"].values.tolist() == [1, 3]
    assert [(refusal.row, [fault.column for fault in refusal.faults]) for refusal in judged.refusals] == [
        (11, ["a", "b"]),
        (13, ["b"]),
    ]


def test_a_row_that_could_not_be_read_is_refused_without_being_looked_at():
    judged = judge(block([None, 2], [None, "q"], broken={0: "the line is no JSON"}), SIGNATURE)
    assert (judged.good.tolist(), [refusal.row for refusal in judged.refusals]) == ([1], [0])
    assert judged.refusals[0].faults[0].what == "the line is no JSON"


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), max_size=200))
def test_every_bad_row_is_named_however_many_there_are(bad):
    values = ["x" if odd else row for row, odd in enumerate(bad)]
    judged = judge(block(values, ["t"] * len(bad)), SIGNATURE)
    assert [refusal.row for refusal in judged.refusals] == [row for row, odd in enumerate(bad) if odd]
    assert judged.good.tolist() == judged.table.columns["a"].values.tolist()


def test_a_column_that_is_wrong_as_a_whole_stops_it():
    with pytest.raises(SignatureError):
        judge(block(Column(np.zeros((2, 2))), ["p", "q"]), SIGNATURE)


def test_the_message_names_the_first_and_counts_the_rest():
    refusals = [Refusal(row, (Fault("a", row, "is odd"),)) for row in range(3, 30)]
    error = refuse_all(refusals, FILE, lambda row: row + 2)
    assert len(error.problems) == 8
    assert (error.problems[0].code, error.problems[0].where) == ("P710", "rows.csv, row 3, line 5, column `a`")
    assert error.problems[-1].hint == (
        "27 rows up to row 29 do not fit; `--refused refused.jsonl` lists such rows and scores the others"
    )


def test_a_file_without_lines_and_a_row_without_a_column():
    error = refuse_all([Refusal(3, (Fault("", 3, "is odd", "mend it"),))], FILE, lambda _: None)
    (problem,) = error.problems
    assert problem.where == "rows.csv, row 3"
    assert problem.hint == "mend it\n`--refused refused.jsonl` lists such rows and scores the others"


def test_wrong_columns_are_said_in_the_words_of_a_file():
    (problem,) = wrong_columns(SignatureError([Fault("a", None, "is a list")]), FILE).problems
    assert (problem.code, problem.what, problem.where) == ("P711", "column `a` is a list", "rows.csv")
