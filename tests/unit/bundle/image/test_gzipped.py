"""What is packed comes back, and nothing else is said."""

import gzip
import hashlib

from trimtab.bundle.image.gzipped import pack


def test_the_stream_unpacks_and_is_named_by_both_digests():
    out = bytearray()
    packed = pack([b"one", b"", b"two" * 1000], out.extend)
    data = b"one" + b"two" * 1000
    assert gzip.decompress(out) == data
    assert packed.digest == f"sha256:{hashlib.sha256(out).hexdigest()}"
    assert packed.diff_id == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert (packed.size, packed.unpacked) == (len(out), len(data))


def test_the_header_holds_no_time_no_name_and_no_system():
    out = bytearray()
    pack([b"x"], out.extend)
    assert bytes(out[:10]) == b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def test_how_the_content_is_cut_does_not_count_for_what_it_unpacks_to():
    one, other = bytearray(), bytearray()
    assert pack([b"a" * 70_000], one.extend).diff_id == pack([b"a"] * 70_000, other.extend).diff_id
