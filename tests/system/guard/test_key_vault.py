"""The official Key Vault client against a local stand-in for the service's interface: what is read, what is refused."""

import itertools
import time
from contextlib import ExitStack

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from tests.doubles.authority import Authority
from tests.doubles.keyvault import DOMAIN, FIRST, RESOURCE, TOKEN, WEAK, Vault, connect_to, running

from trimtab.cli.vaults.azure import AzureKeyVault
from trimtab.core.errors import OutsideError
from trimtab.core.secrets import read_secret

NUMBERS = itertools.count()


class Identity:
    """Gives a token, and remembers for which scopes it was asked."""

    def __init__(self, token=TOKEN):
        self.token, self.scopes = token, []

    def get_token(self, *scopes, **_):
        self.scopes.append(scopes)
        if self.token is None:
            raise ClientAuthenticationError("no identity of c4n4ry")
        return AccessToken(self.token, int(time.time()) + 3600)


class Place:
    """A vault that answers, and who asks it."""

    def __init__(self, stack, authority):
        self.stack, self.authority = stack, authority
        self.identity = Identity()
        self.host = f"team-{next(NUMBERS)}.{DOMAIN}"  # the client remembers the challenge of a host for good

    def open(self, resource=RESOURCE, name=""):
        self.vault = Vault(self.host, resource)
        port = self.stack.enter_context(running(self.vault, *self.authority.certify(name or self.host)))
        return AzureKeyVault(connect_to(port, self.authority.ca, self.identity))

    def refused(self, kept, what):
        with pytest.raises(OutsideError) as caught:
            read_secret(f"azure-keyvault:https://{self.host}/churn-key", {"azure-keyvault": kept})
        (problem,) = caught.value.problems
        assert (problem.code, problem.where) == ("P345", f"`azure-keyvault:https://{self.host}/churn-key`")
        assert problem.what == f"no secret was given: {what}"
        assert "c4n4ry" not in str(problem)
        return problem


@pytest.fixture
def place(tmp_path):
    with ExitStack() as stack:
        yield Place(stack, Authority(tmp_path))


@pytest.mark.parametrize(
    ("name", "value"),
    [("churn-key", "new-value"), ("secrets/churn-key", "new-value"), (f"churn-key/{FIRST}", "old-value")],
)
def test_a_secret_is_read_after_the_vaults_challenge(place, name, value):
    kept = {"azure-keyvault": place.open()}
    assert read_secret(f"azure-keyvault:https://{place.host}/{name}", kept).reveal() == value
    assert [token for _, token in place.vault.asked] == [None, f"Bearer {TOKEN}"]
    assert place.identity.scopes == [(f"{RESOURCE}/.default",)]


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        ("gone", "the vault has no such secret, or no such version of it"),
        (f"churn-key/{'f' * 32}", "the vault has no such secret, or no such version of it"),
        ("off", "this identity may not read the secret, or the secret is disabled"),
    ],
)
def test_what_the_vault_does_not_give_is_said(place, secret, what):
    with pytest.raises(OutsideError, match=what):
        read_secret(f"azure-keyvault:https://{place.host}/{secret}", {"azure-keyvault": place.open()})


def test_who_may_not_read_is_told_the_role(place):
    place.identity.token = WEAK
    problem = place.refused(place.open(), "this identity may not read the secret, or the secret is disabled")
    assert "Key Vault Secrets User" in problem.hint


def test_who_is_not_known_is_told_how_to_log_in(place):
    place.identity.token = "c4n4ry"  # noqa: S105 - of nobody
    assert "az login" in place.refused(place.open(), "the vault does not take this identity").hint
    place.identity.token = None
    assert "az login" in place.refused(place.open(), "no identity was found, or it was not taken").hint


@pytest.mark.parametrize(
    "resource", ["https://vault.azure.net", "https://evil.example", "https://example.vault.example.net"]
)
def test_a_host_that_asks_for_the_token_of_another_domain_gets_none(place, resource):
    kept = place.open(resource)
    place.refused(kept, "what answers is no Key Vault of that domain; it was given no token")
    assert [token for _, token in place.vault.asked] == [None]
    assert place.identity.scopes == []


def test_a_vault_without_the_certificate_of_its_name_is_asked_nothing(place):
    place.refused(place.open(name="other.vault.example"), "nobody answers at the vault's address")
    assert (place.vault.asked, place.identity.scopes) == ([], [])
