"""Tar headers: what is written is read, by us and by others; what says anything else is refused by name."""

import io
import struct
import tarfile

import pytest

from trimtab.bundle.oci.tar import BLOCK, END, Member, header, padding, read_members

BLOB = f"blobs/sha256/{'a' * 64}"


def member(name, data=b"", **changes):
    """A member whose header is changed by offset, with its checksum made anew: member("x", b"", at156=b"2")."""
    block = bytearray(header(name, len(data)))
    for place, value in changes.items():
        at = int(place.removeprefix("at"))
        block[at : at + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data + bytes(padding(len(data)))


def read(data):
    return read_members(lambda at, length: data[at : at + length], len(data), "a.tar")


def refused(refusal, data):
    found = refusal(read, data)
    assert (found.code, found.where) == ("P213", "a.tar")
    return found.what


def test_what_is_written_is_read():
    data = header("blobs/", 0, folder=True) + member(BLOB, b"abc") + member("oci-layout") + END
    assert read(data) == {BLOB: Member(1024, 3), "oci-layout": Member(2048, 0)}


def test_what_is_written_is_what_others_read():
    data = header("blobs/", 0, folder=True) + member(BLOB, b"abc") + END
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = [(one.name, one.size, one.mode, one.mtime, one.uid, one.isdir()) for one in archive]
    assert found == [("blobs", 0, 0o755, 0, 0, True), (BLOB, 3, 0o644, 0, 0, False)]


def test_what_others_write_in_the_plain_form_is_read():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in (BLOB, "index.json"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uname, info.uid = 5, 1_700_000_000, "somebody", 1000
            archive.addfile(info, io.BytesIO(b"12345"))
    assert read(file.getvalue()) == {BLOB: Member(512, 5), "index.json": Member(1536, 5)}


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (b"1", "a hard link"), (b"2", "a link"), (b"3", "a device"), (b"4", "a device"), (b"6", "a pipe"),
        (b"7", "a contiguous file"), (b"x", "a pax header"), (b"g", "a global pax header"), (b"L", "a GNU long name"),
        (b"K", "a GNU long name"), (b"S", "a sparse file"), (b"D", "a GNU folder dump"), (b"Z", "of the unknown kind"),
    ],
)  # fmt: skip
def test_a_member_of_any_other_kind_is_refused(refusal, kind, what):
    assert f"'{BLOB}' is {what}" in refused(refusal, member(BLOB, at156=kind) + END)


@pytest.mark.parametrize(
    "name",
    [
        "../oci-layout", "/oci-layout", "./oci-layout", "blobs/../oci-layout", "OCI-LAYOUT", "Index.json",
        "manifest.json",
        "blobs/sha256/" + "A" * 64, "blobs/sha256/" + "a" * 63, "blobs/sha512/" + "a" * 64, "index.json ", "blobs", "",
        "index.json/", "index\u200b.json", "a\x1b[2J",
    ],
)  # fmt: skip
def test_a_name_that_no_layout_has_is_refused(refusal, name):
    assert f"{name!r} is no member of an OCI layout" in refused(refusal, member(name) + END)


@pytest.mark.parametrize(
    "changes",
    [
        {"at124": b"\x80" + bytes(10) + b"\x01"},  # a size in base 256
        {"at124": b"\xff" * 12},
        {"at124": b"-0000000001\0"},
        {"at124": b"           \0"},
        {"at124": b"000000000003"},
        {"at100": b"0000888\0"},
        {"at136": b"\x80" + bytes(11)},
        {"at157": b"index.json"},  # a link's goal
        {"at329": b"0000001x"},
        {"at500": b"\0\0\0\0\0\0\0\0\0\0\0\x01"},
    ],
)
def test_a_header_that_says_more_is_refused(refusal, changes):
    assert "has a header that says more than name, size and plain numbers" in refused(
        refusal, member("index.json", **changes) + END
    )


def test_another_form_of_tar_is_refused_with_the_way_to_write_it(refusal):
    found = refusal(read, member("index.json", at257=b"ustar  \0") + END)
    assert (found.what, found.hint) == ("'index.json' is not in the form `ustar`", "write it with `tar --format=ustar`")
    assert "is no member" in refused(refusal, member("index.json", at345=b"etc") + END)  # a name in two parts
    assert "is no member" in refused(refusal, member("index.json", at11=b"x") + END)  # something behind its end


