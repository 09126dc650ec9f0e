"""The file of keys as it is written, and one that is no file."""

import json
import os

import pytest

from trimtab.server.guard.keys.file import LARGEST, KeyEntry, as_time, encode_keys, is_open, read_file
from trimtab.server.guard.keys.text import hash_of, new_key
from trimtab.server.guard.principal import Grant, Principal

KEY = new_key("7hq2mk9x")
ENTRY = KeyEntry(
    "7hq2mk9x", "ci", hash_of(KEY), (Grant("infer", "churn-*"), Grant("read")), 1_900_000_000, 1_900_000_060
)


def test_the_file_says_what_a_key_may_and_until_when_and_nothing_of_the_key():
    written = encode_keys((ENTRY,))
    assert json.loads(written) == {
        "format": 1,
        "keys": [
            {
                "id": "7hq2mk9x",
                "name": "ci",
                "hash": hash_of(KEY),
                "grants": ["infer:churn-*", "read"],
                "created": "2030-03-17T17:46:40Z",
                "expires": "2030-03-17T17:47:40Z",
                "revoked": None,
            }
        ],
    }
    assert KEY[12:30].encode() not in written


def test_an_entry_is_a_caller_by_the_name_of_its_key():
    assert ENTRY.principal == Principal("key:ci", ENTRY.grants, "key")
    assert ENTRY.hash not in repr(ENTRY)


@pytest.mark.parametrize(
    ("expires", "revoked", "now", "state"),
    [
        (None, None, 10**12, "active"),
        (100, None, 99.9, "active"),
        (100, None, 100, "expired"),
        (100, 50, 10, "revoked"),  # a clock that is wrong does not bring it back
        (None, 10**10, 10, "revoked"),
    ],
)
def test_what_becomes_of_a_key(expires, revoked, now, state):
    assert KeyEntry("7hq2mk9x", "ci", "", (), 0, expires, revoked).state(now) == state


def test_a_time_is_utc_to_the_second():
    assert as_time(0.9) == "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("mode", "opened"), [(0o600, False), (0o400, False), (0o640, True), (0o602, True), (0o644, True)]
)
def test_a_file_is_open_if_others_may_do_anything_with_it(tmp_path, mode, opened):
    path = tmp_path / "keys.json"
    path.touch()
    path.chmod(mode)
    assert is_open(path.stat()) is opened


def test_only_a_regular_file_is_read_and_no_more_of_it_than_is_needed_to_refuse_it(tmp_path):
    (tmp_path / "big").write_bytes(b"x" * (LARGEST + 9))
    assert len(read_file(tmp_path / "big")[0]) == LARGEST + 1
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("pipe", "it is no regular file"), (".", "it is no regular file"), ("gone", "No such file")):
        with pytest.raises(OSError, match=said):
            read_file(tmp_path / name)
