"""What the candidate's process does with a table, without the process."""

import numpy as np

from trimtab.core.table import Column, Table
from trimtab.ops.replay.child import apart, packed
from trimtab.ops.replay.player import Failure, played


def predict(table):
    x = table.columns["x"].values
    if np.isin(x, [3, 4]).any():
        raise ValueError(f"bad {x.tolist()}")
    return {"y": x * 2, "word": [str(one) for one in x.tolist()], "pair": np.stack([x, -x], 1)}


def asked(*values):
    table = Table({"x": Column(np.array(values))}, len(values))
    return apart(predict, table, lambda error: (type(error).__name__, str(error)))


def test_rows_at_fault_are_found_by_halves():
    parts, failed, calls = asked(0, 1, 2, 3, 4, 5)
    assert np.concatenate([places for places, _ in parts]).tolist() == [0, 1, 2, 5]
    assert failed == {3: ("ValueError", "bad [3]"), 4: ("ValueError", "bad [4]")}
    assert sum(rows for rows, _ in calls) == 4


def test_an_answer_comes_back_as_it_went():
    answer = played(b"".join(packed(*asked(0, 1, 3, 5))), 4)
    ((places, outputs),) = answer.parts
    assert places.tolist() == [0, 1, 3]
    assert outputs["y"].tolist() == [0, 2, 10]
    assert outputs["word"].tolist() == ["0", "1", "5"]
    assert outputs["pair"].tolist() == [[0, 0], [1, -1], [5, -5]]
    assert answer.failed == {2: Failure("ValueError", "bad [3]")}
    assert [rows for rows, _ in answer.calls] == [2, 1]


def test_where_no_row_has_an_answer_there_are_no_outputs():
    answer = played(b"".join(packed(*asked(3, 4))), 2)
    assert (answer.parts, list(answer.failed)) == ([], [0, 1])
