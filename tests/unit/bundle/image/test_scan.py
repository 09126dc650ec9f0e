"""Layers are looked through without unpacking them."""

import gzip
import hashlib
import io
import tarfile

import pytest

from trimtab.bundle.image.scan import Found, LayerError, scan

LIBC = b"...GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n"
ELF = b"\x7fELF\2\1\1" + bytes(9) + b"\3\0" + (62).to_bytes(2, "little") + bytes(30)


def layer(*files, links=()):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return out.getvalue()


def scanned(*layers):
    found = Found()
    ids = [scan([data], found) for data in layers]
    return found, ids


@pytest.mark.parametrize("packed", [lambda data: data, lambda data: gzip.compress(data, mtime=0)])
def test_interpreters_and_the_c_library_are_found(packed):
    data = layer(
        ("./usr/bin/python3.11", ELF), ("usr/lib/x86_64-linux-gnu/libc.so.6", LIBC), ("usr/bin/python3.11-config", b""),
        links=[("usr/local/bin/python3.12", "python3"), ("usr/bin/python3", "python3.11")],
    )  # fmt: skip
    found, (diff_id,) = scanned(packed(data))
    assert found.pythons == {"usr/bin/python3.11": "amd64", "usr/local/bin/python3.12": ""}
    assert (found.glibc, found.musl) == (36, False)
    assert diff_id == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_pieces_may_be_cut_anywhere_and_streams_joined():
    data = layer(("usr/bin/python3.11", ELF), ("x", b"y" * 5000))
    packed = gzip.compress(data[:3000]) + gzip.compress(data[3000:])
    found = Found()
    assert scan((packed[at : at + 7] for at in range(0, len(packed), 7)), found) == (
        f"sha256:{hashlib.sha256(data).hexdigest()}"
    )
    assert found.pythons == {"usr/bin/python3.11": "amd64"}


@pytest.mark.parametrize("hidden", ["usr/bin/.wh.python3.11", "usr/bin/.wh..wh..opq", ".wh.usr", "usr/.wh.bin"])
def test_what_an_upper_layer_hides_is_gone(hidden):
    found, _ = scanned(layer(("usr/bin/python3.11", ELF)), layer((hidden, b"")))
    assert found.pythons == {}


def test_a_whiteout_of_another_name_hides_nothing():
    found, _ = scanned(layer(("usr/bin/python3.11", ELF)), layer(("usr/bin/.wh.python3.1", b"")))
    assert list(found.pythons) == ["usr/bin/python3.11"]


def test_musl_is_seen():
    assert scanned(layer(("lib/ld-musl-x86_64.so.1", b"")))[0].musl


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x28\xb5\x2f\xfd....", "zstd"),
        (b"no tar at all" * 100, "header"),
        (b"\x1f\x8b\x08\0" + b"junk" * 9, "[a-z]"),
    ],
)
def test_what_is_no_layer_is_refused(data, said):
    with pytest.raises(LayerError, match=said):
        scan([data], Found())
