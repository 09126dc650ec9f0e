"""Two sides of answers: what changed, what was lost, what moved and where to."""

import numpy as np
import pytest

from trimtab.core.table import Column
from trimtab.ops.replay.answers import Answers
from trimtab.ops.replay.compare import causes_of, compare, moves_of, scores_of
from trimtab.ops.replay.decision import Rule
from trimtab.ops.replay.player import Failure
from trimtab.ops.replay.tree import Weighed

LABEL = Rule("label", "label", decides=True)
SCORE = Rule("score", "number", decides=False, rtol=1e-6, atol=1e-9)


def answers(labels, scores, has=None, failed=None):
    has = np.ones(len(labels), bool) if has is None else np.array(has, bool)
    outputs = {"label": Column(np.array(labels, object)), "score": Column(np.array(scores, float))}
    return Answers(outputs, has, failed or {})


BEFORE = answers(["a", "a", "b", None, "b"], [0.1, 0.2, 0.3, np.nan, 0.5], [1, 1, 1, 0, 1])
AFTER = answers(
    ["a", "b", "b", "a", None], [0.1, 0.4, 0.3, 0.9, np.nan], [1, 1, 1, 1, 0], {4: Failure("ValueError", "no b")}
)
COMPARED = compare([LABEL, SCORE], BEFORE, AFTER)


def weighed(compared, weight=None):
    rows = len(compared.changed)
    return Weighed(compared.changed, np.ones(rows) if weight is None else np.array(weight, float), np.arange(rows))


def test_rows_change_are_lost_or_gained():
    assert COMPARED.changed.tolist() == [False, True, False, False, True]
    assert COMPARED.lost.tolist() == [False] * 4 + [True]
    assert COMPARED.gained.tolist() == [False, False, False, True, False]
    assert COMPARED.by["score"].tolist() == [False, True, False, False, False]


def test_only_outputs_that_decide_change_a_decision():
    other = answers(["a", "a", "b", "a", "b"], [9.0] * 5)
    assert not compare([LABEL, SCORE], BEFORE, other).changed.any()


def test_decisions_move_from_one_to_another():
    (move,) = moves_of(COMPARED, weighed(COMPARED, [1, 3, 1, 1, 1]))
    assert (move.output, move.before, move.after, move.share.count) == ("label", "a", "b", 1)
    assert move.share.value == pytest.approx(3 / 6)


def test_the_commonest_moves_come_first_and_are_few():
    count = 400
    before = answers(["a"] * count, [0.0] * count)
    after = answers([f"l{number % 20 + (number % 3 == 0) * 7}" for number in range(count)], [0.0] * count)
    compared = compare([LABEL], before, after)
    found = moves_of(compared, weighed(compared))
    assert len(found) == 10
    assert [move.share.count for move in found] == sorted((move.share.count for move in found), reverse=True)


def test_numbers_move_by_quantiles_and_bars():
    rows = 1000
    before = answers(["a"] * rows, np.zeros(rows))
    by = np.where(np.arange(rows) < 100, -0.2, np.where(np.arange(rows) < 150, 0.4, 0.0))
    compared = compare([LABEL, SCORE], before, answers(["a"] * rows, by))
    (score,) = scores_of(compared, weighed(compared))
    assert score.moved.count == 150
    assert dict(score.quantiles)[0.05] == -0.2
    assert (dict(score.quantiles)[0.5], dict(score.quantiles)[0.99]) == (0, 0.4)
    assert sum(height for _, _, height in score.bars) == pytest.approx(0.15)
    assert 0.0 in [low for low, _, _ in score.bars]
    assert (score.bars[0][0], score.bars[-1][1]) == (pytest.approx(-0.2), pytest.approx(0.4))


def test_weights_move_quantiles():
    before, after = answers(["a"] * 4, [0.0] * 4), answers(["a"] * 4, [1.0, 2.0, 3.0, 4.0])
    compared = compare([SCORE], before, after)
    assert dict(scores_of(compared, weighed(compared, [1, 1, 1, 97]))[0].quantiles)[0.05] == 4
    assert dict(scores_of(compared, weighed(compared, [97, 1, 1, 1]))[0].quantiles)[0.95] == 1


def test_numbers_that_nobody_can_subtract_are_left_out():
    compared = compare([SCORE], answers(["a"], [np.nan]), answers(["a"], [np.nan]))
    assert scores_of(compared, weighed(compared)) == []
    one = scores_of(compare([SCORE], answers(["a"], [0.0]), answers(["a"], [0.0])), weighed(compared))[0]
    assert (one.bars, one.moved.count) == ((), 0)


def test_what_has_no_answer_any_more_is_told_by_kind_with_an_example():
    failed = {0: Failure("ValueError", "first"), 1: Failure("KeyError", "x"), 3: Failure("ValueError", "second")}
    after = answers(["a"] * 4, [0.0] * 4, [0, 0, 1, 0], failed)
    compared = compare([LABEL], answers(["a"] * 4, [0.0] * 4, [1, 1, 1, 0]), after)
    found = causes_of(compared, weighed(compared))
    assert [(cause.kind, cause.said, cause.row, cause.share.count) for cause in found] == [
        ("KeyError", "x", 1, 1), ("ValueError", "first", 0, 1),
    ]  # fmt: skip
    assert found[0].share.rows == 3
