"""The columns of an exported file, and what becomes of names that are taken."""

from __future__ import annotations

import pytest

from trimtab.journal.query.exported import exported, truths_of

ABOUT = ["weight", "probability", "id", "row", "time", "revision", "arm"]
KNOWN = dict.fromkeys(
    ["id", "row", "time", "in_x", "in_Plan", "out_y", "truth_time", "truth_received", "truth", "truth_delay",
     "feedback_score", "feedback_count", "feedback_label", "feedback_comment", "feedback_correction"]
)  # fmt: skip


def names(known=KNOWN, truth="optional", *, feedback=False, only_inputs=False):
    return [cell.name for cell in exported(known, truth, feedback=feedback, only_inputs=only_inputs)]


def test_inputs_come_first_then_what_was_predicted_and_what_was_so():
    assert names() == ["x", "Plan", "prediction_y", "truth", "truth_delay", "truth_time", *ABOUT]
    assert names(truth="none") == ["x", "Plan", "prediction_y", *ABOUT]
    assert names(feedback=True)[6:8] == ["feedback_score", "feedback_count"]
    assert names(only_inputs=True, feedback=True) == ["x", "Plan"]
    assert truths_of(KNOWN) == ["truth", "truth_delay"]


@pytest.mark.parametrize(
    ("inputs", "moved"),
    [
        (("id",), {"id": "log_id"}),
        (("ID",), {"id": "log_id"}),
        (("id", "log_id"), {"id": "log_log_id"}),
        (("prediction_y", "truth", "weight"), {name: f"log_{name}" for name in ("prediction_y", "truth", "weight")}),
        (("y", "in_x"), {}),
    ],
)
def test_an_input_keeps_its_name_and_ours_gives_way(inputs, moved):
    known = {f"in_{name}": None for name in inputs} | KNOWN
    cells = exported(known, "optional", feedback=False, only_inputs=False)
    assert [cell.name for cell in cells[: len(inputs)]] == list(inputs)
    assert {cell.wanted: cell.name for cell in cells if cell.name != cell.wanted} == moved
    assert len({cell.name.lower() for cell in cells}) == len(cells)


def test_inputs_that_differ_in_capitals_alone_are_told_apart_in_sql():
    cells = exported({"in_x": None, "in_X": None}, "none", feedback=False, only_inputs=True)
    assert [(cell.name, cell.sql) for cell in cells] == [("x", '"in_x"'), ("X", '"in_X_1"')]
