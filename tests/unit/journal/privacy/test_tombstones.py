"""Who was forgotten, as it is written down."""

from __future__ import annotations

import json
import stat

import pytest

from trimtab.core.errors import UserError
from trimtab.journal.privacy.tombstones import Tombstone, begin, forgotten, latest, store, tombstones

NOW = 1_800_000_000.25


def test_a_tombstone_is_begun_and_found(folder):
    path = begin(folder, "ab" * 12, NOW, ["b", "a"])
    assert path.name.startswith("20270115T080000Z-")
    assert tombstones(folder) == {path: Tombstone("ab" * 12, NOW, waits=("a", "b"))}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    plain = json.loads(path.read_text())
    assert plain["subject"] == "ab" * 12
    assert plain["format"] == 1
    assert plain["done"] is False


def test_it_is_replaced_as_a_whole(folder):
    path = begin(folder, "ab" * 12, NOW, [])
    changed = Tombstone("ab" * 12, NOW, {"x": 3}, {"y": 1}, ("m",), (), done=True)
    store(folder, path, changed)
    assert tombstones(folder) == {path: changed}
    assert [left.name for left in folder.forgotten.iterdir()] == [path.name]


def test_rows_up_to_the_last_time_are_forgotten(folder):
    for before in (NOW, NOW + 100, NOW + 50):
        begin(folder, "anna", before, [])
    begin(folder, "bert", NOW, [])
    last = latest(tombstones(folder))
    assert {subject: before for subject, (_, before) in last.items()} == {"anna": NOW + 100, "bert": NOW}
    assert tombstones(folder)[last["anna"][0]].before == NOW + 100
    is_forgotten = forgotten(folder)
    assert is_forgotten("anna", NOW + 100)
    assert not is_forgotten("anna", NOW + 100.000001)
    assert is_forgotten("bert", 0.0)
    assert not is_forgotten("carl", 0.0)


def test_other_files_are_none(folder):
    (folder.forgotten / ".checked.json").write_text("{")
    (folder.forgotten / "readme.json").write_text("{")
    assert tombstones(folder) == {}
    assert not forgotten(folder)("anna", 0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a tombstone cannot be read: it is damaged"),
        ("{}", "a tombstone cannot be read: it is damaged"),
        ("[" * 10_000, "a tombstone cannot be read: it is damaged"),
        ('{"subject":"a","before":1,"format":2}', "a tombstone has format 2, this trimtab reads 1"),
    ],
)
def test_one_that_cannot_be_read_is_not_passed_over(folder, text, said):
    path = begin(folder, "anna", NOW, [])
    path.write_text(text)
    for ask in (tombstones, forgotten):
        with pytest.raises(UserError, match=said) as refused:
            ask(folder)
        assert refused.value.problems[0].code == "P956"
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match="a tombstone cannot be read: "):
        tombstones(folder)
