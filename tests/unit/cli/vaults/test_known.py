"""Which vaults there are, and that nothing of them runs until it is asked."""

from importlib.metadata import EntryPoint

import pytest

from trimtab.cli.vaults.azure import AzureKeyVault
from trimtab.cli.vaults.known import known_vaults
from trimtab.core.errors import OutsideError
from trimtab.core.secrets import VaultError, read_secret

CANARY = "c4n4ry"


class Good:
    def read(self, name):
        return name.upper()


def broken():
    raise ValueError(CANARY)


def point(name, value):
    return EntryPoint(name, f"{__name__}:{value}", "trimtab.vaults")


@pytest.fixture
def vaults(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("types").SimpleNamespace(**globals()))
    names = {"good": "Good", "broken": "broken", "gone": "nothing_of_that_name", "azure-keyvault": "broken"}
    return known_vaults([point(*pair) for pair in names.items()])


def test_the_key_vault_is_there_and_no_package_takes_its_place(vaults):
    assert list(known_vaults()) == ["azure-keyvault"]
    assert isinstance(vaults["azure-keyvault"], AzureKeyVault)


def test_the_vault_of_a_package_is_asked(vaults):
    assert read_secret("good:abc", vaults).reveal() == "ABC"


@pytest.mark.parametrize(("kind", "said"), [("broken", "ValueError"), ("gone", "AttributeError")])
def test_a_vault_that_cannot_be_used_is_named_without_its_own_words(vaults, kind, said):
    with pytest.raises(OutsideError, match=f"P345.*the vault `{kind}` cannot be used: {said}") as caught:
        read_secret(f"{kind}:abc", vaults)
    assert CANARY not in str(caught.value)


def test_what_a_vault_says_itself_is_said(vaults, monkeypatch):
    def read(_self, _name):
        raise VaultError("sealed")

    monkeypatch.setattr(Good, "read", read)
    with pytest.raises(OutsideError, match=r"P345.*no secret was given: sealed"):
        read_secret("good:abc", vaults)
