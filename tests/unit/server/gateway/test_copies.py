from __future__ import annotations

import pytest

from trimtab.server.gateway.copies import Copy


@pytest.mark.parametrize(
    ("pieces", "whole"), [([], b""), ([b"ab", b"", b"c"], b"abc"), ([b"abcd"], b"abcd"), ([b"abc", b"de"], None)]
)
def test_a_body_is_kept_whole_or_not_at_all(pieces, whole):
    copy = Copy(4)
    for piece in pieces:
        copy.add(piece)
    assert copy.whole == whole


def test_a_body_that_was_too_long_stays_so():
    copy = Copy(4)
    for piece in (b"abcde", b"f"):
        copy.add(piece)
    assert copy.whole is None
