"""A layout in one file: what is read is of the file that was opened, and nothing of it is read without need."""

import os
import shutil
from pathlib import Path

import pytest

from trimtab.bundle.oci.archive import Archive
from trimtab.bundle.oci.blobs import copy, read_document, verified
from trimtab.bundle.oci.contents import contents_of
from trimtab.bundle.oci.pack import Content, write_archive
from trimtab.bundle.oci.spec import Descriptor, described
from trimtab.bundle.oci.tar import END, header, padding
from trimtab.core.errors import UserError


@pytest.fixture
def path(tmp_path, full):
    """An archive of the bundle and two documents about it."""
    roots = [Content(full, one, "" if at else "m") for at, one in enumerate(full.entries)]
    write_archive(roots, tmp_path / "m.tar")
    return tmp_path / "m.tar"


def packed(path, **members):
    """An archive of just these members."""
    parts = (
        header(name.replace("__", "-"), len(data)) + data + bytes(padding(len(data))) for name, data in members.items()
    )
    path.write_bytes(b"".join(parts) + END)
    return path


def opening(path):
    Archive(path).close()


def test_all_that_was_put_in_is_there(path, full, memory):
    with Archive(path) as archive:
        assert archive.held() == full.held()
        assert [one.digest for one in archive.index().manifests] == [one.digest for one in full.entries]
        assert archive.resolve("m").digest == full.entries[0].digest
        assert contents_of(archive).evidence == contents_of(full).evidence
        copy(archive, archive.resolve("m"), memory)
    assert memory.blobs.items() <= full.blobs.items()


def test_another_file_put_in_its_place_is_not_read(path, full, tmp_path):
    with Archive(path) as archive:
        (tmp_path / "other").write_bytes(b"other")
        (tmp_path / "other").rename(path)
        assert read_document(archive, full.entries[0]) == full.blobs[full.entries[0].digest]


def test_a_file_that_is_changed_or_cut_after_it_was_opened_is_seen(path, full, refusal):
    root = full.entries[0]
    with Archive(path) as archive:
        data = path.read_bytes()
        at = data.index(full.blobs[root.digest])
        with path.open("r+b") as file:
            file.seek(at)
            file.write(b"[")
        assert refusal(read_document, archive, root).code == "P212"
        os.truncate(path, at + 10)
        found = refusal(lambda: list(verified(root, archive.read(root))))
        assert (found.code, found.what) == ("P212", f"has 10 bytes, should have {root.size}")


def test_a_blob_that_is_not_there_is_named(path, refusal):
    one = described(b"another", "m")
    with Archive(path) as archive:
        found = refusal(archive.read, one)
    assert (found.code, found.where) == ("P211", str(path))
    assert one.digest.removeprefix("sha256:") in found.what


def test_a_blob_named_like_a_path_is_not_there(path, refusal):
    with Archive(path) as archive:
        assert refusal(archive.read, Descriptor("m", "sha256:../../index.json", 1)).code == "P211"


@pytest.mark.parametrize("members", [{}, {"index.json": b"{}"}, {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}])
def test_a_layout_lacks_none_of_its_files(tmp_path, refusal, members):
    with Archive(packed(tmp_path / "a.tar", **members)) as archive:
        assert refusal(archive.index).code == "P211"


def test_a_small_file_that_is_large_is_not_read(tmp_path, refusal):
    with Archive(packed(tmp_path / "a.tar", **{"oci-layout": bytes(5 * 2**20)})) as archive:
        found = refusal(archive.index_data)
    assert (found.code, found.what) == ("P213", "'oci-layout' has 5242880 bytes, at most 4194304 are read")


def test_what_is_no_file_is_not_waited_for(tmp_path, refusal):
    os.mkfifo(tmp_path / "pipe")
    assert refusal(opening, tmp_path / "pipe").what == "is no regular file"
    assert refusal(opening, tmp_path / "gone").what == f"`{tmp_path}/gone` cannot be opened: No such file or directory"
    assert refusal(opening, tmp_path).what == "is no regular file"


def test_what_is_refused_is_closed(tmp_path, refusal):
    (tmp_path / "a.tar").write_bytes(b"x" * 2000)
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert refusal(opening, tmp_path / "a.tar").code == "P213"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_copy_reads_the_same(path, tmp_path, full):
    shutil.copy(path, tmp_path / "copy.tar")
    with Archive(tmp_path / "copy.tar") as archive, pytest.raises(UserError, match="several entries"):
        archive.resolve("")
    with Archive(tmp_path / "copy.tar") as archive:
        assert archive.resolve(full.entries[1].digest).digest == full.entries[1].digest
