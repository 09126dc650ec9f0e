"""How a secret of a Key Vault is addressed, and what its client's errors are to us."""

import sys
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from trimtab.cli.vaults.azure import AzureKeyVault, _connect
from trimtab.core.secrets import VaultError

CANARY = "c4n4ry"


class Client:
    """Gives back what it was asked for, or raises."""

    def __init__(self, fault=None, value=CANARY):
        self.asked, self.fault, self.value, self.open = [], fault, value, False

    @contextmanager
    def connect(self, url):
        self.asked.append(url)
        self.open = True
        yield self
        self.open = False

    def get_secret(self, name, version):
        assert self.open
        self.asked += [name, version]
        if self.fault:
            raise self.fault
        return SimpleNamespace(value=self.value)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("https://team.vault.azure.net/key", ["https://team.vault.azure.net", "key", None]),
        ("https://team.vault.azure.net/secrets/key", ["https://team.vault.azure.net", "key", None]),
        ("https://t.vault.azure.cn:443/A-1/" + "0f" * 16, ["https://t.vault.azure.cn:443", "A-1", "0f" * 16]),
        ("https://t.vault.azure.net/secrets/secrets/" + "0f" * 16, ["https://t.vault.azure.net", "secrets", "0f" * 16]),
    ],
)
def test_an_address_names_a_vault_a_secret_and_perhaps_a_version(name, asked):
    client = Client()
    assert AzureKeyVault(client.connect).read(name) == CANARY
    assert client.asked == asked


@pytest.mark.parametrize(
    "name",
    [
        "",
        "key",
        "team/key",
        "http://team.vault.azure.net/key",
        "https:///key",
        "https://team.vault.azure.net",
        "https://team.vault.azure.net/",
        "https://team.vault.azure.net/keys/key/x",
        "https://team.vault.azure.net/a_b",
        "https://team.vault.azure.net/key/latest",
        "https://team.vault.azure.net/../key",
        "https://team.vault.azure.net/key?api-version=1",
        "https://team.vault.azure.net/key#x",
        "https://ann:word@team.vault.azure.net/key",
        "https://[::1/key",
    ],
)
def test_what_addresses_no_secret_asks_nobody(name):
    client = Client()
    with pytest.raises(VaultError, match="address of a"):
        AzureKeyVault(client.connect).read(name)
    assert client.asked == []


def test_a_secret_without_a_value_is_empty():
    assert AzureKeyVault(Client(value=None).connect).read("https://team.vault.azure.net/key") == ""


def faults():
    from azure.core import exceptions as azure

    def status(number):
        error = azure.HttpResponseError(CANARY)
        error.status_code = number
        return error

    yield azure.ResourceNotFoundError(CANARY), "no such secret"
    yield azure.ClientAuthenticationError(CANARY), "no identity was found"
    yield status(401), "does not take this identity"
    yield status(403), "may not read the secret"
    yield status(429), "status 429"
    yield azure.ServiceRequestError(CANARY), "nobody answers"
    yield azure.ServiceResponseError(CANARY), "failed: ServiceResponseError"
    yield ValueError(CANARY), "no Key Vault of that domain"
    yield ImportError(CANARY), "not installed"


@pytest.mark.parametrize(("fault", "said"), list(faults()))
def test_what_azure_says_is_said_in_our_words_only(fault, said):
    with pytest.raises(VaultError, match=said) as caught:
        AzureKeyVault(Client(fault).connect).read("https://team.vault.azure.net/key")
    assert CANARY not in caught.value.what + caught.value.hint
    assert caught.value.__suppress_context__


def test_without_the_extra_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "azure.core", None)
    with pytest.raises(VaultError, match="not installed") as caught:
        AzureKeyVault(Client().connect).read("https://team.vault.azure.net/key")
    assert caught.value.hint == "`pip install 'trimtab[azure]'`"


def test_the_real_client_is_of_that_vault_and_is_closed_again():
    with _connect("https://team.vault.azure.net") as client:
        assert client.vault_url == "https://team.vault.azure.net"
