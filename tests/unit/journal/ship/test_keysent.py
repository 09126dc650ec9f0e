"""Keys that a topic has got, kept beside the journal for as long as their file is there."""

from __future__ import annotations

import stat

import pytest

from trimtab.core.errors import OutsideError
from trimtab.journal.ship.carrier import DamagedError
from trimtab.journal.ship.keysent import keys_of, prune, remember

NAME = "interactions/endpoint=churn/day=2026-11-01/w-1.parquet"


@pytest.fixture
def spool(journal):
    return journal / "spool/kafka-00"


def test_what_was_remembered_is_known_until_the_next_time(spool):
    assert keys_of(spool, NAME) == []
    remember(spool, NAME, ["b", "a"])
    assert keys_of(spool, NAME) == ["b", "a"]
    remember(spool, NAME, ["c"])
    assert keys_of(spool, NAME) == ["c"]
    (path,) = [path for path in spool.rglob("*") if path.is_file()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_hundred_thousand_keys_take_little(spool):
    keys = [f"aabbccddeeffmmmmmmmmmmmm-{number:x}/0" for number in range(100_000)]
    remember(spool, NAME, keys)
    assert keys_of(spool, NAME) == keys
    assert (spool / f"{NAME}.keys").stat().st_size < 200_000


def test_keys_of_files_that_are_gone_go(spool):
    other = NAME.replace("w-1", "w-2").replace("11-01", "11-02")
    remember(spool, NAME, ["a"])
    remember(spool, other, ["a"])
    prune(spool, [other])
    assert (keys_of(spool, NAME), keys_of(spool, other)) == ([], ["a"])
    assert [path.name for path in (spool / "interactions/endpoint=churn").iterdir()] == ["day=2026-11-02"]
    prune(spool, [])
    assert list(spool.iterdir()) == []
    prune(spool / "none", [])


def test_keys_that_cannot_be_read_are_said_and_not_taken_for_none(spool):
    remember(spool, NAME, ["a"])
    (spool / f"{NAME}.keys").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(DamagedError, match="not known what was sent"):
        keys_of(spool, NAME)


def test_keys_that_cannot_be_kept_stop_the_sending(spool):
    spool.write_text("in the way")
    with pytest.raises(OutsideError, match="P967"):
        remember(spool, NAME, ["a"])
