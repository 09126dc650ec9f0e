"""Whatever a registry puts into `WWW-Authenticate`: it is read as it was meant, or refused, and never anything else."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from trimtab.bundle.oci.remote.challenge import Challenge, Origin, origin_of, parse_challenges, realm_fault

WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
PARAMS = st.dictionaries(WORDS.map(str.lower), VALUES, min_size=1, max_size=4)
PIECES = st.sampled_from(['"', "\\", ",", "=", " ", "\t", "Basic", "Bearer", "realm", "http://a", "x", "\n", "é"])
HOME = Origin("https", "registry.example", 443)


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.lists(st.tuples(WORDS, PARAMS), min_size=1, max_size=3))
def test_what_is_well_formed_is_read_as_it_was_meant(challenges: list[tuple[str, dict[str, str]]]) -> None:
    text = ", ".join(
        f"{scheme} " + ", ".join(f"{name}={quoted(value)}" for name, value in params.items())
        for scheme, params in challenges
    )
    assert parse_challenges(text) == tuple(Challenge(scheme.lower(), params) for scheme, params in challenges)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_anything_else_is_refused_and_nothing_else_is_raised(text: str) -> None:
    with suppress(ValueError):
        for challenge in parse_challenges(text):
            assert challenge.scheme == challenge.scheme.lower()
            assert realm_fault(challenge.params.get("realm", ""), HOME) is not None


@given(st.text(max_size=40) | VALUES.map("https://{}".format) | VALUES.map("http://{}".format))
def test_credentials_go_nowhere_that_is_not_https_and_an_address(realm: str) -> None:
    if not realm_fault(realm, HOME):
        origin = origin_of(realm)
        assert origin is not None
        assert origin.scheme == "https"
        assert "@" not in realm.partition("://")[2].partition("/")[0].partition("?")[0]
