from typing import Any

import numpy as np
import pytest

from trimtab.bundle.data.outputs import to_outputs
from trimtab.core.errors import RefusedError


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (np.ma.masked_array([1, 2], [0, 1]), "a masked array"),
        (["fine", "\ud800"], "surrogates not allowed"),
        ([2**63, -1], "out of bounds"),
        ([2**70], "too large"),
    ],
)
def test_an_answer_that_would_become_another_is_refused(answer: Any, what: str) -> None:
    with pytest.raises(RefusedError) as caught:
        to_outputs(answer)
    (problem,) = caught.value.problems
    assert problem.code == "P244"
    assert what in problem.what


def test_integers_beyond_63_bits_keep_every_digit() -> None:
    (array,) = to_outputs([2**64 - 1, 1]).values()
    assert (array.dtype, array.tolist()) == (np.uint64, [2**64 - 1, 1])


def test_a_masked_array_without_a_masked_value_is_an_array() -> None:
    (array,) = to_outputs(np.ma.masked_array([1.5, 2.5])).values()
    assert array.tolist() == [1.5, 2.5]
