"""A file of keys is taken whole or refused with every fault; no fault shows what may be a secret."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.errors import UserError
from trimtab.server.guard.keys.file import LARGEST, KeyEntry, encode_keys
from trimtab.server.guard.keys.parse import parse_keys
from trimtab.server.guard.keys.text import hash_of, new_id, new_key
from trimtab.server.guard.principal import SCOPES, Grant

GOOD = {
    "id": "7hq2mk9x", "name": "ci", "hash": "ab" * 32, "grants": ["read"], "created": "2030-01-01T00:00:00Z",
    "expires": None, "revoked": None,
}  # fmt: skip
KEY = new_key("7hq2mk9x")
times = st.integers(0, 4_000_000_000)
grants = st.builds(Grant, st.sampled_from(SCOPES), st.from_regex(r"[a-z0-9*?._-]{1,20}", fullmatch=True))
entries = st.builds(
    KeyEntry,
    st.binary(min_size=8, max_size=8).map(lambda data: new_id(lambda _: data)),
    st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.lists(grants, min_size=1, max_size=3).map(tuple),
    times,
    st.none() | times,
    st.none() | times,
)


@given(st.lists(entries, max_size=4, unique_by=lambda entry: entry.id).map(tuple))
def test_what_was_written_is_read_again(keys):
    assert parse_keys(encode_keys(keys), "keys.json") == keys


def faults(keys, **top):
    with pytest.raises(UserError) as caught:
        parse_keys(json.dumps({"format": 1, "keys": keys, **top}).encode(), "keys.json")
    assert {problem.code for problem in caught.value.problems} == {"P342"}
    return [(problem.where, problem.what) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("member", "value", "what"),
    [
        ("id", "7HQ2MK9X", "`id` is not eight of"),
        ("id", "short", "`id` is not eight of"),
        ("id", None, "`id` is not eight of"),
        ("name", "", "`name` is not [a-z0-9]"),
        ("name", "A B", "`name` is not [a-z0-9]"),
        ("hash", "", "`hash` is not 64 hexadecimal digits"),
        ("hash", "secret", "`hash` is not 64 hexadecimal digits"),
        ("hash", "AB" * 32, "`hash` is not 64 hexadecimal digits"),
        ("hash", "ab" * 31, "`hash` is not 64 hexadecimal digits"),
        ("hash", 0, "`hash` is not 64 hexadecimal digits"),
        ("grants", [], "`grants` is no list of scopes"),
        ("grants", "read", "`grants` is no list of scopes"),
        ("grants", [1], "`grants` is no list of scopes"),
        ("grants", ["everything"], "`grants`: `everything` is not a scope"),
        ("grants", ["infer:"], "`grants`: `` is not a pattern"),
        ("created", None, "`created` is no time"),
        ("created", 0, "`created` is no time"),
        ("created", "2030-02-30T00:00:00Z", "`created` is no time"),
        ("created", "2030-01-01T00:00:00", "`created` is no time"),
        ("created", "2030-01-01T00:00:00+02:00", "`created` is no time"),
        ("expires", "", "`expires` is no time"),
        ("expires", "never", "`expires` is no time"),
        ("revoked", False, "`revoked` is no time"),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_named(member, value, what):
    ((where, said),) = faults([GOOD | {member: value}])
    assert said.startswith(what)
    assert where == "keys.json, `keys[0]`" + (", id `7hq2mk9x`" if member != "id" else "")


def test_every_fault_of_every_entry_is_named_at_once():
    second = GOOD | {"id": "8hq2mk9x", "nmae": "x"}
    del second["name"], second["hash"]
    assert faults([GOOD | {"hash": "x", "created": "y"}, second, 3, GOOD]) == [
        (
            "keys.json, `keys[0]`, id `7hq2mk9x`",
            "`hash` is not 64 hexadecimal digits in lower case, the SHA-256 of a key",
        ),
        ("keys.json, `keys[0]`, id `7hq2mk9x`", "`created` is no time such as `2030-01-31T12:00:00Z`"),
        ("keys.json, `keys[1]`, id `8hq2mk9x`", "`name` is missing"),
        ("keys.json, `keys[1]`, id `8hq2mk9x`", "`hash` is missing"),
        ("keys.json, `keys[1]`, id `8hq2mk9x`", "there is no member `nmae`"),
        ("keys.json, `keys[2]`", "this entry is no object"),
        ("keys.json, `keys[3]`, id `7hq2mk9x`", "an earlier entry has the same id"),
    ]


def test_very_many_faults_are_counted():
    said = faults([0] * 250)
    assert len(said) == 101
    assert said[-1] == ("keys.json", "and 150 more faults")


@pytest.mark.parametrize(
    "entry", [{"hash": KEY}, {KEY: ""}, {"grants": [KEY]}, {"name": KEY}, {"id": KEY}, {"created": KEY}]
)
def test_a_key_that_was_written_into_the_file_is_not_shown(entry):
    assert KEY[12:30] not in str(faults([GOOD | entry]))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file of keys is no JSON: Expecting value, line 1"),
        (b'{"format": 1,\n"keys": [', "the file of keys is no JSON: Expecting value, line 2"),
        (b"\xff", "the file of keys is no JSON: it is not UTF-8"),
        (b"[" * 100_000, "the file of keys is no JSON: nested too deeply"),
        (b'{"format": 1, "keys": [], "keys": []}', "the file of keys is no JSON: an object has a member twice"),
        (b"[]", "the file of keys is not `{"),
        (b'{"format": 1}', "the file of keys is not `{"),
        (b'{"format": 1, "keys": {}}', "the file of keys is not `{"),
        (b'{"format": 1, "keys": [], "more": 1}', "the file of keys is not `{"),
        (b'{"format": 2, "keys": []}', "the file of keys has another format than 1"),
        (b'{"format": true, "keys": []}', "the file of keys has another format than 1"),
        (b'{"format": null, "keys": []}', "the file of keys has another format than 1"),
        (b" " * (LARGEST + 1), "the file of keys is larger than 16 MiB"),
    ],
)
def test_what_is_no_file_of_keys_is_refused(data, what):
    with pytest.raises(UserError) as caught:
        parse_keys(data, "keys.json")
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P342", "keys.json")
    assert problem.what.startswith(what)


def test_a_file_of_the_largest_size_is_taken():
    text = encode_keys((KeyEntry("7hq2mk9x", "ci", hash_of(KEY), (Grant("read"),), 0),))
    assert len(parse_keys(text.ljust(LARGEST), "keys.json")) == 1
