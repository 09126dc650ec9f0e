from __future__ import annotations

import pytest

from trimtab.core.closing import Closing


class Held(Closing):
    closed = 0

    def close(self):
        self.closed += 1


def test_it_is_closed_at_the_end_of_the_block_and_errors_go_on():
    with Held() as held:
        assert held.closed == 0
    assert held.closed == 1
    other = Held()
    with pytest.raises(KeyError), other:
        raise KeyError
    assert other.closed == 1


def test_nothing_is_made_that_cannot_be_closed():
    with pytest.raises(TypeError):
        Closing()
