"""Bundles on disk: what is added is whole, what is named is found, what goes wrong says so."""

import errno
import resource
import signal

import pytest

from trimtab.bundle.store import LATEST, Entry, Store
from trimtab.core.errors import OutsideError, UserError


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def made(tmp_path, write_bundle):
    """A bundle's folder outside the store, and its digest."""
    folder = tmp_path / "made"
    return folder, write_bundle(folder)


def problem(kind, call, *arguments):
    with pytest.raises(kind) as caught:
        call(*arguments)
    (only,) = caught.value.problems
    return only


def stored(store, digest):
    return store.root / "bundles" / "sha256" / digest.removeprefix("sha256:")


def test_what_is_added_is_copied_read_only_and_opened_by_its_digest(store, made):
    folder, digest = made
    assert store.add(folder) == digest
    bundle = store.resolve(digest)
    assert (bundle.digest, bundle.folder) == (digest, stored(store, digest))
    files = [path for path in bundle.folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o444}
    assert {path.relative_to(bundle.folder) for path in files} == {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file()
    }
    assert (folder / "model" / "weights").stat().st_mode & 0o200  # the source is left as it was


def test_the_same_bundle_twice_is_one_folder_that_is_not_touched(store, made):
    folder, digest = made
    store.add(folder)
    before = (stored(store, digest) / "bundle.json").stat()
    assert store.add(folder) == digest
    after = (stored(store, digest) / "bundle.json").stat()
    assert (before.st_ino, before.st_ctime_ns) == (after.st_ino, after.st_ctime_ns)
    assert list((store.root / "incoming").iterdir()) == []


def test_a_staged_folder_is_moved_and_not_copied(store, write_bundle):
    with store.staging() as stage:
        digest = write_bundle(stage)
        inode = (stage / "model" / "weights").stat().st_ino
        assert store.add(stage) == digest
    assert (stored(store, digest) / "model" / "weights").stat().st_ino == inode
    assert list((store.root / "incoming").iterdir()) == []


def test_a_staged_folder_that_fails_leaves_nothing(store):
    def fail():
        with store.staging() as stage:
            (stage / "half").write_text("written")
            msg = "the model cannot be saved"
            raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="cannot be saved"):
        fail()
    assert list((store.root / "incoming").iterdir()) == []
    assert store.list() == ()


def test_a_damaged_folder_is_refused_and_not_kept(store, made):
    folder, _ = made
    (folder / "model" / "weights").write_bytes(b"\x00")
    assert problem(UserError, store.add, folder).code == "P209"
    assert store.list() == ()
    assert list((store.root / "incoming").iterdir()) == []


def test_a_stored_bundle_that_was_damaged_is_mended_by_adding_it_again(store, made):
    folder, digest = made
    store.add(folder)
    weights = stored(store, digest) / "model" / "weights"
    weights.chmod(0o644)
    weights.write_bytes(b"other")
    assert problem(UserError, store.resolve, digest).code == "P209"
    assert store.add(folder) == digest
    assert store.resolve(digest).digest == digest
    assert list((store.root / "incoming").iterdir()) == []


def test_an_alias_points_where_it_was_last_set(store, made, tmp_path, write_bundle):
    folder, first = made
    second = write_bundle(tmp_path / "other", files={"model/w": b"2"})
    for path in (folder, tmp_path / "other"):
        store.add(path)
    store.tag("m", LATEST, first)
    store.tag("m", "old", first)
    store.tag("m", LATEST, second)
    assert {word: store.resolve(word).digest for word in ("m", "m:latest", "m:old")} == {
        "m": second, "m:latest": second, "m:old": first,
    }  # fmt: skip
    assert set(store.list()) == {Entry(first, "m", ("old",), 26), Entry(second, "m", ("latest",), 1)}


@pytest.mark.parametrize(
    ("name", "alias", "digest", "code"),
    [
        ("No", "latest", "", "P232"),
        ("m", "../up", "", "P232"),
        ("other", "latest", "", "P234"),
        ("m", "latest", f"sha256:{'0' * 64}", "P233"),
        ("m", "latest", "sha256:../../names", "P233"),
    ],
)
def test_a_tag_that_would_lie_is_refused(store, made, name, alias, digest, code):
    folder, real = made
    store.add(folder)
    assert problem(UserError, store.tag, name, alias, digest or real).code == code
    assert not (store.root / "names").exists()


