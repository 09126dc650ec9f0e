from __future__ import annotations

import pytest

from trimtab.server.routing.named import named

ONE, TWO = f"sha256:{'ab' * 32}", f"sha256:{'ab' * 31}cd"
KEYS = ("r1", ONE, TWO)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("r1", "r1"),
        ("churn@r1", "r1"),
        (ONE, ONE),
        (f"churn@{TWO}", TWO),
        (TWO[:-1], TWO),
        ("sha256:ababab", "sha256:ababab"),  # both
        ("sha256:ab", "sha256:ab"),  # too few digits
        ("other@r1", "other@r1"),
        ("", ""),
    ],
)
def test_a_challenger_is_a_key_or_the_beginning_of_one_digest(text, key):
    assert named(text, "churn", KEYS) == key


def test_a_beginning_that_is_one_digests_alone_is_enough():
    assert named("sha256:ababab", "churn", ("r1", ONE)) == ONE
