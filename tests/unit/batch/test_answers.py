"""One block from check to answers: what is refused, what is spread, what is listed."""

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from trimtab.batch.answers import Scorer
from trimtab.batch.options import ScoreOptions
from trimtab.batch.rows import Block
from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column

SIGNATURE = Signature((Field("a", "INT64"),), (Field("y", "FP64"),))
LISTED = ScoreOptions(refused=Path("bad.jsonl"))


def double(table):
    values = table.columns["a"].values
    if (values == 13).any():
        msg = "unlucky"
        raise ValueError(msg)
    return {"y": values * 2.0}


def scorer(options=None, predictor=double):
    return Scorer(predictor, SIGNATURE, Path("rows.csv"), options or ScoreOptions())


def block(values, first=10):
    kept = pa.RecordBatch.from_pydict({"id": [f"r{row}" for row in range(len(values))]})
    return Block(first, len(values), {"a": values}, kept)


def line(row):
    return row + 2


def answered(values, options=None):
    one = scorer(options)
    return one, one.answer(one.judged(block(values)), line)


def test_one_row_out_for_each_row_in_behind_the_kept_columns():
    one, found = answered([1, 2, 3])
    assert one.to_arrow(found).to_pydict() == {"id": ["r0", "r1", "r2"], "y": [2.0, 4.0, 6.0]}
    assert found.refusals == ()


def test_refused_rows_have_null_answers_and_are_listed_in_order():
    one, found = answered([1, "x", 13, 4], LISTED)
    assert one.to_arrow(found).to_pydict()["y"] == [2.0, None, None, 8.0]
    file = io.BytesIO()
    one.list_refusals(found, line, file)
    records = [json.loads(text) for text in file.getvalue().splitlines()]
    assert [(record["row"], record["line"]) for record in records] == [(11, 13), (12, 14)]
    assert records[0]["faults"] == [{"column": "a", "what": '`"x"` is no integer'}]
    assert "unlucky" in records[1]["faults"][0]["what"]


@pytest.mark.parametrize(("values", "code"), [([1, "x"], "P710"), ([1, 13], "P713")])
def test_without_a_file_for_them_the_first_refused_row_stops_the_run(values, code):
    with pytest.raises(UserError) as caught:
        answered(values)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert problem.where.startswith("rows.csv, row 11, line 13")


def test_a_block_without_a_good_row_has_nothing_but_nulls():
    one, found = answered(["x", "y"], LISTED)
    assert one.to_arrow(found).to_pydict() == {"id": ["r0", "r1"], "y": [None, None]}


def test_a_column_that_is_wrong_as_a_whole_is_refused():
    with pytest.raises(UserError, match="P711"):
        scorer().judged(block(Column(np.zeros((2, 2)))))


@pytest.mark.parametrize("outputs", [{"y": np.zeros(1)}, {"z": np.zeros(2)}])
def test_answers_that_do_not_fit_the_signature_are_refused(outputs):
    one = scorer(predictor=lambda _: outputs)
    with pytest.raises(UserError, match=r"P71[34]"):
        one.to_arrow(one.answer(one.judged(block([1, 2])), line))
