import gc

import pytest

from trimtab.core.collecting import uncollected


def test_nothing_is_collected_meanwhile_and_afterwards_it_is_as_before():
    assert gc.isenabled()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_as_before_after_a_failure_too():
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()
