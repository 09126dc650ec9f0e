"""The same sums with the quick library and without it: a segment that one wrote is read with the other."""

import importlib
import sys
import zlib

from hypothesis import given
from hypothesis import strategies as st

from trimtab.journal.segments import checksum
from trimtab.journal.segments.checksum import crc32


@given(st.binary(max_size=3000), st.integers(0, 2**32 - 1))
def test_it_is_the_sum_of_zlib(data, before):
    assert crc32(data) == zlib.crc32(data)
    assert crc32(data, before) == zlib.crc32(data, before)
    assert crc32(data[5:], crc32(data[:5])) == zlib.crc32(data)


def test_without_the_quick_library_zlib_does_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "isal.isal_zlib", None)  # as if it were not installed
    try:
        assert importlib.reload(checksum).crc32 is zlib.crc32
    finally:
        monkeypatch.undo()
        importlib.reload(checksum)