def test_names_and_aliases_that_are_not_there_name_the_nearest(store, made):
    store.tag("m", "latest", store.add(made[0]))
    found = problem(UserError, store.resolve, "n")
    assert (found.code, found.what, found.hint) == ("P230", "there is no bundle `n`", "valid: `m`")
    assert problem(UserError, store.resolve, "m:latst").hint == "did you mean `latest`?"


def test_an_alias_of_a_bundle_that_was_removed_says_so(store, made):
    digest = store.add(made[0])
    store.tag("m", "latest", digest)
    stored(store, digest).rename(store.root / "gone")
    found = problem(UserError, store.resolve, "m")
    assert found.code == "P233"
    assert digest in found.what


def test_digits_are_enough_unless_two_bundles_begin_with_them(store, made):
    digest = store.add(made[0])
    digits = digest.removeprefix("sha256:")
    assert store.resolve(f"sha256:{digits[:6]}").digest == digest
    assert store.resolve(f"m@sha256:{digits[:12]}").digest == digest
    assert problem(UserError, store.resolve, f"other@sha256:{digits[:12]}").code == "P230"
    twin = stored(store, digits[:63] + ("0" if digits[63] != "0" else "1"))
    twin.mkdir()
    found = problem(UserError, store.resolve, f"sha256:{digits[:6]}")
    assert (found.code, found.hint) == ("P231", "give more digits")
    assert twin.name in found.what
    assert digits in found.what
    assert store.resolve(digest).digest == digest


def test_a_folder_under_the_name_of_another_bundle_is_refused(store, made, tmp_path, write_bundle):
    digest = store.add(made[0])
    other = write_bundle(tmp_path / "other", files={"model/w": b"2"})
    stored(store, digest).rename(stored(store, other))
    assert problem(UserError, store.resolve, other).code == "P235"


def test_a_path_is_a_folder_and_a_name_goes_before_a_folder(store, made, tmp_path, write_bundle, monkeypatch):
    store.tag("m", "latest", store.add(made[0]))
    outside = write_bundle(tmp_path / "m", files={"model/w": b"2"})
    monkeypatch.chdir(tmp_path)
    assert store.resolve("./m").digest == outside
    assert store.resolve("m").digest == made[1]
    assert store.resolve("made").digest == made[1]  # no name of the store, but a folder with a bundle


def test_an_unreadable_manifest_is_listed_with_its_fault(store, made):
    digest = store.add(made[0])
    manifest = stored(store, digest) / "bundle.json"
    manifest.unlink()
    (entry,) = store.list()
    assert (entry.digest, entry.name, entry.size) == (digest, "", 0)
    assert "no `bundle.json`" in entry.fault


@pytest.fixture
def small_disk():
    """No file may grow beyond a few bytes, as on a disk that is nearly full."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, old)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_disk_without_room_is_said_and_leaves_nothing(store, made, small_disk):  # noqa: ARG001  # it is in force
    found = problem(OutsideError, store.add, made[0])
    assert (found.code, found.what) == ("P236", "the store cannot be written: File too large")
    assert store.list() == ()
    assert list((store.root / "incoming").iterdir()) == []


def stage_and(store, error):
    with store.staging():
        raise error


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_disk_that_gets_full_while_a_bundle_is_made_is_said(store, number):
    found = problem(OutsideError, stage_and, store, OSError(number, "no room"))
    assert (found.code, found.what, found.where) == ("P236", "the store cannot be written: no room", str(store.root))


def test_a_file_that_the_maker_misses_is_not_blamed_on_the_store(store):
    with pytest.raises(FileNotFoundError):
        stage_and(store, FileNotFoundError(errno.ENOENT, "no such file", "sample.csv"))


def test_a_place_where_no_store_can_be_made_is_said(tmp_path, made):
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "store")
    assert problem(OutsideError, store.add, made[0]).what == "the store cannot be written: Not a directory"
    assert problem(OutsideError, stage_and, store, AssertionError()).code == "P236"


@pytest.mark.usefixtures("modes_count")
def test_a_read_only_store_is_said(store, made, tmp_path):
    tmp_path.chmod(0o555)
    try:
        assert problem(OutsideError, store.add, made[0]).what == "the store cannot be written: Permission denied"
    finally:
        tmp_path.chmod(0o755)


def test_a_name_is_there_or_not_and_points_somewhere(store, made):
    folder, digest = made
    assert not store.has("m")
    store.add(folder)
    store.tag("m", "prod", digest)
    assert store.has("m")
    assert store.pointed("m", "prod") == digest
    with pytest.raises(UserError, match="P230"):
        store.pointed("m", "staging")
