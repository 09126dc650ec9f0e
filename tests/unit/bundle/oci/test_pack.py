"""Archives are written whole or not at all, and always with the same bytes."""

import hashlib
import os
import tarfile

import pytest

from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.oci.spec import Descriptor, Platform
from trimtab.core.errors import OutsideError


def roots(shelf):
    return [Content(shelf, one, "" if at else "m") for at, one in enumerate(shelf.entries)]


def left(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def place(tmp_path):
    """An empty folder."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def test_the_same_content_is_the_same_bytes_whatever_the_umask(place, full):
    before = os.umask(0o077)
    try:
        first = write_archive(roots(full), place / "one.tar")
    finally:
        os.umask(before)
    assert write_archive(roots(full), place / "two.tar") == first
    data = (place / "one.tar").read_bytes()
    assert data == (place / "two.tar").read_bytes()
    assert (first.size, first.digest) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    assert (place / "one.tar").stat().st_mode & 0o777 == 0o644


def test_members_are_sorted_and_of_nobody(place, full):
    write_archive(roots(full), place / "m.tar")
    with tarfile.open(place / "m.tar") as archive:
        members = archive.getmembers()
    names = [one.name for one in members]
    blobs = [f"blobs/sha256/{digest.removeprefix('sha256:')}" for digest in sorted(full.blobs)]
    assert names == ["blobs", "blobs/sha256", *blobs, "index.json", "oci-layout"]
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, 0, "", "")}
    assert {one.mode for one in members} == {0o644, 0o755}


def test_two_sources_share_an_archive_and_entries_keep_what_is_said_of_them(place, full, memory):
    image = memory.manifest(b"layer")
    image = Descriptor(image.media_type, image.digest, image.size, platform=Platform("amd64", "linux"))
    write_archive([*roots(full), Content(memory, image, "image")], place / "both.tar")
    with tarfile.open(place / "both.tar") as archive:
        index = archive.extractfile("index.json").read()
        assert len(archive.getmembers()) == 4 + len(full.blobs.keys() | memory.blobs.keys())
    assert b'"platform":{"architecture":"amd64","os":"linux"}' in index


def test_an_archive_that_is_there_is_replaced_at_once(place, full):
    (place / "m.tar").write_bytes(b"old")
    with (place / "m.tar").open("rb") as reader:
        write_archive(roots(full), place / "m.tar")
        assert reader.read() == b"old"
    assert left(place) == ["m.tar"]


def test_content_that_was_changed_is_not_written(place, full, refusal):
    layer = next(digest for digest, data in full.blobs.items() if data == b"x = 1\n")
    full.blobs[layer] = b"x = 2\n"
    assert refusal(write_archive, roots(full), place / "m.tar").where == layer
    assert left(place) == []


def test_a_blob_that_no_header_can_count_is_refused_before_anything_is_read(place, memory, refusal):
    huge = Descriptor("m", f"sha256:{'a' * 64}", 8**11)
    root = memory.manifest(layers=(huge,))
    found = refusal(write_archive, [Content(memory, root)], place / "m.tar")
    assert (found.code, found.where) == ("P213", huge.digest)
    assert left(place) == []


@pytest.mark.parametrize("name", ["gone/m.tar", "folder", "file/m.tar"])
def test_a_place_that_cannot_be_written_is_said(place, full, name):
    (place / "folder").mkdir()
    (place / "file").write_bytes(b"")
    with pytest.raises(OutsideError) as caught:
        write_archive(roots(full), place / name)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("P214", str(place / name))
    assert left(place) == ["file", "folder"]


def test_an_interruption_leaves_nothing(place, full):
    class Stopped(type(full)):
        def read(self, descriptor):
            if descriptor.digest not in {one.digest for one in full.entries}:
                raise KeyboardInterrupt
            return super().read(descriptor)

    stopped = Stopped()
    stopped.blobs = full.blobs
    with pytest.raises(KeyboardInterrupt):
        write_archive([Content(stopped, full.entries[0])], place / "m.tar")
    assert left(place) == []


def test_nothing_is_an_archive_too(place):
    assert write_archive([], place / "empty.tar").size == 512 * 8
    with Archive(place / "empty.tar") as archive:
        assert archive.index().manifests == ()
