from __future__ import annotations

import pytest

from trimtab.core.errors import OutsideError
from trimtab.ops.flights.wishes import FileWishes
from trimtab.release.ledger.flights import Wish

PAUSE, ABORT = Wish("churn-1", "pause", "a", "uid:0", 1.0), Wish("churn-1", "abort", "b")


def test_a_wish_is_there_until_it_is_taken_up(tmp_path):
    wishes = FileWishes(tmp_path, "churn")
    assert wishes.read() is None
    wishes.write(PAUSE)
    assert FileWishes(tmp_path, "churn").read() == PAUSE
    assert FileWishes(tmp_path, "other").read() is None
    wishes.done(PAUSE)
    wishes.done(PAUSE)
    assert list(tmp_path.iterdir()) == []


def test_a_newer_wish_is_not_taken_away_with_the_older_one(tmp_path):
    wishes = FileWishes(tmp_path, "churn")
    wishes.write(PAUSE)
    wishes.write(ABORT)
    wishes.done(PAUSE)
    assert wishes.read() == ABORT


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'{"flight": "churn-1", "asked": "dance", "token": "t"}', b"\xff"])
def test_what_cannot_be_understood_is_nothing(tmp_path, text):
    wishes = FileWishes(tmp_path, "churn")
    wishes.path.write_bytes(text)
    assert wishes.read() is None


def test_a_wish_that_cannot_be_written_is_outside(tmp_path):
    with pytest.raises(OutsideError) as caught:
        FileWishes(tmp_path / "none", "churn").write(PAUSE)
    assert caught.value.problems[0].code == "P425"
