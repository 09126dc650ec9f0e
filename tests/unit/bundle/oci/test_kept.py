"""What need not travel again, and that nothing of it is trusted."""

import fcntl
import os

import pytest
from tests.doubles.registries import digest_of

from trimtab.bundle.oci.blobs import verified
from trimtab.bundle.oci.kept import Keeping
from trimtab.bundle.oci.spec import MANIFEST, Descriptor
from trimtab.core.errors import UserError

LARGE = bytes(range(256)) * 5000
SMALL = b"small"


def blob(data, media_type="application/octet-stream"):
    return Descriptor(media_type, digest_of(data), len(data))


class Ranged:
    """Content by digest; how much was asked for, and from where; `breaks` after so many bytes."""

    def __init__(self, *contents, breaks=None):
        self.contents = {digest_of(content): content for content in contents}
        self.asked, self.breaks = [], breaks

    def resolve(self, reference):
        return blob(self.contents[reference])

    def read(self, descriptor):
        return self.read_from(descriptor, 0)

    def read_from(self, descriptor, start):
        self.asked.append(start)
        data = self.contents[descriptor.digest]
        for at in range(start, len(data), 100_000):
            if self.breaks is not None and at >= self.breaks:
                raise ConnectionError
            yield data[at : at + 100_000]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "partial"


def read(keeping, data):
    return b"".join(verified(blob(data), keeping.read(blob(data))))


def test_a_blob_that_broke_off_goes_on_in_another_process(folder):
    with pytest.raises(ConnectionError):
        read(Keeping(Ranged(LARGE, breaks=500_000), folder, {}), LARGE)
    source = Ranged(LARGE)
    keeping = Keeping(source, folder, {})
    assert read(keeping, LARGE) == LARGE
    assert source.asked == [500_000]
    assert (keeping.fetched, keeping.spared) == (len(LARGE) - 500_000, 500_000)
    keeping.done(0.0)
    assert not folder.exists()


def test_one_that_is_there_whole_is_not_asked_for(folder):
    read(Keeping(Ranged(LARGE), folder, {}), LARGE)
    source = Ranged(LARGE)
    assert read(Keeping(source, folder, {}), LARGE) == LARGE
    assert source.asked == [len(LARGE)]


@pytest.mark.parametrize("there", [b"other" * 100, LARGE[:-1] + b"x", LARGE + b"x"])
def test_what_turns_out_to_be_something_else_is_fetched_anew(folder, there):
    folder.mkdir()
    (folder / blob(LARGE).digest[7:]).write_bytes(there)
    if len(there) <= len(LARGE):
        with pytest.raises(UserError, match="P212"):
            read(Keeping(Ranged(LARGE), folder, {}), LARGE)
    assert read(Keeping(Ranged(LARGE), folder, {}), LARGE) == LARGE


def test_small_blobs_and_documents_are_not_kept(folder):
    keeping = Keeping(Ranged(SMALL, LARGE), folder, {})
    assert read(keeping, SMALL) == SMALL
    assert b"".join(keeping.read(blob(LARGE, MANIFEST))) == LARGE
    assert keeping.resolve(digest_of(SMALL)) == blob(SMALL)
    assert not folder.exists()


def test_a_blob_that_another_process_fetches_is_fetched_beside_it(folder):
    folder.mkdir()
    path = folder / blob(LARGE).digest[7:]
    path.write_bytes(b"")
    handle = os.open(path, os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    keeping = Keeping(Ranged(LARGE), folder, {})
    assert read(keeping, LARGE) == LARGE
    keeping.done(0.0)
    assert path.read_bytes() == b""
    os.close(handle)


def test_a_link_in_its_place_is_not_followed(folder, tmp_path):
    folder.mkdir()
    (folder / blob(LARGE).digest[7:]).symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="symbolic link"):
        read(Keeping(Ranged(LARGE), folder, {}), LARGE)
    assert not (tmp_path / "outside").exists()


def test_a_file_of_another_bundle_does_not_travel(folder, tmp_path):
    (tmp_path / "weights").write_bytes(LARGE)
    keeping = Keeping(Ranged(), folder, {digest_of(LARGE): tmp_path / "weights"})
    assert read(keeping, LARGE) == LARGE
    assert (keeping.fetched, keeping.spared) == (0, len(LARGE))


@pytest.mark.parametrize("there", [None, b"damaged", LARGE[:-1] + b"x"])
def test_a_file_that_was_damaged_since_is_fetched(folder, tmp_path, there):
    if there is not None:
        (tmp_path / "weights").write_bytes(there)
    keeping = Keeping(Ranged(LARGE), folder, {digest_of(LARGE): tmp_path / "weights"})
    assert read(keeping, LARGE) == LARGE
    assert keeping.fetched == len(LARGE)


def test_what_others_left_goes_after_a_week_and_nothing_else(folder):
    folder.mkdir()
    old, young, odd = folder / ("0" * 64), folder / ("1" * 64), folder / "odd"
    for path in (old, young, odd):
        path.write_bytes(b"x")
    os.utime(old, (1000, 1000))
    os.utime(odd, (1000, 1000))
    os.utime(young, (500_000, 500_000))
    Keeping(Ranged(), folder, {}).done(1000 + 8 * 24 * 3600)
    assert sorted(path.name for path in folder.iterdir()) == [young.name, "odd"]
