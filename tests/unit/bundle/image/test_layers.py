"""A layer is made once for the same inputs."""

import gzip
import os

import pytest

from trimtab.bundle.image.layers import LayerStore, key_of
from trimtab.bundle.image.tarball import Member


@pytest.fixture
def store(tmp_path):
    return LayerStore(tmp_path)


def made(store, inputs, data=b"x", times=None):
    def make(_work):
        if times is not None:
            times.append(1)
        return [Member("file", data, 0o644)], ("a note",)

    return store.layer("model", inputs, make)


def test_the_second_time_nothing_is_made(store):
    times = []
    first, second = made(store, ["a"], times=times), made(store, ["a"], times=times)
    assert (first.fresh, second.fresh, len(times)) == (True, False, 1)
    assert (first.descriptor, first.diff_id, first.notes) == (second.descriptor, second.diff_id, ("a note",))
    data = b"".join(store.blobs.read(first.descriptor))
    assert len(gzip.decompress(data)) == first.unpacked == 2048


def test_other_inputs_are_another_layer_and_the_same_content_is_no_new_one(store):
    first = made(store, ["a"])
    again = made(store, ["b"])
    assert again.descriptor == first.descriptor
    assert not again.fresh
    assert made(store, ["c"], b"y").fresh
    assert key_of(["a"]) != key_of(["b"])


@pytest.mark.parametrize(
    "damage", [lambda path: path.write_bytes(b"?" * path.stat().st_size), lambda path: path.unlink()]
)
def test_a_damaged_or_missing_blob_is_made_again(store, damage):
    first = made(store, ["a"])
    (blob,) = (store.folder / "blobs/sha256").iterdir()
    damage(blob)
    assert made(store, ["a"]).fresh
    assert len(b"".join(store.blobs.read(first.descriptor))) == first.descriptor.size


DAY_S = 86_400.0


def test_what_nobody_asks_for_in_a_month_goes_and_what_is_asked_for_stays(store):
    first, other = made(store, ["a"]), made(store, ["b"], b"y")
    loose, draft = store.folder / "blobs/sha256" / ("0" * 64), store.folder / "layers/.draft"
    loose.write_bytes(b"of a build that was killed")
    draft.write_bytes(b"{")
    now = draft.stat().st_mtime
    assert store.sweep(now + DAY_S / 2) == 0
    assert store.sweep(now + 2 * DAY_S, dry_run=True) == 27
    assert store.sweep(now + 2 * DAY_S) == 27
    assert not loose.exists()
    assert not draft.exists()
    for path in (store.folder / "layers").iterdir():
        os.utime(path, (now - 40 * DAY_S, now - 40 * DAY_S))
    assert not made(store, ["a"]).fresh  # asked for: that counts
    freed = store.sweep(now + 2 * DAY_S)
    assert freed > other.descriptor.size
    assert [path.name for path in (store.folder / "blobs/sha256").iterdir()] == [first.descriptor.digest[7:]]
    assert len(list((store.folder / "layers").iterdir())) == 1


def test_an_empty_store_has_nothing_to_sweep(store):
    assert store.sweep(1e12) == 0


def test_a_note_that_is_damaged_counts_as_none(store):
    made(store, ["a"])
    (note,) = (store.folder / "layers").iterdir()
    note.write_bytes(b"{")
    assert not made(store, ["a"]).fresh


def test_what_fails_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError):
        store.layer("model", ["a"], lambda _: 1 / 0)
    assert list((store.root / "incoming").iterdir()) == []
    assert not (store.folder / "layers").exists()
