"""What a message may show of a destination's text, which may be anything."""

from __future__ import annotations

import pytest

from trimtab.journal.ship.settings import safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3://bucket/a?key=x", "`s3://bucket/a`"),
        ("kafka://me:secret@host:1/t", "`kafka://host:1/t`"),
        ("kafka://me:se@cret@host:1/t", "`kafka://host:1/t`"),
        ("s3://bucket#secret", "`s3://bucket`"),
        ("s3://bucket#a?b", "`s3://bucket`"),
        ("x" * 200, "`" + "x" * 120 + "`"),
        ("", "``"),
    ],
)
def test_nothing_of_a_user_and_nothing_behind_the_place(text, shown):
    assert safe(text) == shown
