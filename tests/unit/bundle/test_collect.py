"""Garbage collection takes what nobody needs, and never what somebody has."""

import os
import signal

import pytest

from trimtab.bundle.collect import collect
from trimtab.bundle.engines.costs import Costs
from trimtab.bundle.evidence import Evidence, evidence_of, keep_evidence
from trimtab.bundle.keeping.untried import mark, untried
from trimtab.bundle.stock import Limits, stock, waste
from trimtab.bundle.store import Store

COSTS = Costs((1,), {"original": (1.0,), "linear": (0.5,)})


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def add(root, tmp_path, write_bundle):
    """Adds a bundle with these weights and nobody holding it; its digest."""

    def added(weights, tag="", name="m"):
        folder = tmp_path / f"made-{weights}-{name}"
        digest = write_bundle(folder, name, {"model/w": weights.encode() * 100, "same": b"same" * 100})
        store = Store(root)
        store.add(folder)
        if tag:
            store.tag(name, tag, digest)
        return digest

    return added


def digests(root):
    return {entry.digest for entry in Store(root).list()}


def test_what_no_alias_names_goes_with_its_blobs_and_what_lay_beside_it(root, add):
    old, new = add("1"), add("2", "latest")
    for digest in (old, new):
        Store(root).measured(digest, COSTS)
        mark(root, digest, "why")
        keep_evidence(root, digest, [Evidence("x", b"y")])
    plan = waste(Store(root), Limits(keep=0))
    gone = collect(Store(root), Limits(keep=0))
    assert gone == plan
    assert ([entry.digest for entry in gone.bundles], len(gone.blobs), len(gone.beside)) == ([old], 1, 3)
    assert digests(root) == {new}
    assert len(list((root / "blobs" / "sha256").iterdir())) == 2
    assert (evidence_of(root, old), untried(root, old)) == ((), "")
    assert (len(evidence_of(root, new)), untried(root, new)) == (1, "why")
    assert Store(root).resolve("m").costs == COSTS
    assert list((root / "incoming").iterdir()) == []
    assert collect(Store(root), Limits(keep=0)) == waste(Store(root), Limits())


def test_what_is_freed_is_what_nobody_else_holds(root, add):
    add("1")
    add("2", "latest")
    gone = waste(Store(root), Limits(keep=0))
    assert gone.freed == 100 + (Store(root).folder(gone.bundles[0].digest) / "bundle.json").stat().st_size


@pytest.mark.parametrize(("keep", "left"), [(0, "5"), (1, "45"), (3, "2345"), (9, "12345")])
def test_the_last_bundles_of_a_name_stay_for_a_rollback(root, add, keep, left):
    made = {word: add(word, "latest") for word in "12345"}
    former = {one.entry.digest for one in stock(Store(root), keep) if one.former}
    assert former == {made[word] for word in left if word != "5"}
    collect(Store(root), Limits(keep))
    assert digests(root) == {made[word] for word in left}


def test_each_name_has_a_past_of_its_own_and_any_alias_keeps_a_bundle(root, add):
    a, b, c = add("1", "prod"), add("2", "latest"), add("3", "latest")
    other = [add(word, "latest", "other") for word in "12"]
    collect(Store(root), Limits(keep=1))
    assert digests(root) == {a, b, c, *other}


def test_a_bundle_that_somebody_has_stays_until_they_let_go(root, add):
    digest = add("1")
    bundle = Store(root).resolve(digest)
    gone = collect(Store(root), Limits(keep=0))
    assert (gone.bundles, [entry.digest for entry in gone.used], gone.freed) == ((), [digest], 0)
    assert [one.used for one in stock(Store(root))] == [True]
    del bundle
    assert [entry.digest for entry in collect(Store(root), Limits(keep=0)).bundles] == [digest]


def test_what_was_added_stays_until_it_has_a_name(root, tmp_path, write_bundle):
    digest = write_bundle(tmp_path / "made")
    store = Store(root)
    store.add(tmp_path / "made")
    collect(Store(root), Limits(keep=0))
    store.tag("m", "latest", digest)
    assert digests(root) == {digest}


def test_a_killed_process_lets_go(root, add):
    digest = add("1")
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover - another process
        bundle = Store(root).resolve(digest)
        os.write(writing, bundle.digest.encode())
        signal.pause()
    assert os.read(reading, 100).decode() == digest
    assert collect(Store(root), Limits(keep=0)).bundles == ()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert len(collect(Store(root), Limits(keep=0)).bundles) == 1


def test_what_is_young_stays(root, add):
    add("1")
    added = min(path.stat().st_mtime for path in (root / "bundles" / "sha256").iterdir())
    assert collect(Store(root), Limits(0, 60.0, added + 59)).bundles == ()
    assert len(collect(Store(root), Limits(0, 60.0, added + 61)).bundles) == 1


def test_a_store_of_before_without_blobs_works_and_is_collected(root, add):
    old, new = add("1"), add("2", "latest")
    for path in list((root / "bundles").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
    for blob in (root / "blobs" / "sha256").iterdir():
        blob.unlink()
    assert [one.shared for one in stock(Store(root))] == [0, 0]
    gone = collect(Store(root), Limits(keep=0))
    assert ([entry.digest for entry in gone.bundles], gone.blobs) == ([old], ())
    assert gone.freed > 500
    assert digests(root) == {new}
    assert Store(root).resolve("m").digest == new


def test_a_damaged_bundle_without_a_name_goes_and_nothing_happens_where_there_is_no_store(root, add):
    digest = add("1")
    manifest = root / "bundles" / "sha256" / digest[7:] / "bundle.json"
    manifest.chmod(0o644)
    manifest.write_text("{")
    assert [entry.digest for entry in collect(Store(root), Limits()).bundles] == [digest]
    assert collect(Store(root / "gone"), Limits()).bundles == ()
    assert not (root / "gone").exists()
