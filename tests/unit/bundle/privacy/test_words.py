"""The lists of words are what the reader of names can find."""

from __future__ import annotations

import unicodedata

import pytest

from trimtab.bundle.privacy import words
from trimtab.bundle.privacy.kinds import KINDS
from trimtab.bundle.privacy.names import kind_named, words_of

PHRASES = {phrase.strip(): kind for kind, text in words.PHRASES.items() for phrase in " ".join(text.split()).split(",")}


def test_every_kind_is_one_that_is_known():
    assert set(words.PHRASES) | set(words.STEMS.values()) <= set(KINDS)


@pytest.mark.parametrize("phrase", PHRASES)
def test_every_phrase_is_found_as_it_stands_and_joined(phrase):
    kinds = {PHRASES[phrase]} | ({"card", "account"} if PHRASES[phrase] in ("card", "account") else set())
    for name in (phrase, phrase.replace(" ", "_"), phrase.title().replace(" ", ""), f"my-{phrase}", f"{phrase} 2"):
        assert kind_named(name) in kinds, name


def test_words_are_written_as_names_are_read():
    for text in (words.PEOPLE, words.NUMBERS, words.AGES, words.AGED, words.BARE_NAMES, words.AFTER, words.BEFORE):
        for word in " ".join(text.split()).split(","):
            assert words_of(word.strip()) == (word.strip(),)
    assert all(unicodedata.normalize("NFKD", phrase).isascii() and phrase.islower() for phrase in PHRASES if phrase)


def test_nothing_that_makes_it_neutral_is_a_datum_itself():
    after = {word.strip() for word in words.AFTER.split(",")}
    assert not after & {phrase for phrase in PHRASES if " " not in phrase}
