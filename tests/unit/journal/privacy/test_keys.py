"""The names that a journal gives in the place of values."""

from __future__ import annotations

import os

import pytest

from trimtab.core.errors import UserError
from trimtab.journal.folder import Folder, open_folder
from trimtab.journal.privacy.keys import PERIOD_S, open_keys, owner, retire_salts

GIVEN = b"a secret that replicas share"
NOW = 1_800_000_000.0


def salts_of(folder: Folder) -> int:
    return (folder.path / "keys.json").read_text().count('": "') - 2


def test_names_are_the_same_for_everybody_who_opens_the_folder(folder, keys):
    other = open_keys(folder)
    assert keys.tag("0" * 12, "anna") == other.tag("0" * 12, "anna")
    assert keys.subject("anna") == other.subject("anna")
    assert keys.token("id", "anna") == other.token("id", "anna")
    assert keys.hashed("id", "anna", NOW) == other.hashed("id", "anna", NOW)


def test_names_are_short_and_plain(keys):
    assert len(keys.tag("0" * 12, "anna")) == 12
    names = [keys.subject("anna"), keys.token("id", "anna"), keys.hashed("id", "anna", NOW)]
    assert [len(name) for name in names] == [24] * 3
    assert all(set(name) <= set("0123456789abcdef") for name in names)


def test_no_purpose_column_or_value_shares_a_name_with_another(keys):
    names = [
        name
        for value in ("anna", "bert", "")
        for name in (
            keys.token("id", value), keys.token("i", "d" + value), keys.token("", "id" + value),
            keys.hashed("id", value, NOW), keys.hashed("is", value, NOW), keys.hashed("id", value, NOW + PERIOD_S),
        )
    ] + [keys.subject("anna"), keys.subject("bert")]  # fmt: skip
    assert len(set(names)) == len(names)
    assert len({keys.tag(nonce, who) for nonce in ("0" * 12, "1" * 12) for who in ("anna", "bert", "")}) == 6


def test_nobody_has_no_name(keys):
    assert [keys.subject(nobody) for nobody in (None, "", float("nan"), b"")] == [""] * 4
    assert keys.subject(7) == keys.subject("7") == keys.subject(7.0)


def test_two_folders_name_nobody_alike(tmp_path, keys):
    other = open_keys(open_folder(tmp_path / "other"))
    assert keys.subject("anna") != other.subject("anna")
    assert keys.tag("0" * 12, "anna") != other.tag("0" * 12, "anna")


def test_replicas_that_share_a_secret_give_the_same_names_but_hashes(tmp_path):
    one, two = (open_keys(open_folder(tmp_path / name), GIVEN) for name in ("a", "b"))
    assert one.tag("0" * 12, "anna") == two.tag("0" * 12, "anna")
    assert one.subject("anna") == two.subject("anna")
    assert one.token("id", "anna") == two.token("id", "anna")
    assert one.hashed("id", "anna", NOW) != two.hashed("id", "anna", NOW)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and GIVEN in path.read_bytes()]


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (None, GIVEN, "the journal was begun without one"),
        (GIVEN, None, "begun with a shared secret, and none is given"),
        (GIVEN, GIVEN + b".", "not the one that the journal was begun with"),
        (None, b"short", "of 5 bytes can be guessed, 16 are the least"),
    ],
)
def test_a_journal_keeps_to_its_secret(folder, first, then, said):
    open_keys(folder, first)
    with pytest.raises(UserError, match=said):
        open_keys(folder, then)
    assert open_keys(folder, first)


def test_a_secret_that_was_changed_by_hand_is_noticed(folder, keys):
    del keys
    path = folder.path / "keys.json"
    secret = path.read_text().partition('"secret": "')[2][:64]
    path.write_text(path.read_text().replace(secret, "00" * 32))
    with pytest.raises(UserError, match="damaged"):
        open_keys(folder)


def test_a_salt_serves_its_period_and_one_more_and_is_destroyed(folder, keys):
    names = [keys.hashed("id", "anna", NOW + n * PERIOD_S) for n in range(5)]
    assert len(set(names)) == 5
    assert salts_of(folder) == 2
    assert keys.hashed("id", "anna", NOW + 3 * PERIOD_S) == names[3], "a slow request of the period before"
    assert keys.hashed("id", "anna", NOW + 4 * PERIOD_S) == names[4]
    assert keys.hashed("id", "anna", NOW) != names[0], "nobody can find out any more who that was"


def test_old_salts_go_where_nothing_is_logged_too(folder, keys):
    name = keys.hashed("id", "anna", NOW)
    retire_salts(folder, NOW + PERIOD_S)
    assert salts_of(folder) == 1
    assert keys.hashed("id", "anna", NOW) == name
    retire_salts(folder, NOW + 3 * PERIOD_S)
    assert salts_of(folder) == 0


def test_after_a_clock_that_jumped_names_are_others_and_salts_are_few(folder, keys):
    name = keys.hashed("id", "anna", NOW)
    ahead = keys.hashed("id", "anna", NOW + 100 * PERIOD_S)
    again = keys.hashed("id", "anna", NOW)
    behind = keys.hashed("id", "anna", -NOW)
    assert len({name, ahead, again, behind}) == 4
    assert salts_of(folder) == 1


def test_a_salt_that_another_process_made_is_taken(folder, keys):
    other = open_keys(folder)
    assert keys.hashed("id", "anna", NOW) == other.hashed("id", "anna", NOW)
    retire_salts(folder, NOW + 9 * PERIOD_S)  # whoever has it in memory notices within a second, or needs another one
    assert keys.hashed("id", "anna", NOW + PERIOD_S) == other.hashed("id", "anna", NOW + PERIOD_S)


def test_a_folder_without_keys_has_no_salts(tmp_path):
    folder = open_folder(tmp_path / "other")
    retire_salts(folder)
    assert not (folder.path / "keys.json").exists()


def test_processes_that_begin_at_once_agree(folder):
    reading, writing = os.pipe()
    children = []
    for _ in range(8):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                keys = open_keys(folder)
                told = keys.subject("anna") + keys.hashed("id", "anna", NOW)
                os.write(writing, told.encode())
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 8
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        names = told.read()
    assert len(names) == 8 * 48
    assert names == names[:48] * 8
    assert not list(folder.path.glob(".keys-*"))


def test_keys_that_are_taken_away_are_a_disk_that_fails(folder, keys):
    (folder.path / "keys.json").unlink()
    with pytest.raises(OSError, match=r"keys\.json"):
        keys.hashed("id", "anna", NOW)
    (folder.path / "keys.json").write_text("junk")
    with pytest.raises(OSError, match="others than their owner"):
        keys.hashed("id", "anna", NOW)
    assert keys.subject("anna"), "what needs no salt goes on"


def test_an_id_belongs_to_whoever_got_the_answer(keys):
    nonce = "0123456789ab"
    told = f"{nonce}{keys.tag(nonce, 'anna')}-1f"
    assert owner(keys, told, "anna")
    assert not owner(keys, told, "bert")
    assert not owner(keys, told, "")
    for other in ("", "x", told + " ", told.replace("0", "1", 1), told.upper(), f"{nonce}-1f", told + "\n"):
        assert not owner(keys, other, "anna")
