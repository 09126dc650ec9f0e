"""Copies that are kept in step, and folders that are lent."""

import os
from dataclasses import replace

import pytest

from trimtab.core.deployment import Deployment
from trimtab.core.errors import UserError
from trimtab.targets.container.lending import clear, copies_of, forget_copies, lend, show_copies, stale
from trimtab.targets.container.named import keys_of

WANTED = Deployment(
    "churn",
    "prod",
    f"sha256:{'a' * 64}",
    server={"auth": {"keys": "keys.json"}, "tls_cert": "c.pem", "tls_key": "k.pem"},
)
LOGGED = replace(WANTED, server={"log": {}, "audit": "records"})


@pytest.fixture
def root(tmp_path):
    place = tmp_path / "root"
    place.mkdir()
    for name in ("keys.json", "c.pem", "k.pem"):
        (place / name).write_text(name)
        (place / name).chmod(0o600)
    return place


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "kept"
    place.mkdir(mode=0o700)
    return place


def test_whatever_cannot_be_read_is_named_at_once(root):
    (root / "keys.json").unlink()
    (root / "k.pem").unlink()
    (root / "k.pem").mkdir()
    with pytest.raises(UserError) as refused:
        copies_of(WANTED, root)
    assert [(one.code, one.where) for one in refused.value.problems] == [
        ("P524", "[env.prod] server.auth.keys"), ("P524", "[env.prod] server.tls_key"),
    ]  # fmt: skip


def test_a_copy_is_for_the_user_of_the_container_alone(root, folder):
    show_copies(folder, copies_of(WANTED, root))
    assert {path.read_text() for path in folder.glob("*/*")} == {"keys.json", "c.pem", "k.pem"}
    keys = folder / "keys" / keys_of(WANTED.server)[0].name
    assert [path.name for path in (folder / "keys").iterdir()] == [keys.name], "the router's key is elsewhere"
    about = keys.stat()
    wanted = (10001, 0o400) if os.geteuid() == 0 else (os.geteuid(), 0o444)
    assert (about.st_uid, about.st_mode & 0o777) == wanted


def test_what_has_changed_is_named_and_the_next_copy_has_it(root, folder):
    show_copies(folder, copies_of(WANTED, root))
    assert stale(WANTED, root, folder) == ()
    before = {path: path.stat().st_ino for path in folder.glob("*/*")}
    (root / "keys.json").write_text("another")
    (named,) = stale(WANTED, root, folder)
    assert "server.auth.keys" in named
    show_copies(folder, copies_of(WANTED, root))
    assert stale(WANTED, root, folder) == ()
    anew = [path.parent.name for path, inode in before.items() if path.stat().st_ino != inode]
    assert anew == ["keys"], "what has not changed is not written again"


def test_what_is_named_no_more_has_no_copy(root, folder):
    show_copies(folder, copies_of(WANTED, root))
    forget_copies(replace(WANTED, server={"auth": {"keys": "keys.json"}}), folder)
    assert [path.parent.name for path in folder.glob("*/*")] == ["keys"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: nobody else may give a folder away")
def test_folders_are_lent_once_and_stay_when_all_else_goes(root, folder):
    for _ in range(2):
        lend(LOGGED, folder, root)
    (folder / "data/journal/a").write_text("said")
    (folder / "routes").mkdir()
    about = (root / "records").stat()
    assert (about.st_uid, about.st_gid, about.st_mode & 0o777) == (10001, 10001, 0o700)
    clear(folder)
    assert [path.name for path in folder.iterdir()] == ["data"]
    assert (folder / "data/journal/a").read_text() == "said"
    assert (root / "records").is_dir()


def test_without_data_nothing_stays(folder):
    (folder / "routes").mkdir()
    clear(folder)
    assert not folder.exists()


def test_what_is_somebody_elses_is_not_taken(root, folder):
    (root / "records").mkdir()
    (root / "records/theirs").write_text("x")
    (root / "link").symlink_to(root / "records")
    wanted = replace(WANTED, server={"log": {"folder": "link"}, "audit": "records"})
    with pytest.raises(UserError) as refused:
        lend(wanted, folder, root)
    assert [(one.code, one.where) for one in refused.value.problems] == [
        ("P528", "[env.prod] server.log.folder"), ("P528", "[env.prod] server.audit"),
    ]  # fmt: skip
    assert (root / "records").stat().st_uid == os.geteuid()


def test_a_folder_that_no_engine_can_be_shown(root, folder):
    with pytest.raises(UserError, match="P528"):
        lend(replace(WANTED, server={"audit": "a,b"}), folder, root)
    assert not (root / "a,b").exists()
