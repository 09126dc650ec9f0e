"""What becomes of the keys is decided by the clock that is given; the file is written by nobody but its owner."""

import os

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.server.guard.keys.book import added, change_keys, load_keys, newest, revoked
from trimtab.server.guard.keys.file import KeyEntry
from trimtab.server.guard.keys.text import hash_of, new_key
from trimtab.server.guard.principal import Grant

READ = (Grant("read"),)


def entry(letter, name="ci", **more):
    return KeyEntry(letter * 8, name, hash_of(letter), READ, 100, **more)


def test_a_rotation_with_overlap_leaves_no_moment_without_a_key_and_ends_by_itself():
    keys = added((), entry("a"))
    keys = added(keys, entry("b"), ends=200)
    assert [key.state(199) for key in keys] == ["active", "active"]
    assert [key.state(200) for key in keys] == ["expired", "active"]


def test_without_an_overlap_older_keys_stay_as_they_are():
    assert added((entry("a"),), entry("b")) == (entry("a"), entry("b"))


def test_an_overlap_prolongs_nothing_and_touches_no_other_name_and_no_revoked_key():
    before = (entry("a", expires=150), entry("b", revoked=120), entry("c", "other"), entry("d", expires=900))
    after = added(before, entry("e"), ends=200)
    assert after == (*before[:3], entry("d", expires=200), entry("e"))


def test_the_newest_key_of_a_name_is_the_last_that_was_not_revoked():
    keys = (entry("a"), entry("b", expires=1), entry("c", revoked=1), entry("d", "other"))
    assert newest(keys, "ci") == entry("b", expires=1)
    assert newest(keys, "gone") is None
    assert newest((entry("c", revoked=1),), "ci") is None


def test_a_name_revokes_all_its_keys_and_an_id_one():
    keys = (entry("a"), entry("b", revoked=5), entry("c", "other"))
    after, touched = revoked(keys, "ci", 300)
    assert after == (entry("a", revoked=300), entry("b", revoked=5), entry("c", "other"))
    assert touched == after[:2]
    assert revoked(keys, "cccccccc", 300)[0] == (*keys[:2], entry("c", "other", revoked=300))


def test_a_whole_key_revokes_itself_and_is_never_shown():
    key = new_key("aaaaaaaa")
    assert revoked((entry("a"),), key, 300)[0] == (entry("a", revoked=300),)
    with pytest.raises(UserError, match="P343") as caught:
        revoked((entry("c"),), key, 300)
    assert key[12:30] not in str(caught.value)


def test_a_name_that_nobody_has_comes_with_the_nearest_one():
    with pytest.raises(UserError) as caught:
        revoked((entry("a", "shop-eu"), entry("b", "ci")), "shop-ue", 300)
    (problem,) = caught.value.problems
    assert (problem.code, problem.what) == ("P343", "there is no key of the name or id `shop-ue`")
    assert problem.hint == "did you mean `shop-eu`?"
    with pytest.raises(UserError, match="did you mean `aaaaaaaa`"):
        revoked((entry("a"),), "aaaaaaab", 300)


def test_the_file_is_for_its_owner_only_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        change_keys(tmp_path / "new/keys.json", lambda keys: (*keys, entry("a")))
    finally:
        os.umask(before)
    assert (tmp_path / "new/keys.json").stat().st_mode & 0o777 == 0o600
    assert load_keys(tmp_path / "new/keys.json") == (entry("a"),)
    assert load_keys(tmp_path / "gone.json") == ()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_file_that_others_may_touch_is_not_written(tmp_path, mode):
    path = tmp_path / "keys.json"
    change_keys(path, lambda _: (entry("a"),))
    path.chmod(mode)
    with pytest.raises(UserError) as caught:
        change_keys(path, lambda _: ())
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("P342", f"`chmod 600 {path}`")
    assert load_keys(path) == (entry("a"),)


def stamp(path):
    """What changes when a file is written; not when it was read."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def test_what_a_change_raises_leaves_the_file_and_no_change_does_not_write_it(tmp_path):
    path = tmp_path / "keys.json"
    change_keys(path, lambda _: (entry("a"),))
    before = stamp(path)
    with pytest.raises(ZeroDivisionError):
        change_keys(path, lambda _: 1 / 0)
    change_keys(path, lambda keys: keys)
    assert stamp(path) == before


def test_a_link_stays_a_link_and_drafts_of_the_dead_go(tmp_path):
    (tmp_path / "link.json").symlink_to("keys.json")
    (tmp_path / ".keys.json.a1b2c3d4").write_text("half")
    (tmp_path / ".keys.json.mine").write_text("of somebody else")
    change_keys(tmp_path / "link.json", lambda _: (entry("a"),))
    assert (tmp_path / "link.json").is_symlink()
    assert load_keys(tmp_path / "keys.json") == (entry("a"),)
    assert {path.name for path in tmp_path.iterdir()} == {
        "link.json",
        "keys.json",
        ".keys.json.mine",
        ".keys.json.lock",
    }


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OutsideError, match=r"P342.*cannot be written: no such file or directory"):
        change_keys(tmp_path / "no/such/keys.json", lambda _: ())
    with pytest.raises(UserError, match=r"P342.*cannot be read: it is no regular file"):
        change_keys(tmp_path, lambda _: ())


@pytest.mark.root
def test_a_file_of_another_user_stays_theirs(tmp_path):
    path = tmp_path / "keys.json"
    change_keys(path, lambda _: (entry("a"),))
    os.chown(path, 65534, 65534)
    change_keys(path, lambda keys: (*keys, entry("b")))
    assert {(one.stat().st_uid, one.stat().st_gid) for one in tmp_path.iterdir()} == {(65534, 65534)}
