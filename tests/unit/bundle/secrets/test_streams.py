"""Files as pieces, and what containers hold."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib

import pytest

from trimtab.bundle.secrets.streams import PIECE, parts_of, pieces

TEXT = b"secret " * 1000


def zipped(compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("a/b.json", TEXT)
    return buffer.getvalue()


def unpacked(data):
    return {
        part.member: b"".join(piece for _, piece in pieces(part.open(), 1 << 30)) for part in parts_of(io.BytesIO(data))
    }


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_one_compressed_stream_is_unpacked(pack):
    parts = [b"".join(data for _, data in pieces(part.open(), 1 << 30)) for part in parts_of(io.BytesIO(pack(TEXT)))]
    assert parts == [pack(TEXT), TEXT]


def test_members_of_a_zip_are_unpacked_unless_they_stand_there_as_they_are():
    assert unpacked(zipped()) == {"": zipped(), "a/b.json": TEXT}
    assert unpacked(zipped(zipfile.ZIP_STORED)) == {"": zipped(zipfile.ZIP_STORED)}


def test_what_is_no_container_is_itself():
    assert unpacked(TEXT) == {"": TEXT}


def test_a_bomb_is_read_no_further_than_allowed():
    bomb = zlib.compress(b"\0" * (64 << 20), 9)
    (_, part) = parts_of(io.BytesIO(bomb))
    assert sum(len(data) for _, data in pieces(part.open(), 1 << 20)) <= (1 << 20) * 1.2


def test_pieces_overlap_so_that_nothing_falls_between_them():
    data = bytes(range(256)) * (2 * PIECE // 256) + b"tail"
    found = list(pieces(io.BytesIO(data), 1 << 30))
    assert [at for at, _ in found] == [0, PIECE - 16384, 2 * PIECE - 16384]
    assert all(data[at : at + len(piece)] == piece for at, piece in found)
    assert found[-1][1].endswith(b"tail")


def test_utf_16_is_text():
    (piece,) = pieces(io.BytesIO("password".encode("utf-16")), 1 << 20)
    assert piece[1] == b"password"
