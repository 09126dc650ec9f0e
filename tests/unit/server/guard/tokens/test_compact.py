"""A token has one reading: what is written in another way is no token."""

import base64
import json

import pytest

from trimtab.server.guard.tokens.compact import decode_part, parse_object, take_apart
from trimtab.server.guard.tokens.unfit import UnfitError


def part(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(header, claims=None, signature=b"\1\2\3"):
    return f"{part(header)}.{part({'iss': 'x'} if claims is None else claims)}.{part(signature)}"


def reason(text):
    with pytest.raises(UnfitError) as caught:
        take_apart(text)
    return caught.value.unfit.reason


def test_the_parts_of_a_token():
    text = token({"alg": "RS256", "kid": "a", "typ": "JWT", "x5t": "b", "more": [1]}, {"iss": "x", "n": {"m": 1}})
    parts = take_apart(text)
    assert (parts.algorithm, parts.key, parts.claims) == ("RS256", "a", {"iss": "x", "n": {"m": 1}})
    assert parts.signed == text.rpartition(".")[0].encode()
    assert parts.signature == b"\1\2\3"


def test_a_key_and_an_algorithm_need_not_be_named():
    parts = take_apart(token({}))
    assert (parts.algorithm, parts.key) == (None, None)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/jwt", "Application/at+JWT"])
def test_types_that_are_taken(typ):
    assert take_apart(token({"typ": typ})).claims == {"iss": "x"}


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWE"}, {"typ": ""}, {"typ": None}, {"typ": ["JWT"]}, {"typ": "application/application/jwt"},
        {"crit": []}, {"crit": ["exp"]}, {"jku": "https://a"}, {"jwk": {}}, {"jwk": None}, {"x5u": ""}, {"x5c": []},
        {"b64": True}, {"kid": 1}, {"kid": None}, {"kid": ["a"]}, {"kid": {}}, {"kid": True}, {"kid": "a" * 257},
    ],
)  # fmt: skip
def test_headers_that_are_never_taken(header):
    assert reason(token({"alg": "RS256", **header})) == "header"


def test_a_name_of_256_characters_is_the_longest():
    assert take_apart(token({"kid": "k" * 256})).key == "k" * 256


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "a.b", "e30.e30", "e30.e30.e30.e30", "e30.e30.e30.", "e30..e30"]
)
def test_a_token_has_three_parts_with_objects(text):
    assert reason(text) == "malformed"


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"1", b"null", b'"a"', b'{"a": 1}{', b'{"a": NaN}', b'{"a": -Infinity}', b"\xef\xbb\xbf{}",
        b'{"a": "\xff"}', b'{"a": 1, "a": 1}', b'{"b": {"a": 1, "a": 2}}', '{"a": 1}'.encode("utf-16"), b"{'a': 1}",
        b'{"a": "\n"}', b'{"a": ' + b"[" * 6000 + b"]" * 6000 + b"}", b'{"a": ' + b"9" * 5000 + b"}",
        b'{"alg": "none", "\\u0061lg": "RS256"}',
    ],
    ids=range(19),
)  # fmt: skip
def test_what_is_no_strict_json_object_is_malformed_wherever_it_stands(raw):
    with pytest.raises(ValueError, match=r"."):
        parse_object(raw)
    assert reason(token(raw)) == "malformed"
    assert reason(token({}, raw)) == "malformed"


def test_white_space_in_json_is_no_fault():
    assert parse_object(b' \n{"a" : [1.5, {"b": null}]}\t') == {"a": [1.5, {"b": None}]}


@pytest.mark.parametrize("raw", [b"", b"a", b"ab", b"abc", bytes(range(256))])
def test_every_bytes_have_one_way_to_be_written(raw):
    text = part(raw)
    assert decode_part(text) == raw
    others = [
        text + "=",
        text + "==",
        "=" + text,
        text + "A",
        " " + text,
        text + "\n",
        text[:-1] + "+",
        "\u00e9" + text,
    ]
    for other in others:
        try:
            found = decode_part(other)
        except ValueError:
            continue
        assert part(found) == other  # `A` more makes other bytes; nothing else is read at all
        assert other == text + "A"


@pytest.mark.parametrize("text", ["AB", "AAB", "A", "AAAAA", "A+==", "A/AA", "AA.A", "AA=="])
def test_unused_bits_lengths_and_letters_that_are_not_canonical(text):
    with pytest.raises(ValueError, match=r"."):
        decode_part(text)
