"""Whether a key is taken, while the file behind it changes, breaks, goes away and comes back."""

import hmac
from dataclasses import replace

import pytest

from trimtab.core.errors import UserError
from trimtab.server.guard.keys.file import KeyEntry, encode_keys
from trimtab.server.guard.keys.ring import KeyFault, KeyRing
from trimtab.server.guard.keys.text import hash_of, new_key
from trimtab.server.guard.principal import Grant, Known, Principal

KEYS = {letter: new_key(letter * 8) for letter in "abcd"}
READ = (Grant("read"),)


def entry(letter, name="ci", **more):
    return KeyEntry(letter * 8, name, hash_of(KEYS[letter]), READ, 100, **more)


class Ring:
    """A ring over a file, with a clock and a log."""

    def __init__(self, path):
        self.path, self.now, self.logged = path, 1000.0, []
        self.write(entry("a"), entry("b", "shop", expires=2000), entry("c", revoked=500))
        self.ring = self.opened()

    def opened(self):
        return KeyRing(self.path, lambda event, fields: self.logged.append((event, fields)), lambda: self.now)

    def write(self, *entries, data=None):
        """As `change_keys` does: a new file takes the place of the old."""
        draft = self.path.with_name("draft")
        draft.write_bytes(encode_keys(entries) if data is None else data)
        draft.chmod(0o600)
        draft.rename(self.path)

    def said(self):
        said, self.logged[:] = [event for event, _ in self.logged], []
        return said


@pytest.fixture
def ring(tmp_path):
    return Ring(tmp_path / "keys.json")


def test_a_key_is_its_caller_until_it_ends(ring):
    assert ring.ring.check(KEYS["a"]) == Known(Principal("key:ci", READ), float("inf"))
    assert ring.ring.check(KEYS["b"]) == Known(Principal("key:shop", READ), 2000)
    ring.now = 1999.9
    assert ring.ring.check(KEYS["b"]).until == 2000
    ring.now = 2000
    assert ring.ring.check(KEYS["b"]) == KeyFault("expired")
    assert isinstance(ring.ring.check(KEYS["a"]), Known)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (KEYS["c"], "revoked"),
        (KEYS["d"], "unknown"),
        (new_key("aaaaaaaa"), "unknown"),  # of an id that is there
        (new_key("cccccccc"), "unknown"),  # nor does it learn that this one was revoked
        (KEYS["a"][:-1], "malformed"),
        (KEYS["a"].swapcase(), "malformed"),
        (hash_of(KEYS["a"]), "malformed"),  # what is stored opens nothing
        ("-" * 64, "malformed"),
        ("", "malformed"),
        ("12345678", "malformed"),
        ("\u0661" * 63, "malformed"),
        ("é", "malformed"),
    ],
    ids=lambda value: value if value.isalpha() and value.isascii() else "key",  # which chance has made
)
def test_what_is_not_taken(ring, key, reason):
    assert ring.ring.check(key) == KeyFault(reason)


def test_one_constant_time_compare_of_equal_lengths_a_key_also_for_an_id_that_nobody_has(ring, monkeypatch):
    compared, real = [], hmac.compare_digest
    monkeypatch.setattr(
        hmac, "compare_digest", lambda one, two: compared.append((len(one), len(two))) or real(one, two)
    )
    for key in (*KEYS.values(), new_key("aaaaaaaa"), new_key("zzzzzzzz")):
        ring.ring.check(key)
    assert compared == [(64, 64)] * 6


def test_a_changed_file_counts_at_the_next_look_and_goes_up_a_generation(ring):
    ring.write(entry("d"))
    assert ring.ring.check(KEYS["d"]) == KeyFault("unknown")
    ring.ring.look()
    assert isinstance(ring.ring.check(KEYS["d"]), Known)
    assert ring.ring.check(KEYS["a"]) == KeyFault("unknown")
    assert (ring.ring.generation, ring.said()) == (1, ["keys changed"])
    ring.ring.look()
    assert (ring.ring.generation, ring.said()) == (1, [])


def test_a_revocation_counts_at_the_next_look(ring):
    ring.write(entry("a", revoked=999))
    ring.ring.look()
    assert ring.ring.check(KEYS["a"]) == KeyFault("revoked")


def test_a_file_that_is_written_in_its_place_counts_too(ring):
    ring.path.write_bytes(encode_keys((entry("d"),)))
    ring.ring.look()
    assert isinstance(ring.ring.check(KEYS["d"]), Known)


