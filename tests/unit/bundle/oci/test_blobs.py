"""Content by digest: verified as it passes, moved once, never more of it than a document may name."""

import os

import pytest

from trimtab.bundle.oci import blobs
from trimtab.bundle.oci.blobs import (
    Copied,
    copy,
    everything,
    file_pieces,
    read_document,
    small_file,
    verified,
)
from trimtab.bundle.oci.spec import INDEX, MANIFEST, Descriptor, Index, described, document
from trimtab.core.errors import UserError

ABC = described(b"abc", "m")


def index(memory, *entries):
    return memory.put(document(Index(schema_version=2, media_type=INDEX, manifests=entries)), INDEX)


def test_what_is_as_described_passes_piece_by_piece():
    assert list(verified(ABC, [b"a", b"", b"bc"])) == [b"a", b"", b"bc"]


@pytest.mark.parametrize(
    ("pieces", "said"),
    [([b"ab"], "has 2 bytes, should have 3"), ([], "has 0 bytes"), ([b"abd"], "the content has the digest sha256:")],
)
def test_what_differs_is_refused_by_its_digest(refusal, pieces, said):
    found = refusal(lambda: list(verified(ABC, pieces)))
    assert (found.code, found.where) == ("P212", ABC.digest)
    assert said in found.what


def test_more_than_was_said_is_not_taken_in():
    taken = []

    def endless():
        while True:
            yield b"xx"

    def drain():
        for piece in verified(ABC, endless()):
            taken.append(piece)  # noqa: PERF402 - what was taken until the error counts

    with pytest.raises(UserError, match="more than the 3 bytes"):
        drain()
    assert taken == [b"xx"]


def test_a_document_is_read_whole_and_verified(memory, refusal):
    one = memory.put(b"{}" * 50, MANIFEST)
    assert read_document(memory, one) == b"{}" * 50
    memory.blobs[one.digest] = b"{}" * 49 + b"[]"
    assert refusal(read_document, memory, one).code == "P212"


def test_a_document_that_is_too_long_is_not_begun(memory, refusal):
    huge = Descriptor(MANIFEST, ABC.digest, 2**40)
    found = refusal(read_document, memory, huge)
    assert (found.code, found.where) == ("P212", ABC.digest)
    assert memory.reads == []


def test_everything_comes_once_and_documents_after_what_they_name(memory):
    one, two = memory.manifest(b"shared", b"one"), memory.manifest(b"shared", b"two")
    root = index(memory, one, two, one)
    found = [(descriptor.digest, data) for descriptor, data in everything(memory, root)]
    assert {digest for digest, _ in found} == set(memory.blobs)
    assert len(found) == len(memory.blobs)
    assert [digest for digest, data in found if data] == [one.digest, two.digest, root.digest]
    assert all(data in (None, memory.blobs[digest]) for digest, data in found)


def test_indexes_in_indexes_come_to_an_end(memory, refusal):
    root = memory.manifest(b"x")
    for _ in range(4):
        root = index(memory, root)
    assert len(list(everything(memory, root))) == 7
    found = refusal(lambda: list(everything(memory, index(memory, root))))
    assert (found.code, found.what) == ("P210", "indexes nested more than 4 deep")


def test_an_index_that_names_a_great_many_costs_no_more_than_that(memory, refusal):
    parts = tuple(Descriptor("m", f"sha256:{number:064}", 1) for number in range(blobs.MOST + 1))
    root = memory.manifest(layers=parts)
    assert refusal(lambda: list(everything(memory, root))).what == "more than 20000 documents and blobs belong to it"
    assert memory.reads == [root.digest]


def test_a_root_of_another_kind_is_refused(memory, refusal):
    found = refusal(lambda: list(everything(memory, memory.put(b"{}", "text/\x1b[31mred"))))
    assert (found.code, found.what) == ("P210", r"media type 'text/\x1b[31mred' is neither a manifest nor an index")


def test_only_what_is_missing_travels(memory, full):
    told = []
    root = full.entries[0]
    first = copy(full, root, memory, "v1", lambda blob, sent: told.append((blob.size, sent)))
    assert (first.blobs, first.spared) == (4, 0)
    assert all(sent for _, sent in told)
    assert memory.resolve("v1").digest == root.digest
    again = copy(full, root, memory, "v2")
    assert (again.sent, again.blobs, again.spared) == (0, 0, first.sent)
    assert first + again == Copied(first.sent, 4, first.sent)


def test_the_tag_is_the_roots_alone(memory, full):
    root = index(full, full.manifest(b"x"))
    copy(full, root, memory, "both")
    assert [bool(one.annotations) for one in memory.entries] == [False, True]


def test_a_blob_that_was_changed_does_not_arrive(memory, full, refusal):
    layer = next(digest for digest, data in full.blobs.items() if data == b"x = 1\n")
    full.blobs[layer] = b"x = 2\n"
    assert refusal(copy, full, full.entries[0], memory, "v1").where == layer
    assert memory.entries == []


def test_a_file_is_read_in_pieces_and_never_through_a_link(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * (2**20 + 5))
    assert [len(piece) for piece in file_pieces(tmp_path / "file")] == [2**20, 5]
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(OSError, match="symbolic links"):
        list(file_pieces(tmp_path / "link"))


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is no regular file"):
        list(file_pieces(tmp_path / "pipe"))


def test_a_small_file_is_small(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert small_file(tmp_path / "file", 5) == b"12345"
    with pytest.raises(OSError, match="more than 4 bytes"):
        small_file(tmp_path / "file", 4)
