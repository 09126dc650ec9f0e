"""Forged tokens against a real provider over TLS: each is refused for its own reason, and the good ones pass."""

from __future__ import annotations

import json

import pytest
from tests.doubles.forgeries import FORGERIES, GROUPS
from tests.doubles.forging import STRANGERS, strange
from tests.doubles.oidc import Provider, say
from tests.system.guard.conftest import Asking

from trimtab.server.guard.principal import Known
from trimtab.server.guard.tokens.unfit import REASONS, Unfit


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory):
    """A provider, and what has fetched its keys."""
    with Provider(tmp_path_factory.mktemp("provider")) as provider:
        asking = Asking(provider)
        asking.tokens.start()
        yield provider, asking
        asking.tokens.close()


def good(provider: Provider, asking: Asking) -> list[str]:
    """The names of those whom good tokens of both issuers belong to."""
    found = [asking.ask(realm.token(sub="ann")) for realm in (provider.main, provider.edge)]
    assert all(isinstance(one, Known) for one in found), found
    return [one.principal.name for one in found]


@pytest.mark.parametrize(("reason", "name"), [(reason, name) for reason, group in GROUPS.items() for name in group])
def test_a_forged_token_is_refused_and_the_good_one_is_not(asked, reason, name):
    provider, asking = asked
    assert good(provider, asking) == ["token:main:ann", "token:edge:ann"]
    forged = FORGERIES[name](provider)
    first = asking.tokens.check(forged)
    # only a key that is not there may be waited for, and whoever has waited is refused
    assert first == Unfit(reason) or (first is None and (reason == "unknown key" or name == "kid_missing"))
    assert asking.tokens.check(forged, last=True) == Unfit(reason)
    assert good(provider, asking) == ["token:main:ann", "token:edge:ann"]


def test_forgeries_are_many_and_every_reason_has_some():
    assert len(FORGERIES) == sum(map(len, GROUPS.values())) > 100
    assert set(GROUPS) == set(REASONS)
    assert all(GROUPS.values())


@pytest.mark.parametrize("around", [" {}", "{} ", "\t{}", "{}\n", "\n{}", "{}\x00", '"{}"', "Bearer {}"])
def test_nothing_may_stand_around_a_good_token(asked, around):
    provider, asking = asked
    token = provider.main.token()
    assert asking.tokens.check(around.format(token), last=True) == Unfit("malformed")
    assert isinstance(asking.ask(token), Known)


def test_a_stranger_who_makes_us_wait_is_refused_after_the_next_fetch(provider, asking):
    good(provider, asking)
    before = provider.requests["/main/keys"]
    assert asking.ask(FORGERIES["kid_a_path"](provider)) == Unfit("unknown key")
    assert provider.requests["/main/keys"] == before + 1


def test_no_key_that_a_token_brings_is_fetched_or_believed(provider, asking):
    """The addresses in a header are those of a provider that would give the stranger's key."""
    stranger = STRANGERS["RS256"]
    body = json.dumps({"keys": [stranger.jwk]}).encode()
    provider.answers["/stranger"] = lambda handler: say(handler, 200, body)
    good(provider, asking)
    for header in ({"jku": f"{provider.address}/stranger"}, {"x5u": f"{provider.address}/stranger"}):
        assert asking.ask(strange(kid=stranger.name, **header)(provider)) == Unfit("header")
    assert asking.ask(strange(kid=f"{provider.address}/stranger")(provider)) == Unfit("unknown key")
    assert provider.requests["/stranger"] == 0


def test_a_provider_below_another_authority_is_not_believed(provider, tmp_path):
    (tmp_path / "other").mkdir()
    with Provider(tmp_path / "other") as other:
        asking = Asking(provider, authorities=other.authorities)
        asking.tokens.start()
        assert asking.ask(provider.main.token()) == Unfit("unknown key")
        asking.tokens.close()
    failed = [fields["why"] for event, fields in asking.said if event == "keys not fetched"]
    assert failed
    assert all("CERTIFICATE_VERIFY_FAILED" in why for why in failed)
    assert not provider.requests