def test_the_same_keys_in_another_file_void_nothing(ring):
    ring.write(data=ring.path.read_bytes() + b"\n")
    ring.ring.look()
    assert (ring.ring.generation, ring.said()) == (0, [])


def test_a_broken_file_keeps_the_old_keys_is_logged_once_and_read_again_when_it_changes(ring):
    ring.write(data=b"{")
    for _ in range(3):
        ring.ring.look()
    ((event, fields),) = ring.logged
    assert (event, fields["level"], fields["kept"]) == ("keys not read", "error", 3)
    assert fields["why"] == [
        f"{ring.path}: the file of keys is no JSON: Expecting property name enclosed in double quotes, line 1"
    ]
    assert isinstance(ring.ring.check(KEYS["a"]), Known)
    assert ring.ring.generation == 0
    ring.logged.clear()
    ring.write(data=b'{"format": 1, "keys": [3]}')
    ring.ring.look()
    ring.write(entry("d"))
    ring.ring.look()
    assert (ring.ring.generation, ring.said()) == (1, ["keys not read", "keys changed"])


@pytest.mark.usefixtures("modes_count")
@pytest.mark.parametrize("how", ["gone", "unreadable", "folder"])
def test_a_file_that_cannot_be_read_keeps_the_old_keys_and_is_tried_again_though_it_does_not_change(ring, how):
    aside = ring.path.with_name("aside")
    if how == "unreadable":
        ring.write(entry("d"))
        ring.path.chmod(0)
    else:
        ring.path.rename(aside)
    if how == "folder":
        ring.path.mkdir()
    for _ in range(3):
        ring.ring.look()
    assert ring.said() == ["keys not read"]
    assert isinstance(ring.ring.check(KEYS["a"]), Known)
    if how == "unreadable":
        ring.path.chmod(0o600)
        ring.ring.look()
        assert isinstance(ring.ring.check(KEYS["d"]), Known)
    else:
        if how == "folder":
            ring.path.rmdir()
        aside.rename(ring.path)
        ring.ring.look()
        assert (ring.ring.generation, ring.said()) == (0, [])


def test_a_secret_of_kubernetes_is_swapped_by_a_link(tmp_path):
    """`keys.json` -> `..data/keys.json`, and `..data` is a link that is renamed over."""
    for number, letter in enumerate("ab"):
        (tmp_path / f"..{number}").mkdir()
        (tmp_path / f"..{number}/keys.json").write_bytes(encode_keys((entry(letter),)))
        (tmp_path / f"..{number}/keys.json").chmod(0o600)
    (tmp_path / "..data").symlink_to("..0")
    (tmp_path / "keys.json").symlink_to("..data/keys.json")
    ring = KeyRing(tmp_path / "keys.json", lambda *_: None)
    assert isinstance(ring.check(KEYS["a"]), Known)
    (tmp_path / "..next").symlink_to("..1")
    (tmp_path / "..next").rename(tmp_path / "..data")
    ring.look()
    assert isinstance(ring.check(KEYS["b"]), Known)
    assert ring.check(KEYS["a"]) == KeyFault("unknown")


def test_a_file_that_others_may_touch_is_taken_with_a_warning(ring):
    ring.path.chmod(0o640)
    ring.opened()
    assert ring.logged == [
        (
            "others may read or write the keys",
            {"level": "warning", "file": str(ring.path), "mode": "0640", "hint": "chmod 600"},
        )
    ]


def test_at_the_start_a_broken_file_is_an_error_with_every_fault(ring):
    one = replace(entry("a"), hash="x")
    ring.write(one, one)
    with pytest.raises(UserError) as caught:
        ring.opened()
    assert [problem.code for problem in caught.value.problems] == ["P342"] * 3


def test_at_the_start_a_file_that_is_not_there_is_an_error_that_says_how_to_make_one(ring):
    ring.path.unlink()
    with pytest.raises(UserError) as caught:
        ring.opened()
    (problem,) = caught.value.problems
    assert (problem.code, problem.what) == ("P342", "the file of keys cannot be read: no such file or directory")
    assert problem.hint == f"`trimtab key add NAME --scope infer --keys {ring.path}`"


def test_a_log_never_holds_a_hash(ring):
    ring.write(entry("d"))
    ring.ring.look()
    ring.write(data=b'{"format": 1, "keys": [{"id": "aaaaaaaa", "hash": "' + hash_of("x").encode() + b'"}]}')
    ring.ring.look()
    assert len(ring.logged) == 2
    assert not any(hash_of(KEYS["d"]) in str(line) or hash_of("x") in str(line) for line in ring.logged)
