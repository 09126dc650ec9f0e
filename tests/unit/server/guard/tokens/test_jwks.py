"""Which published keys count: public ones, long enough, meant for the one algorithm, by a name that is theirs alone."""

import json
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.doubles.oidc import SigningKey, number

from trimtab.server.guard.tokens.jwks import NOTHING, address_of, discovery_of, read_keys, require_https

KINDS = ["RS256", "ES256", "EdDSA"]


@cache
def key(algorithm, name="a", turn=0):
    del turn  # another one is another key
    return SigningKey(algorithm, name)


def read(*listed, algorithm="ES256"):
    return read_keys(json.dumps({"keys": listed}).encode(), algorithm)


def without(jwk, *names):
    return {name: value for name, value in jwk.items() if name not in names}


@pytest.mark.parametrize("algorithm", KINDS)
def test_a_key_is_found_by_its_name_and_verifies_what_it_signed(algorithm):
    ours, other = key(algorithm), key(algorithm, "b")
    keys = read(ours.jwk, other.jwk, algorithm=algorithm)
    assert set(keys.named) == {"a", "b"}
    assert keys.find("a").verify(b"data", ours.sign(b"data"))
    assert not keys.find("a").verify(b"data", other.sign(b"data"))
    assert not keys.find("a").verify(b"date", ours.sign(b"data"))
    assert (keys.find("c"), keys.find(None), keys.left_out) == (None, None, 0)


@pytest.mark.parametrize("algorithm", KINDS)
@pytest.mark.parametrize("size", [0, 1, 32, 63, 64, 65, 72, 256, 257, 5000])
def test_signatures_of_any_length_are_no_error(algorithm, size):
    verify = read(key(algorithm).jwk, algorithm=algorithm).find("a").verify
    assert not verify(b"data", bytes(size))
    assert not verify(b"data", b"\xff" * size)


def test_a_token_that_names_no_key_means_the_only_one_there_is():
    named, bare = key("ES256").jwk, without(key("ES256", "b").jwk, "kid")
    assert read(named).find(None) is not None
    assert read(bare).find(None) is not None
    assert read(bare, key("RS256").jwk).find(None) is not None  # one that does not count is not there
    assert read(named, bare).find(None) is None
    assert NOTHING.find(None) is NOTHING.find("a") is None


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA"}, {"kty": "oct", "k": "c2VjcmV0"}, {"kty": None}, {"kty": "ec"}, {"use": "enc"}, {"use": ""},
        {"use": None}, {"alg": "ES384"}, {"alg": "HS256"}, {"alg": None}, {"crv": "P-384"}, {"crv": "secp256k1"},
        {"crv": 1}, {"x": 1}, {"x": ""}, {"x": "!"}, {"x": "AA=="}, {"x": number(1, 32)}, {"kid": 1},
        {"kid": "k" * 257}, {"kid": []}, {"key_ops": ["sign"]}, {"key_ops": []}, {"key_ops": "verify"},
        {"key_ops": None}, {"d": "AQ"},
    ],
)  # fmt: skip
def test_a_key_that_does_not_count_is_left_out_and_the_others_are_not(change):
    keys = read({**key("ES256").jwk, **change}, key("ES256", "b").jwk)
    assert (set(keys.named), keys.left_out) == ({"b"}, 1)


@pytest.mark.parametrize("gone", ["kty", "crv", "x", "y"])
def test_a_key_without_one_of_its_members_does_not_count(gone):
    assert read(without(key("ES256").jwk, gone)) == NOTHING


@pytest.mark.parametrize("gone", ["use", "alg", "kid"])
def test_what_a_key_may_leave_out(gone):
    assert read(without(key("ES256").jwk, gone)).only is not None


def test_what_else_stands_in_a_key_is_passed_over():
    more = {"x5c": ["!"], "x5t": 1, "x5u": "http://a", "key_ops": ["verify"], "nbf": 1, "issuer": "x"}
    assert set(read({**key("ES256").jwk, **more}).named) == {"a"}


@pytest.mark.parametrize("one", [None, 1, "a", [], {}])
def test_what_is_no_key_does_not_count(one):
    assert read(one, key("ES256").jwk).left_out == 1


