"""What the block of an answer says; whether it speaks of each row once. Real processes: `tests/system/replay`."""

import numpy as np
import pytest

from trimtab.ops.replay.child import packed
from trimtab.ops.replay.player import played


@pytest.mark.parametrize(
    ("good", "bad", "rows"), [([0, 1], [1], 2), ([0], [], 2), ([0, 2], [], 2), ([-1, 0], [], 2), ([1], [0, 5], 2)]
)
def test_an_answer_that_leaves_a_row_out_or_speaks_of_others_is_nonsense(good, bad, rows):
    parts = [(np.array(good), {"y": np.arange(len(good))})]
    with pytest.raises(ValueError, match="not one answer a row"):
        played(b"".join(packed(parts, dict.fromkeys(bad, ("kind", "said")), [])), rows)


def test_outputs_of_another_length_are_nonsense():
    parts = [(np.array([0, 1]), {"y": np.arange(3)})]
    with pytest.raises(ValueError, match="another length"):
        played(b"".join(packed(parts, {}, [])), 2)


def test_bytes_that_are_no_block_are_nonsense():
    with pytest.raises(ValueError, match="no block"):
        played(b"\x01", 2)
