"""Many short texts at once."""

import random

import pytest

from trimtab.bundle.secrets.anchors import Anchors
from trimtab.bundle.secrets.tokens import KEYWORDS, TOKENS

TEXTS = [b"ab", b"abc", b"bca", b"\x00\xff", b"cabcab", b"aaaa", b"b\xff"]


def everywhere(data, texts):
    """The same, one text and one place after the other."""
    return sorted((at, text) for text in set(texts) for at in range(len(data)) if data.startswith(text, at))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("size", [0, 1, 2, 3, 50, 3000])
def test_it_finds_what_looking_everywhere_finds(seed, size):
    chance = random.Random(seed)
    data = bytes(chance.choice(b"abc\x00\xff") for _ in range(size))
    assert sorted(Anchors(TEXTS).find(data)) == everywhere(data, TEXTS)


def test_every_text_is_found_wherever_it_stands():
    texts = [*KEYWORDS, *(anchor for token in TOKENS for anchor in token.anchors)]
    found = Anchors(texts)
    for text in texts:
        for around in (b"%b", b"\0%b", b"%b\0", b"  %b  "):
            data = around % text
            assert (data.index(text), text) in list(found.find(data))


def test_blocks_hide_nothing_and_tell_nothing_twice():
    block = 1 << 18
    data = bytearray(3 * block)
    places = [block - 6, block - 3, block, 2 * block - 1, 3 * block - 6]
    for at in places:
        data[at : at + 6] = b"cabcab"
    assert [at for at, _ in Anchors([b"cabcab"]).find(bytes(data))] == places


def test_they_come_in_order():
    assert list(Anchors(TEXTS).find(b"xabcab")) == [(1, b"ab"), (1, b"abc"), (2, b"bca"), (4, b"ab")]