def test_a_name_twice_is_refused_also_of_a_folder_and_a_file(refusal):
    assert refused(refusal, member("index.json") * 2 + END) == "has 'index.json' twice"
    folders = header("blobs/", 0, folder=True) + header("blobs", 0, folder=True)
    assert refused(refusal, folders + END) == "has 'blobs' twice"


def test_a_folder_has_no_content(refusal):
    block = bytearray(member("blobs", b"abc", at156=b"5"))
    assert refused(refusal, bytes(block) + END) == "'blobs' is a folder with content"


def test_bytes_that_belong_to_nothing_are_refused(refusal):
    data = bytearray(member("index.json", b"abc"))
    data[-1] = 1
    assert "bytes behind the end of 'index.json'" in refused(refusal, bytes(data) + END)


@pytest.mark.parametrize("cut", [0, 1, 511, 512, 513, 1023])
def test_an_archive_that_ends_early_is_refused(refusal, cut):
    assert "ends " in refused(refusal, (member("index.json", b"abc") + END)[: 1024 + cut])
    assert "ends " in refused(refusal, (member("index.json", b"abc") + END)[:cut])


def test_a_claim_of_more_than_there_is_names_the_member(refusal):
    data = member("index.json", at124=b"77777777777\0") + END
    assert refused(refusal, data) == "ends inside 'index.json', which should have 8589934591 bytes"


@pytest.mark.parametrize("tail", [b"x", b"\0", b"\0" * 511 + b"x", member("oci-layout"), bytes(2**20), b"PK\5\6" * 128])
def test_whatever_is_appended_is_refused(refusal, tail):
    assert "goes on behind its end" in refused(refusal, member("index.json") + END + tail)


def test_the_zeros_that_fill_a_record_are_no_appendix():
    assert set(read(member("index.json") + END + bytes(10240 - 1536))) == {"index.json"}


@pytest.mark.parametrize(
    ("begin", "what"),
    [
        (b"\x1f\x8b\x08", "compressed with gzip"), (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
        (b"PK\x03\x04", "a zip"),
        (b"\xfd7zXZ\0", "compressed with xz"), (b"BZh9", "compressed with bzip2"), (b"\x04\x22\x4d\x18", "lz4"),
        (b"\x7fELF", "a program"), (b"MZ", "is no tar archive"), (b"#!/bin/sh", "no tar archive"),
    ],
)  # fmt: skip
def test_another_format_is_called_by_its_name(refusal, begin, what):
    data = begin.ljust(BLOCK, b"\1") + member("index.json") + END
    assert what in refused(refusal, data)


def test_every_bit_of_a_header_counts(refusal):
    data = header("index.json", 3) + b"abc".ljust(512, b"\0") + END
    for at in range(BLOCK * 8):
        flipped = bytearray(data)
        flipped[at // 8] ^= 1 << at % 8
        assert refused(refusal, bytes(flipped)), at


def test_every_bit_behind_a_content_counts(refusal):
    data = member("index.json", b"abc") + END
    for at in range((BLOCK + 3) * 8, len(data) * 8, 13):
        flipped = bytearray(data)
        flipped[at // 8] ^= 1 << at % 8
        assert refused(refusal, bytes(flipped)), at


def test_more_members_than_any_bundle_has_are_not_counted_to_the_end(refusal):
    reads = []
    names = (f"blobs/sha256/{number:064x}" for number in range(30_000))

    def endless(at, length):
        reads.append(at)
        return header(next(names), 0)[:length]

    found = refusal(read_members, endless, 2**40, "a.tar")
    assert found.what == "has more than 20000 members"
    assert len(reads) < 50_000


def test_the_layout_of_a_header_is_that_of_the_standard():
    name, size, kind, magic = struct.unpack("100s24x12s20xc100x8s247x", header("index.json", 8**10))
    assert (name.rstrip(b"\0"), size, kind, magic) == (b"index.json", b"10000000000\0", b"0", b"ustar\x0000")
