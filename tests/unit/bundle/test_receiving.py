"""The one way into the store: nothing of what is refused stays, and what is kept is what was looked at."""

import pytest

from trimtab.bundle.evidence import Evidence, evidence_of
from trimtab.bundle.receiving import receive
from trimtab.bundle.store import Store
from trimtab.core.errors import Problem, RefusedError, UserError

SIGNATURE = (Evidence("application/x.signature", b"sig"),)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def left(store):
    """Files in the store, beside its lock."""
    return [path.name for path in store.root.rglob("*") if path.is_file() and path.name != "lock"]


def pass_all(*_):
    """Trusts everybody."""


def test_what_is_filled_in_is_kept_with_what_is_said_of_it(store, write_bundle):
    bundle = receive(store, write_bundle, SIGNATURE, pass_all)
    assert store.resolve(bundle.digest).folder == bundle.folder
    assert evidence_of(store.root, bundle.digest) == SIGNATURE
    assert list((store.root / "incoming").iterdir()) == []


def test_twice_is_once_and_documents_add_up(store, write_bundle):
    first = receive(store, write_bundle, (), pass_all)
    inode = (first.folder / "bundle.json").stat().st_ino
    again = receive(store, write_bundle, SIGNATURE, pass_all)
    assert (again.folder / "bundle.json").stat().st_ino == inode
    assert evidence_of(store.root, again.digest) == SIGNATURE


def test_trust_is_asked_of_the_verified_bundle_before_it_is_kept(store, write_bundle):
    asked = []

    def trust(bundle, evidence):
        asked.append((bundle.name, bundle.folder.parent.parent, evidence, store.list()))

    receive(store, write_bundle, SIGNATURE, trust)
    assert asked == [("m", store.root / "incoming", SIGNATURE, ())]


def test_what_is_not_trusted_is_not_kept(store, write_bundle):
    def trust(*_):
        raise RefusedError(Problem("P292", "nobody signed it"))

    with pytest.raises(RefusedError, match="nobody signed it"):
        receive(store, write_bundle, SIGNATURE, trust)
    assert left(store) == []


def refused(store, fill, *arguments):
    with pytest.raises(UserError) as caught:
        receive(store, fill, SIGNATURE, pass_all, *arguments)
    assert left(store) == []
    return caught.value.problems[0].code


def test_another_bundle_than_the_expected_one_is_not_kept(store, write_bundle):
    assert refused(store, write_bundle, f"sha256:{'0' * 64}") == "P235"


def test_a_bundle_that_is_not_whole_is_not_kept(store, write_bundle):
    def fill(folder):
        write_bundle(folder)
        (folder / "planted.py").write_text("x = 1\n")

    assert refused(store, fill) == "P207"
    assert refused(store, lambda _: None) == "P204"


def test_a_link_that_was_filled_in_is_not_kept(store, write_bundle):
    def fill(folder):
        write_bundle(folder)
        (folder / "model" / "weights").unlink()
        (folder / "model" / "weights").symlink_to("/etc/hostname")

    assert refused(store, fill) == "P208"


def test_a_fault_while_it_is_filled_leaves_nothing(store, write_bundle):
    def fill(folder):
        write_bundle(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        receive(store, fill, SIGNATURE, pass_all)
    assert left(store) == []