@pytest.mark.parametrize(("bits", "counts"), [(1024, False), (2040, False), (2048, True), (3072, True)])
def test_rsa_keys_count_from_2048_bits(bits, counts):
    private = rsa.generate_private_key(65537, bits)
    made = SigningKey("RS256", "a", private)
    assert ("a" in read(made.jwk, algorithm="RS256").named) is counts


@pytest.mark.parametrize(
    "change",
    [{"n": number(1 << 8200 | 1)}, {"n": ""}, {"n": "AA"}, {"n": "="}, {"e": ""}, {"e": number(1)}, {"e": number(2)}],
)
def test_rsa_keys_of_other_numbers_do_not_count(change):
    assert read({**key("RS256").jwk, **change}, algorithm="RS256") == NOTHING


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_an_rsa_key_without_an_algorithm_is_one_for_that_of_its_issuer(algorithm):
    assert set(read(without(key("RS256").jwk, "alg"), algorithm=algorithm).named) == {"a"}
    assert (read(key("RS256").jwk, algorithm=algorithm) == NOTHING) is (algorithm != "RS256")


@pytest.mark.parametrize("algorithm", ["ES384", "ES512", "EdDSA", "RS256"])
def test_a_key_of_another_kind_or_curve_does_not_count(algorithm):
    assert read(without(key("ES256").jwk, "alg"), algorithm=algorithm) == NOTHING


def test_a_key_for_agreement_is_none_for_signatures():
    jwk = {**without(key("EdDSA").jwk, "alg"), "crv": "X25519"}
    assert read(jwk, algorithm="EdDSA") == NOTHING


def test_two_keys_by_one_name_do_not_count_and_one_that_is_listed_twice_does():
    first, second = key("ES256").jwk, key("ES256", "a", 2).jwk
    assert read(first, second, key("ES256", "b").jwk).named.keys() == {"b"}
    assert read(first, first).find("a") is not None


def test_sets_are_equal_when_their_keys_are():
    one = key("ES256").jwk
    assert read(one) == read({**one, "x5t": "more"}) == read(one, key("RS256").jwk)
    assert read(one) != read(key("ES256", "b").jwk)
    assert read(one) != read(key("ES256", "a", 2).jwk)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": null}', b'{"keys": [], "keys": []}', b"<html>", b"\xff"]
)
def test_what_is_no_set_is_an_error(body):
    with pytest.raises(ValueError, match=r"."):
        read_keys(body, "ES256")


def test_a_hundred_keys_are_the_most():
    assert read(*[None] * 99, key("ES256").jwk).only is not None
    with pytest.raises(ValueError, match="more than 100 keys"):
        read(*[None] * 100, key("ES256").jwk)


def test_where_an_issuer_says_where_its_keys_are():
    end = ".well-known/openid-configuration"
    assert discovery_of("https://a.example/t/v2.0") == f"https://a.example/t/v2.0/{end}"
    assert discovery_of("https://a.example/t/") == f"https://a.example/t/{end}"


def test_the_address_of_the_keys_is_in_a_document_of_that_very_issuer():
    def address(**said):
        return address_of(json.dumps(said).encode(), "https://a.example")

    assert address(issuer="https://a.example", jwks_uri="https://b.example/k?v=1") == "https://b.example/k?v=1"
    for issuer in ("https://a.example/", "https://b.example", None, ["https://a.example"]):
        with pytest.raises(ValueError, match="another issuer"):
            address(issuer=issuer, jwks_uri="https://b.example/k")
    for uri in ("http://b.example/k", "file:///etc/passwd", "//b.example", 1, None):
        with pytest.raises(ValueError, match=r"https|names no key set"):
            address(issuer="https://a.example", jwks_uri=uri)


@pytest.mark.parametrize(
    "address",
    ["", "a", "http://a.example", "HTTPS:", "https://", "https:///x", "https://u:p@a.example/", "https://a.example@b/",
     "file:///x", "data:,x", "https://a.example/\r\nx: y", "ftp://a.example", "https://[::1"],
)  # fmt: skip
def test_addresses_that_are_not_asked(address):
    with pytest.raises(ValueError, match=r"."):
        require_https(address)


def test_addresses_that_are():
    for address in ("https://a.example", "https://127.0.0.1:8443/x?y", "https://[::1]/", "HTTPS://a.example/"):
        require_https(address)
