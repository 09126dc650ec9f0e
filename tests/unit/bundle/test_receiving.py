"""What comes from elsewhere is kept when it is whole, trusted and tried, in that order, and not otherwise."""

import shutil

import pytest

from trimtab.bundle.evidence import Evidence, evidence_of
from trimtab.bundle.receiving import receive
from trimtab.bundle.store import Store
from trimtab.bundle.trust.door import Taken
from trimtab.bundle.trust.origin import Record, record_of
from trimtab.core.errors import Problem, RefusedError, UserError

DOCUMENT = Evidence("application/x", b"signed")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def made(tmp_path, write_bundle):
    """A folder of a bundle, and its digest."""
    return tmp_path / "made", write_bundle(tmp_path / "made")


def runs(*_):
    return Taken(runs=True)


def filling(folder):
    """Copies the folder, and says nothing of what it has read."""

    def fill(target):
        shutil.copytree(folder, target, dirs_exist_ok=True)

    return fill


def files_of(store):
    """Everything in the store but its lock."""
    return [path.name for path in store.root.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_bundle_is_kept_with_what_is_said_of_it_after_it_was_trusted_and_tried(store, made):
    folder, digest = made
    order = []

    def trust(bundle, evidence):
        order.append(("trust", bundle.digest, evidence))
        return Taken(("a.pub",), runs=True)

    def first(bundle):
        order.append(("first", bundle.digest, store.list()))
        return ""

    bundle = receive(store, filling(folder), (DOCUMENT,), trust, digest, first=first)
    assert (bundle.digest, bundle.untried) == (digest, "")
    assert order == [("trust", digest, (DOCUMENT,)), ("first", digest, ())]
    assert evidence_of(store.root, digest) == (DOCUMENT,)
    assert record_of(store.root, digest) == Record("received", ("a.pub",))
    assert bundle.folder.is_relative_to(store.root / "bundles")


def test_a_bundle_that_cannot_be_tried_here_says_so_until_it_was(store, made):
    folder, digest = made
    kept = receive(store, filling(folder), (), runs, first=lambda _: "`torch` is not installed")
    assert (kept.untried, Store(store.root).resolve(digest).untried) == (("`torch` is not installed",) * 2)
    assert receive(store, filling(folder), (), runs, first=lambda _: "").untried == ""


@pytest.mark.parametrize("taken", [None, Taken()])
def test_what_may_not_run_is_kept_and_not_tried(store, made, taken):
    folder, digest = made
    kept = receive(store, filling(folder), (), lambda *_: taken, first=pytest.fail)
    assert (kept.digest, kept.untried) == (
        digest,
        "its code may not run here: nobody signed it whom a trust policy names",
    )


def test_what_is_damaged_is_neither_trusted_nor_tried(store, made):
    folder, _ = made
    (folder / "model" / "weights").write_bytes(b"x")
    with pytest.raises(UserError) as caught:
        receive(store, filling(folder), (), pytest.fail, first=pytest.fail)
    assert [problem.code for problem in caught.value.problems] == ["P209"]
    assert files_of(store) == []


def test_another_bundle_than_the_one_expected_is_not_even_trusted(store, made):
    with pytest.raises(UserError, match="P235"):
        receive(store, filling(made[0]), (), pytest.fail, f"sha256:{'0' * 64}", first=pytest.fail)
    assert files_of(store) == []


def refuse(*_):
    raise RefusedError(Problem("P298", "no"))


@pytest.mark.parametrize("steps", [(refuse, pytest.fail), (runs, refuse)])
def test_nothing_is_kept_of_what_is_not_trusted_or_fails_its_first_load(store, made, steps):
    trust, first = steps
    with pytest.raises(RefusedError):
        receive(store, filling(made[0]), (DOCUMENT,), trust, first=first)
    assert files_of(store) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda folder, _: (folder / "model" / "weights").write_bytes(b"x"), "P209"),
        (lambda folder, write: write(folder, files={"model/weights": b"x"}), "P298"),
    ],
)
def test_a_bundle_that_changes_itself_while_it_is_tried_is_not_kept(store, made, write_bundle, change, code):
    def first(bundle):
        change(bundle.folder, write_bundle)
        return ""

    with pytest.raises(UserError) as caught:
        receive(store, filling(made[0]), (), runs, first=first)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert files_of(store) == []


def receives(store, fill, *evidence):
    return receive(store, fill, evidence, runs, first=lambda _: "")


def test_twice_is_once_and_documents_add_up(store, made):
    first = receives(store, filling(made[0]))
    inode = (first.folder / "bundle.json").stat().st_ino
    again = receives(store, filling(made[0]), DOCUMENT)
    assert (again.folder / "bundle.json").stat().st_ino == inode
    assert evidence_of(store.root, again.digest) == (DOCUMENT,)


def planted(folder):
    (folder / "planted.py").write_text("x = 1\n")


def linked(folder):
    (folder / "model" / "weights").unlink()
    (folder / "model" / "weights").symlink_to("/etc/hostname")


def interrupted(_folder):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("then", "kind"), [(planted, UserError), (linked, UserError), (interrupted, KeyboardInterrupt)]
)
def test_what_is_not_whole_leaves_nothing(store, made, then, kind):
    def fill(folder):
        filling(made[0])(folder)
        then(folder)

    with pytest.raises(kind):
        receives(store, fill)
    assert files_of(store) == []
