"""Whatever is changed in a good token, by one character or by bytes of its parts, it is nobody's."""

from __future__ import annotations

import json
import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.doubles.oidc import AUDIENCE, Realm

from trimtab.server.guard.principal import Grant, Known
from trimtab.server.guard.settings import Issuer
from trimtab.server.guard.tokens.fetching import Fetched
from trimtab.server.guard.tokens.tokens import Tokens
from trimtab.server.guard.tokens.unfit import Unfit

KINDS = ["RS256", "ES256", "EdDSA"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ANY = st.sampled_from(LETTERS) | st.sampled_from("=.+/ \t\r\n\x00\x7f%\\\"'") | st.characters()


@cache
def at(algorithm: str) -> tuple[Tokens, str]:
    """Tokens that have fetched the keys of an issuer, and a good token of it, which is remembered."""
    realm = Realm("https://idp.example", algorithm)
    issuer = Issuer(
        "idp", realm.issuer, (AUDIENCE,), realm.algorithm, "https://idp.example/keys", grants=(Grant("infer"),)
    )
    listed = json.dumps({"keys": [realm.key.jwk]}).encode()
    tokens = Tokens([issuer], lambda _event, _fields: None, fetch=lambda _address, _authorities: Fetched(listed))
    for ring in tokens._rings.values():
        ring.turn()
    token = realm.token(exp=time.time() + 10_000_000)
    assert isinstance(tokens.check(token), Known)
    return tokens, token


def refused(tokens: Tokens, changed: str) -> None:
    assert not isinstance(tokens.check(changed), Known)
    assert isinstance(tokens.check(changed, last=True), Unfit)


@pytest.mark.parametrize("algorithm", KINDS)
@given(data=st.data())
def test_one_character_replaced_inserted_or_taken_away(algorithm: str, data: st.DataObject) -> None:
    tokens, token = at(algorithm)
    place = data.draw(st.integers(0, len(token)))
    letter = data.draw(ANY)
    for changed in (
        token[:place] + letter + token[place + 1 :],
        token[:place] + letter + token[place:],
        token[:place] + token[place + 1 :],
    ):
        if changed != token:
            refused(tokens, changed)
    assert isinstance(tokens.check(token), Known)


@pytest.mark.parametrize("algorithm", KINDS)
def test_no_other_last_letter_of_any_part_will_do(algorithm: str) -> None:
    """Where the last letter has bits that stand for nothing, they have to be zeros."""
    tokens, token = at(algorithm)
    parts = token.split(".")
    assert any(len(part) % 4 for part in parts)
    for number, part in enumerate(parts):
        for letter in LETTERS.replace(part[-1], ""):
            changed = [*parts]
            changed[number] = part[:-1] + letter
            refused(tokens, ".".join(changed))


@pytest.mark.parametrize("algorithm", KINDS)
@given(data=st.data())
def test_parts_of_good_and_other_texts_in_any_order(algorithm: str, data: st.DataObject) -> None:
    tokens, token = at(algorithm)
    pieces = st.sampled_from([*token.split("."), "", "e30", "eyJhbGciOiJub25lIn0"]) | st.text(max_size=20)
    changed = ".".join(data.draw(st.lists(pieces, max_size=5)))
    if changed != token:
        refused(tokens, changed)


@given(st.text(max_size=200) | st.text(LETTERS + ".", max_size=200))
def test_no_text_at_all_is_an_error(text: str) -> None:
    refused(at("ES256")[0], text)
