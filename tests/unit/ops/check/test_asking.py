"""What the block of an answer says. The process itself: `tests/system/check/test_checks.py`."""

import numpy as np
import pytest

from trimtab.ops.check.asking import NoAnswerError, answers_of
from trimtab.ops.replay.child import packed


def block(good, bad, outputs):
    return b"".join(packed([(np.array(good, int), outputs)], bad, [(len(good), 0.1)]))


def test_no_rows_have_answers_of_their_dtype():
    got = answers_of(block([], {}, {"y": np.zeros((0, 2), np.float32)}))
    assert (got["y"].shape, got["y"].dtype) == ((0, 2), np.float32)


def test_the_first_row_without_an_answer_is_named_and_the_others_counted():
    with pytest.raises(NoAnswerError, match=r"row 1: ValueError at m\.py:1: bad, and 1 more") as failed:
        answers_of(block([0], {4: ("ValueError", "late"), 1: ("ValueError at m.py:1", "bad")}, {"y": np.ones(1)}))
    assert (failed.value.row, failed.value.count) == (1, 2)
