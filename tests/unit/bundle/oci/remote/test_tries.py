"""Asking again: pauses that are slept, failures that are forgotten when something moved, and an end."""

import pytest

from trimtab.bundle.oci.remote.faults import Broken
from trimtab.bundle.oci.remote.patience import Machine, Patience
from trimtab.bundle.oci.remote.tries import Tries
from trimtab.core.errors import OutsideError


def tries(slept, **patience):
    machine = Machine(clock=lambda: 0.0, sleep=slept.append, chance=lambda: 1.0)
    return Tries(Patience(**patience), machine, "https://registry.example/v2/")


def test_it_waits_and_then_gives_up_with_what_was_wrong():
    slept = []
    one = tries(slept, attempts=3, first_s=1)
    one.failed(Broken("broke the connection"))
    one.failed(Broken("broke the connection"))
    with pytest.raises(OutsideError) as caught:
        one.failed(Broken("is silent"))
    assert slept == [1, 2]
    assert "error[P247]: the registry is silent, 3 times in a row\n  at https://registry.example/v2/" in str(
        caught.value
    )


def test_enough_that_moved_makes_earlier_failures_forgotten():
    slept = []
    one = tries(slept, attempts=2, first_s=1, progress=100)
    for _ in range(5):
        one.failed(Broken("broke the connection"))
        one.moved(60)
        one.moved(60)
    assert slept == [1] * 5


def test_a_little_that_moved_does_not():
    one = tries([], attempts=2, progress=100)
    one.failed(Broken("broke the connection"))
    one.moved(1)
    with pytest.raises(OutsideError):
        one.failed(Broken("broke the connection"))


def test_a_pause_that_is_too_long_is_said():
    slept = []
    with pytest.raises(OutsideError, match="is busy, and wants to be left alone for 900 s"):
        tries(slept).failed(Broken("is busy", 900.0))
    assert slept == []
