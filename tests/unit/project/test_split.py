from __future__ import annotations

import re

import pytest

from trimtab.core.traffic import Split
from trimtab.project.split import SPLIT, parse_split


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("request", Split()),
        ("principal", Split("principal")),
        ("header:X-User", Split("header", "x-user")),
        ("column:customer id", Split("column", "customer id")),
    ],
)
def test_what_is_hashed_is_read(text, split):
    assert parse_split(text) == split
    assert re.fullmatch(SPLIT, text)


@pytest.mark.parametrize("text", ["", "user", "header", "header:", "header:a b", "header:a:b", "column:", "request:x"])
def test_what_nobody_can_hash_is_refused(text):
    with pytest.raises(ValueError, match="`"):
        parse_split(text)
    assert not re.fullmatch(SPLIT, text)
