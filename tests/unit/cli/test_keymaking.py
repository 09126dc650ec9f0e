"""A key is made for somebody: what it may, what becomes of older ones, and what is left when that fails."""

import pytest

from trimtab.cli.keymaking import Wanted, make_key
from trimtab.core.errors import OutsideError, UserError
from trimtab.server.guard.keys.book import change_keys, load_keys, revoked
from trimtab.server.guard.keys.ring import KeyFault, KeyRing
from trimtab.server.guard.principal import Grant, Known

READ, INFER = Grant("read"), Grant("infer", "churn-*")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def test_a_key_that_was_made_is_taken_and_shown_by_nothing_but_itself(path):
    made = make_key(path, Wanted("ci", (INFER,), 100))
    assert KeyRing(path, lambda *_: None).check(made.key.reveal()) == Known(made.entry.principal)
    assert made.key.reveal() not in repr(made)
    assert made.key.reveal().encode()[12:30] not in path.read_bytes()


def test_a_rotation_with_overlap_takes_both_keys_and_then_the_new_one_only(path):
    now = [100.0]
    old = make_key(path, Wanted("ci", (INFER,), 100)).key.reveal()
    ring = KeyRing(path, lambda *_: None, lambda: now[0])
    new = make_key(path, Wanted("ci", (), 150, ends=250)).key.reveal()
    assert isinstance(ring.check(old), Known)  # not one moment without a key, whenever the file is looked at
    ring.look()
    taken = [[isinstance(ring.check(key), Known) for key in (old, new)] for now[0] in (150.0, 249.9, 250.0, 10**9)]
    assert taken == [[True, True], [True, True], [False, True], [False, True]]
    assert ring.check(old) == KeyFault("expired")


def test_a_further_key_may_what_the_last_one_may_unless_it_is_said(path):
    make_key(path, Wanted("ci", (READ,), 100))
    make_key(path, Wanted("ci", (INFER,), 101))
    assert make_key(path, Wanted("ci", (), 102)).entry.grants == (INFER,)
    made = make_key(path, Wanted("ci", (READ,), 103, expires=500))
    assert (made.entry.grants, made.entry.expires, len(made.older)) == ((READ,), 500, 3)


@pytest.mark.parametrize("before", ["nothing", "others", "revoked"])
def test_a_first_key_may_nothing_that_was_not_said(path, before):
    if before != "nothing":
        make_key(path, Wanted("ci" if before == "revoked" else "shop", (READ,), 100))
    if before == "revoked":
        change_keys(path, lambda keys: revoked(keys, "ci", 150)[0])
    with pytest.raises(UserError, match=r"P113.*`--scope` is missing") as caught:
        make_key(path, Wanted("ci", (), 200))
    assert all(scope in caught.value.problems[0].hint for scope in ("infer", "read", "feedback", "operate"))


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", "x" * 64, "é"])
def test_a_name_has_a_form(path, name):
    with pytest.raises(UserError, match=r"P114.*the name of a key is"):
        make_key(path, Wanted(name, (READ,), 100))
    assert not path.exists()


def test_a_key_in_a_file_is_there_for_its_owner_only(path, tmp_path):
    made = make_key(path, Wanted("ci", (READ,), 100, file=tmp_path / "key"))
    assert (tmp_path / "key").read_text() == f"{made.key.reveal()}\n"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_there_is_not_written_over_and_no_key_is_made(path, tmp_path):
    (tmp_path / "key").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("key", "link", "no/folder"):
        with pytest.raises(OutsideError, match=r"P126.*cannot be made"):
            make_key(path, Wanted("ci", (READ,), 100, file=tmp_path / name))
    assert (tmp_path / "key").read_text() == "mine"
    assert load_keys(path) == ()


def test_where_the_entry_cannot_be_written_no_file_with_a_key_is_left(path, tmp_path):
    make_key(path, Wanted("ci", (READ,), 100))
    path.chmod(0o644)
    with pytest.raises(UserError, match=r"P342"):
        make_key(path, Wanted("ci", (READ,), 100, file=tmp_path / "key"))
    assert not (tmp_path / "key").exists()
