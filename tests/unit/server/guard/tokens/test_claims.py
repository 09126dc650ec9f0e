"""What a token claims: times are numbers, audiences and subjects are texts, and roles become grants."""

import math

import pytest

from trimtab.server.guard.principal import Grant, Principal
from trimtab.server.guard.settings import Issuer
from trimtab.server.guard.tokens.claims import good_until, principal_of, require_audience, roles_of
from trimtab.server.guard.tokens.unfit import UnfitError

NOW = 1_000_000.0
ISSUER = Issuer("idp", "https://idp.example", ("churn", "fare"), leeway_s=30)


def reason(call, *arguments):
    with pytest.raises(UnfitError) as caught:
        call(*arguments)
    return caught.value.unfit.reason


def times(**claims):
    return claims, ISSUER, NOW


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW + 1}, {"exp": NOW - 29.9}, {"exp": int(NOW) + 1}, {"exp": 1e300},
        {"exp": NOW + 1, "nbf": NOW + 30}, {"exp": NOW + 1, "iat": NOW + 30}, {"exp": NOW + 1, "nbf": -5, "iat": 0},
    ],
)  # fmt: skip
def test_a_token_is_good_until_its_end_and_the_leeway(claims):
    assert good_until(claims, ISSUER, NOW) == claims["exp"] + 30


@pytest.mark.parametrize("exp", [NOW - 30, NOW - 31, 0, -1, -1e300])
def test_a_token_that_is_over(exp):
    assert reason(good_until, *times(exp=exp)) == "expired"


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_a_token_that_has_not_begun(name):
    assert reason(good_until, *times(exp=NOW + 99, **{name: NOW + 30.5})) == "not yet"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", ["1", "", None, True, False, [NOW], {}, math.nan, math.inf, -math.inf, 10**400])
def test_a_time_is_a_finite_number_and_nothing_that_looks_like_one(name, value):
    assert reason(good_until, *times(**{"exp": NOW + 99, name: value})) == "claims"


def test_a_token_without_an_end_is_not_taken():
    assert reason(good_until, *times(iat=NOW)) == "claims"


@pytest.mark.parametrize("aud", ["churn", "fare", ["churn"], ["x", "fare"]])
def test_audiences_that_are_ours(aud):
    require_audience({"aud": aud}, ISSUER)


@pytest.mark.parametrize(
    "aud",
    [
        "", "x", "churn ", "CHURN", "churn fare", [], ["x"], [["churn"]], ["churn", 1], ["churn", None], None, 1, True,
        {"churn": 1},
    ],
)  # fmt: skip
def test_audiences_that_are_not(aud):
    assert reason(require_audience, {"aud": aud}, ISSUER) == "audience"
    assert reason(require_audience, {}, ISSUER) == "audience"


def test_nobody_is_meant_where_the_settings_name_no_audience():
    assert reason(require_audience, {"aud": ""}, Issuer("idp", "https://idp.example", ())) == "audience"


@pytest.mark.parametrize("sub", ["a", "a" * 256, "auth0|12 3", "ärzte", "日本"])
def test_the_principal_is_called_after_issuer_and_subject(sub):
    issuer = Issuer("idp", "https://idp.example", (), grants=(Grant("infer"),))
    assert principal_of({"sub": sub}, issuer) == Principal(f"token:idp:{sub}", (Grant("infer"),), "token")


@pytest.mark.parametrize(
    "sub",
    [
        "", "a" * 257, "a\nb", "a\x00", "\x7f", "\x1b[2J", "\ud800", "a\u202eb", "a\u2028b", "a\u200bb", 1, None,
        True, ["a"], {},
    ],
)  # fmt: skip
def test_subjects_that_name_nobody(sub):
    assert reason(principal_of, {"sub": sub}, ISSUER) == "subject"
    assert reason(principal_of, {}, ISSUER) == "subject"


def test_the_subject_is_the_claim_that_the_settings_name():
    issuer = Issuer("entra", "https://idp.example", (), subject="oid")
    assert principal_of({"sub": "x", "oid": "7"}, issuer).name == "token:entra:7"


def test_grants_are_those_of_all_tokens_and_of_the_roles_each_once():
    roles = {"scorer": (Grant("infer", "churn-*"), Grant("read")), "boss": (Grant("operate"),)}
    issuer = Issuer("idp", "https://idp.example", (), grants=(Grant("read"),), roles=roles)

    def grants(**claims):
        return [str(grant) for grant in principal_of({"sub": "a", **claims}, issuer).grants]

    assert grants(roles=["scorer", "unknown", "scorer"]) == ["read", "infer:churn-*"]
    assert grants(roles="boss scorer") == ["read", "operate", "infer:churn-*"]
    assert grants() == grants(roles=[]) == grants(roles={"boss": 1}) == grants(roles=["boss", 1]) == ["read"]


def test_a_caller_without_any_grant_is_a_caller():
    assert principal_of({"sub": "a"}, ISSUER).grants == ()


@pytest.mark.parametrize(
    ("claims", "name", "roles"),
    [
        ({"roles": ["a", "b"]}, "roles", ("a", "b")),  # Entra: roles of applications
        ({"scp": "a b  c"}, "scp", ("a", "b", "c")),  # Entra: scopes that users lent
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ("a",)),  # Keycloak
        ({"a": {"b": {"c": "x"}}}, "a.b.c", ("x",)),
        ({"a.b": ["whole"], "a": {"b": ["part"]}}, "a.b", ("whole",)),
        ({"https://x.example/roles": ["a"]}, "https://x.example/roles", ("a",)),  # Auth0
        ({"a.b": None, "a": {"b": ["part"]}}, "a.b", ("part",)),
        ({"a": ["b"]}, "a.b", ()),
        ({"a": "b"}, "a.b", ()),
        ({}, "a.b", ()),
        ({"": ["a"]}, "a", ()),
        ({"roles": 1}, "roles", ()),
        ({"roles": [["a"]]}, "roles", ()),
        ({"roles": ["a", None]}, "roles", ()),
        ({"roles": {"a": True}}, "roles", ()),
    ],
)
def test_where_roles_are_found(claims, name, roles):
    assert roles_of(claims, name) == roles
