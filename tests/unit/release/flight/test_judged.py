from __future__ import annotations

import numpy as np
import pytest

from trimtab.release.flight.judged import broken_since, kept, showing
from trimtab.release.sequential.tilts import since


@pytest.mark.parametrize(
    ("won", "start"), [([9.0, 0.0], 0), ([-9.0, 9.0], 1), ([-9.0, -9.0], None), ([-9.0, -9.0, 9.0], 2), ([], None)]
)
def test_it_is_said_since_when_a_limit_is_broken(won: list[float], start: int | None) -> None:
    assert broken_since(since(np.array(won)), 0.05) == start


def test_kept_is_what_has_won_one_over_alpha() -> None:
    assert kept(np.log(20.0001), 0.05)
    assert not kept(np.log(19.99), 0.05)


def test_a_good_step_after_a_bad_one_is_not_where_it_showed() -> None:
    assert showing([-1.0, 9.0, 3.0, -2.0], 1) == [1, 2]
    assert showing([9.0], 0) == [0]
    assert showing([-1.0, 9.0, -3.0, 4.0, -2.0], 0) == [1, 3]
