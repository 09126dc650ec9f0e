"""One credential, in one of two headers, or none."""

import pytest

from trimtab.server.guard.credentials import LONGEST, MalformedError, credential


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, ""),
        ({b"authorization": b"Bearer abc"}, "abc"),
        ({b"authorization": b"bearer   abc "}, "abc"),
        ({b"x-api-key": b"abc"}, "abc"),
        ({b"authorization": b"Bearer " + b"a" * LONGEST}, "a" * LONGEST),
    ],
)
def test_a_credential_is_found(headers, found):
    assert credential(headers) == found


@pytest.mark.parametrize(
    "headers",
    [
        {b"authorization": b""},
        {b"authorization": b"Bearer"},
        {b"authorization": b"Bearer "},
        {b"authorization": b"Basic YTpi"},
        {b"authorization": b"abc"},
        {b"authorization": b"Bearer a b"},
        {b"authorization": b"Bearer a, Bearer b"},
        {b"authorization": b"Bearer a\tb"},
        {b"authorization": b"Bearer \xff"},
        {b"authorization": b"Bearer " + b"a" * (LONGEST + 1)},
        {b"x-api-key": b""},
        {b"x-api-key": b"a, b"},
        {b"authorization": b"Bearer a", b"x-api-key": b"a"},
    ],
)
def test_what_could_be_read_in_two_ways_is_none(headers):
    with pytest.raises(MalformedError):
        credential(headers)
