"""What the realm is asked, and what of its answer is taken."""

from urllib.parse import parse_qs

import pytest

from trimtab.bundle.oci.remote.challenge import Challenge
from trimtab.bundle.oci.remote.credentials import Login
from trimtab.bundle.oci.remote.tokens import bearer, token_request

REALM = "https://auth.example/token"


def test_a_user_asks_with_the_password_for_the_scope_of_the_challenge():
    challenge = Challenge("bearer", {"realm": REALM, "service": "s x", "scope": "repository:a:pull"})
    request = token_request(challenge, "other", Login("u", "p"))
    assert (request.method, request.url) == ("GET", f"{REALM}?service=s+x&scope=repository%3Aa%3Apull")
    assert request.headers == {"authorization": "Basic dTpw"}


def test_nobody_asks_without_and_for_what_is_needed():
    request = token_request(Challenge("bearer", {"realm": f"{REALM}?a=b"}), "repository:a:pull", None)
    assert request.url == f"{REALM}?a=b&scope=repository%3Aa%3Apull"
    assert request.headers == {}


def test_an_identity_token_is_changed_for_another_in_the_body():
    request = token_request(Challenge("bearer", {"realm": REALM, "service": "s"}), "x", Login("", "", "secret"))
    assert (request.method, request.url) == ("POST", REALM)
    assert parse_qs(request.body.decode()) == {
        "grant_type": ["refresh_token"], "refresh_token": ["secret"], "client_id": ["trimtab"], "service": ["s"],
        "scope": ["x"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "body", [b'{"token": "abc"}', b'{"access_token": "abc"}', b'{"token": null, "access_token": "abc"}']
)
def test_a_token_has_one_of_two_names(body):
    assert bearer(body) == "Bearer abc"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"token": 1}', b'{"token": ""}', b"{}", b'{"token": "a b"}', b'{"token": "a\\nb"}', b"\xff"]
)
def test_what_is_no_token_is_refused(body):
    with pytest.raises(ValueError, match=r"is no answer|has no token"):
        bearer(body)
