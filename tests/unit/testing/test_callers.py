"""Callers count every answer, and know which are none."""

from __future__ import annotations

from itertools import count

from trimtab.testing import Callers


def test_each_answer_is_counted_and_what_is_wrong_is_told() -> None:
    numbers = count()

    def ask() -> tuple[str, str]:
        match next(numbers) % 3:
            case 0:
                return "right", ""
            case 1:
                return "", "wrong"
        raise OSError("gone")

    with Callers(ask, threads=1) as callers:
        while next(numbers) < 12:
            pass
    assert callers.answers.total() + callers.faults.total() > 0
    assert callers.answers.keys() <= {"right"}
    assert callers.faults.keys() <= {"wrong", "OSError('gone')"}


def test_the_block_begins_when_all_have_been_answered() -> None:
    with Callers(lambda: ("right", ""), threads=4) as callers:
        assert callers.answers["right"] >= 4
    assert not callers.faults
