"""What is put into an archive to do harm, and what becomes of it: it is refused, and named, and costs little."""

from __future__ import annotations

import os
import random
import tarfile
import zipfile

import pytest

from trimtab.bundle.oci.tar import END, header, padding


def member(name, data=b"", **fields):
    """A member with whatever header, made by another's tar."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(padding(len(data)))


def good():
    """Members that begin every archive of a layout."""
    return member("blobs/sha256/" + "a" * 64, b"abc")


@pytest.mark.parametrize("name", ["../../evil.py", "blobs/../../evil.py", "blobs/sha256/../../../evil.py"])
def test_traversal(tmp_path, refused, name):
    before = set(tmp_path.parent.rglob("evil.py"))  # other tests of this process have some
    (tmp_path / "evil.tar").write_bytes(good() + member(name, b"x") + END)
    assert f"'{name}' is no member of an OCI layout" in refused(tmp_path / "evil.tar")
    assert set(tmp_path.parent.rglob("evil.py")) == before


def test_an_absolute_name(tmp_path, refused):
    name = str(tmp_path / "evil.py")[:99]
    (tmp_path / "evil.tar").write_bytes(good() + member(name, b"x") + END)
    assert f"'{name}' is no member of an OCI layout" in refused(tmp_path / "evil.tar")
    assert not (tmp_path / "evil.py").exists()


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.SYMTYPE, "a link"), (tarfile.LNKTYPE, "a hard link"), (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"), (tarfile.FIFOTYPE, "a pipe"), (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (tarfile.GNUTYPE_LONGNAME, "a GNU long name"), (tarfile.XHDTYPE, "a pax header"),
        (tarfile.XGLTYPE, "a global pax header"),
    ],
)  # fmt: skip
def test_links_devices_and_headers_that_rename(tmp_path, refused, kind, what):
    odd = member("index.json", type=kind, linkname="/etc/passwd" if what.endswith("link") else "")
    (tmp_path / "evil.tar").write_bytes(good() + odd + END)
    assert f"'index.json' is {what}" in refused(tmp_path / "evil.tar")


def test_duplicates(tmp_path, refused):
    (tmp_path / "evil.tar").write_bytes(good() + member("index.json", b"{}") + member("index.json", b"[]") + END)
    assert "has 'index.json' twice" in refused(tmp_path / "evil.tar")


def test_a_case_clash(tmp_path, refused):
    (tmp_path / "evil.tar").write_bytes(good() + member("index.json", b"{}") + member("INDEX.json", b"[]") + END)
    assert "'INDEX.json' is no member of an OCI layout" in refused(tmp_path / "evil.tar")


def test_a_name_behind_a_name(tmp_path, refused):
    (tmp_path / "evil.tar").write_bytes(good() + member("index.json\0../../evil", b"{}") + END)
    assert "is no member of an OCI layout" in refused(tmp_path / "evil.tar")


def test_a_bomb_that_claims_a_tebibyte(tmp_path, refused_apart):
    block = bytearray(header("index.json", 0))
    block[124:136] = b"\x80" + (2**40).to_bytes(11, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    (tmp_path / "evil.tar").write_bytes(good() + block + END)
    assert "'index.json' has a header that says more than" in refused_apart(tmp_path / "evil.tar")


def test_a_bomb_of_holes(tmp_path, refused_apart):
    path = tmp_path / "evil.tar"
    path.write_bytes(good() + header("index.json", 8**11 - 1))
    os.truncate(path, 2**40)
    assert refused_apart(path)
    path.write_bytes(good() + END)
    os.truncate(path, 2**40)
    assert "goes on behind its end" in refused_apart(path)


def test_a_bomb_of_members(tmp_path, refused_apart):
    path = tmp_path / "evil.tar"
    path.write_bytes(b"".join(header(f"blobs/sha256/{number:064x}", 0) for number in range(30_000)) + END)
    assert "has more than 20000 members" in refused_apart(path)


@pytest.mark.parametrize("name", ["index.json", "oci-layout"])
def test_a_bomb_of_a_document(tmp_path, refused_apart, name):
    path = tmp_path / "evil.tar"
    with path.open("wb") as file:
        for other in {"oci-layout", "index.json"} - {name}:
            file.write(member(other, b'{"imageLayoutVersion":"1.0.0"}'))
        file.write(header(name, 2**32))
        file.seek(2**32, 1)
        file.write(END)
    assert f"'{name}' has {2**32} bytes" in refused_apart(path)


def test_a_document_nested_without_end(tmp_path, refused_apart):
    index = member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}') + member("index.json", b'{"manifests":' * 300_000)
    (tmp_path / "evil.tar").write_bytes(index + END)
    assert "index.json" in refused_apart(tmp_path / "evil.tar")


@pytest.mark.parametrize("pack", ["gzip", "zip", "elf"])
def test_polyglots(tmp_path, refused, archive, pack):
    good_bytes, path = archive.read_bytes(), tmp_path / "evil.tar"
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as opened:
        opened.writestr("evil.py", "x = 1\n")
    zipped = (tmp_path / "evil.zip").read_bytes()
    heads = {"gzip": b"\x1f\x8b\x08" + bytes(509), "zip": zipped, "elf": b"\x7fELF" + bytes(508)}
    path.write_bytes(heads[pack] + good_bytes)
    assert "error[P213]" in refused(path)
    path.write_bytes(good_bytes + heads[pack])
    assert "goes on behind its end" in refused(path)
    inside = bytearray(good_bytes)
    inside[-len(END) :] = bytes(len(END) - 100) + (zipped + bytes(100))[:100]
    path.write_bytes(inside)
    assert "goes on behind its end" in refused(path)


def test_truncated(tmp_path, refused, archive):
    data, chance = archive.read_bytes(), random.Random(4)
    cuts = [*(chance.randrange(len(data)) for _ in range(3)), len(data) - 1, len(data) - 513]
    for cut in cuts:
        (tmp_path / "evil.tar").write_bytes(data[:cut])
        assert "error[P213]" in refused(tmp_path / "evil.tar")
