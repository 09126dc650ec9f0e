"""A candidate of each sort of answer, asked again of a journal in memory: the story from rows to report."""

from __future__ import annotations

import numpy as np
import pytest
from tests.doubles.recorded import Recorded, interactions

from trimtab.core.errors import RefusedError, UserError
from trimtab.ops.replay.replay import replay
from trimtab.ops.replay.wishes import Wishes

MODEL = """
import numpy as np

def predict(rows):
    x = rows["x"]
    if (x == {bad}).any():
        raise ValueError("bad")
    chances = np.stack([x / 1000, 1 - x / 1000 - {less}, np.full(len(x), {less})], 1)
    label = np.where(x > {limit}, "much", "little").astype(object)
    return {{"chances": chances, "label": label, "score": x * {times}}}
"""
ROWS = 800
X = np.arange(ROWS) * 1.0


@pytest.fixture
def package(workshop):
    def make(name="small", bad=-1, less=0.0, limit=400, times=1.0, **recipe):
        workshop.write(model=MODEL.format(bad=bad, less=less, limit=limit, times=times))
        return workshop.package(name=name, lock="off", container="arrays", sample={"x": X[:20]}, **recipe)

    return make


def recorded(bundle, **facts):
    """What the bundle answers to every row, as a journal has it."""
    from trimtab.core.table import Column, Table

    outputs = bundle.load()(Table({"x": Column(X)}, ROWS))
    columns = {
        "in_x": X, "out_label": outputs["label"].tolist(), "out_score": outputs["score"],
        "out_chances": outputs["chances"].tolist(),
    }  # fmt: skip
    return interactions(columns, endpoint=["small"] * ROWS, revision=[bundle.digest] * ROWS, **facts)


def test_labels_and_likeliest_classes_decide_and_plain_numbers_do_not(package):
    right = package()
    report = replay(package(limit=500, times=2.0), Recorded(recorded(right)), Wishes(batch=100))
    assert report.rules == ["`chances`: another class is the likeliest", "`label`: another one"]
    assert report.changed.count == 100
    assert [(move.output, move.before, move.after, move.share.count) for move in report.moves] == [
        ("label", "much", "little", 100)
    ]
    (group,) = report.groups
    assert group.words == "401 <= x < 501"
    score = next(one for one in report.scores if one.output == "score")
    assert score.moved.count == ROWS - 1
    assert dict(score.quantiles)[1.0] == X[-1]


def test_classes_change_with_the_likeliest(package):
    right = package()
    report = replay(package(less=0.299), Recorded(recorded(right)), Wishes(decides=("chances",)))
    assert {(move.before, move.after) for move in report.moves} == {("1", "0")}
    assert report.changed.count == sum(1 for x in X if 350.5 < x < 500)


def test_against_another_bundle_the_journal_gives_the_questions_alone(package):
    right, other = package(), package(limit=700)
    report = replay(other, Recorded(recorded(right, status=np.full(ROWS, 500, np.int16))), Wishes(), right)
    assert report.changed.count == 300
    assert (report.baseline.digest, report.failed) == (right.digest, 0)


def test_a_row_that_fails_is_a_changed_decision_and_the_others_are_asked(package):
    right = package()
    report = replay(package(bad=613), Recorded(recorded(right)), Wishes())
    assert (report.changed.count, report.lost.count) == (1, 1)
    (cause,) = report.causes
    assert (cause.kind, cause.said) == ("ValueError at model.py:7 in predict", "bad")
    assert report.cause_ids == ["0123456789abanybody00000-265 row 0"]


def test_what_callers_did_not_get_and_would_get_now_is_counted(package):
    right = package()
    status = np.where(X < 10, 500, 200).astype(np.int16)
    report = replay(right, Recorded(recorded(right, status=status)), Wishes())
    assert (report.recovered, report.failed, report.changed.rows, report.changed.count) == (10, 10, ROWS - 10, 0)
    assert "800 rows were answered by the candidate itself" in report.notes


def test_a_candidate_that_never_answers_is_refused_after_its_first_call(package, workshop):
    right = package()
    table = recorded(right)
    workshop.write(model="def predict(rows):\n    assert (rows['x'] < 20).all(), 'no'\n    return rows['x']\n")
    broken = workshop.package(name="other", lock="off", container="arrays", sample={"x": X[:20]})
    table = table.set_column(table.column_names.index("in_x"), "in_x", [X + 50])
    table = table.append_column("out_prediction", [X])
    with pytest.raises(RefusedError) as caught:
        replay(broken, Recorded(table), Wishes(batch=64))
    (problem,) = caught.value.problems
    assert problem.code == "P974"
    assert problem.what.startswith("it answers none of the first 64 recorded rows: AssertionError at model.py:2")


def test_all_that_is_wrong_with_the_journal_comes_before_anything_runs(package):
    right = package()
    journal = Recorded(recorded(right), {"in_x": "hash"})
    with pytest.raises(UserError) as caught:
        replay(right, journal, Wishes())
    assert [problem.code for problem in caught.value.problems] == ["P970"]
    table = recorded(right).drop_columns(["out_label", "out_score", "out_chances"])
    with pytest.raises(UserError) as caught:
        replay(right, Recorded(table), Wishes())
    assert [problem.code for problem in caught.value.problems] == ["P973"]
    with pytest.raises(UserError) as caught:
        replay(right, Recorded(recorded(right, status=np.full(ROWS, 503, np.int16))), Wishes())
    assert [problem.code for problem in caught.value.problems] == ["P971"]
