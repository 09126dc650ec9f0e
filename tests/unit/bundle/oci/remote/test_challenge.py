"""`WWW-Authenticate`, read strictly, and where credentials are brought."""

import pytest

from trimtab.bundle.oci.remote.challenge import Challenge, Origin, origin_of, parse_challenges, realm_fault

HOME = Origin("https", "registry.example", 443)
OWN = Origin("http", "127.0.0.1", 5000)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Basic realm="a, b"', [Challenge("basic", {"realm": "a, b"})]),
        ("BASIC Realm=x", [Challenge("basic", {"realm": "x"})]),
        ('Bearer realm="https://a/t",service="s"', [Challenge("bearer", {"realm": "https://a/t", "service": "s"})]),
        ("Negotiate abc==, Basic realm=x", [Challenge("negotiate", {}), Challenge("basic", {"realm": "x"})]),
        (r'Basic realm="a\"b\\c"', [Challenge("basic", {"realm": 'a"b\\c'})]),
        (",, Basic realm = x ,", [Challenge("basic", {"realm": "x"})]),
        ("Negotiate", [Challenge("negotiate", {})]),
    ],
)
def test_challenges_are_read_in_their_order(text, found):
    assert list(parse_challenges(text)) == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty"),
        (" , ", "is empty"),
        ("realm=x", "is malformed"),
        ('Bearer realm="x', "is malformed"),
        ('Bearer realm="a"b"', "is malformed"),
        ('Bearer realm="a\nb"', "is malformed"),
        ("Bearer realm=x, realm=y", "says `realm` twice"),
        ('Bearer realm="é"', "is malformed"),
        ('"' * 4000, "is malformed"),
        ("Basic realm=" + "x" * 5000, "is too long"),
    ],
)
def test_what_is_malformed_is_refused_and_not_repeated(text, fault):
    with pytest.raises(ValueError, match=f"^{fault}$"):
        parse_challenges(text)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://A.example/x?y", Origin("https", "a.example", 443)),
        ("http://a.example:81", Origin("http", "a.example", 81)),
        ("https://[::1]:5/x", Origin("https", "::1", 5)),
        ("ftp://a.example/", None),
        ("//a.example/", None),
        ("https://user@a.example/", None),
        ("https://a.example:99999/", None),
        ("https://a.example/ x", None),
        ("https://a.example\\@b.example/", None),
        ("https:///x", None),
        ("https://ä.example/", None),
    ],
)
def test_an_origin_is_a_scheme_a_host_and_a_port(url, origin):
    assert origin_of(url) == origin
    assert origin is None or origin_of(origin.base) == origin


@pytest.mark.parametrize(
    ("realm", "registry", "sound"),
    [
        ("https://auth.example/token", HOME, True),
        ("https://auth.example/token", OWN, True),
        ("http://registry.example/token", HOME, False),
        ("http://127.0.0.1:5001/token", HOME, False),
        ("http://127.0.0.1:5001/token", OWN, True),
        ("http://[::1]:5001/token", OWN, True),
        ("http://localhost.example/token", OWN, False),
        ("http://auth.example/token", OWN, False),
        ("http://registry.example/token", Origin("http", "registry.example", 80), True),
        ("https://auth.example/#x", HOME, False),
        ("https://u:p@auth.example/", HOME, False),
        ("/token", HOME, False),
        ("", HOME, False),
    ],
)
def test_credentials_go_to_https_or_to_the_registrys_own_host(realm, registry, sound):
    assert (realm_fault(realm, registry) == "") is sound
