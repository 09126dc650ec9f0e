"""Which names are this machine's own, as they are written."""

import pytest

from trimtab.core.hosts import is_loopback


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_s_own_names(name):
    assert is_loopback(name)


OTHERS = ["", "0.0.0.0", "10.0.0.1", "localhost.localdomain", "localhost.evil.example", "evil", "127.0.0.1.evil"]  # noqa: S104


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_others(name):
    assert not is_loopback(name)
