"""The form of a key: every one of ours is one, and what was changed or cut is none."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.guard.keys.text import ID, hash_of, id_in, id_of, new_id, new_key

ids = st.binary(min_size=8, max_size=8).map(lambda data: new_id(lambda _: data))
keys = st.tuples(ids, st.binary(min_size=32, max_size=32)).map(lambda pair: new_key(pair[0], lambda _: pair[1]))


@given(ids, st.binary(min_size=32, max_size=32))
def test_a_key_holds_its_id_and_all_of_the_random_bytes(id_, data):
    key = new_key(id_, lambda count: data[:count])
    assert key.startswith(f"tt_{id_}_")
    assert len(key) == 63
    assert id_of(key) == id_
    assert base64.urlsafe_b64decode(key[12:55] + "=") == data


@given(keys, st.integers(0, 62), st.characters(codec="ascii"))
def test_a_key_with_another_character_is_none(key, at, other):
    changed = key[:at] + other + key[at + 1 :]
    assert id_of(changed) == ("" if changed != key else id_of(key))


@given(keys, st.integers(0, 62))
def test_a_key_that_was_cut_is_none(key, length):
    assert id_of(key[:length]) == ""


@given(keys, st.integers(0, 61))
def test_a_key_with_two_characters_swapped_is_none(key, at):
    swapped = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    assert id_of(swapped) == ("" if swapped != key else id_of(key))


@pytest.mark.parametrize(
    "text", ["", "secret", "tt_", "12345678", "admin:admin", "tt_00000000_", "é" * 63, "x" * 10**6]
)
def test_what_somebody_thought_of_is_no_key(text):
    assert id_of(text) == ""


def test_a_key_with_something_around_it_is_none():
    key = new_key(new_id())
    assert [id_of(text) for text in (f" {key}", f"{key}\n", f"{key}=", key.upper(), f"Bearer {key}")] == [""] * 5


def test_keys_differ_and_so_do_ids():
    assert len({new_key("00000000") for _ in range(1000)}) == 1000
    assert len({new_id() for _ in range(1000)}) == 1000
    assert all(ID.fullmatch(new_id()) for _ in range(100))


def test_what_is_kept_is_the_hash_of_the_whole_key():
    key = new_key("7hq2mk9x")
    assert hash_of(key) == hashlib.sha256(key.encode()).hexdigest()


def test_the_id_is_found_in_a_key_in_its_beginning_and_in_itself():
    key = new_key("7hq2mk9x")
    assert {id_in(key), id_in(key[:30]), id_in("tt_7hq2mk9x"), id_in("7hq2mk9x")} == {"7hq2mk9x"}
    assert id_in("ci") == "ci"
