"""Azure Key Vault: `azure-keyvault:https://team.vault.azure.net/NAME`, perhaps with `/VERSION`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, TypeAlias

from trimtab.core.secrets import VaultError

__all__ = ["AzureKeyVault", "Connect"]

# an open `SecretClient` for the address of a vault
Connect: TypeAlias = Callable[[str], AbstractContextManager[Any]]

_PATIENCE_S: Final = 10
_ADDRESS: Final = re.compile(
    r"(?P<vault>https://[0-9A-Za-z.-]+(?::[0-9]{1,5})?)/(?:secrets/)?"
    r"(?P<name>[0-9A-Za-z-]{1,127})(?:/(?P<version>[0-9a-f]{32}))?"
)
_FORM: Final = "`azure-keyvault:https://team.vault.azure.net/NAME`, or what the portal calls the secret's identifier"
_ROLE: Final = "it takes the role `Key Vault Secrets User` on the vault"
_LOGIN: Final = "`az login`, a managed identity, or the variables `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and further ones"


class AzureKeyVault:
    """Reads with whatever identity Azure's `DefaultAzureCredential` finds: the environment's, a workload's, `az`'s.

    The client gives its token to a host below the domain that the token is for, and to no other.
    """

    def __init__(self, connect: Connect | None = None) -> None:
        """Nothing is imported or connected yet."""
        self._connect = connect or _connect

    def read(self, name: str) -> str:
        """As `core.secrets.Vault`; VaultError also where the extra `azure` is not installed."""
        found = _ADDRESS.fullmatch(name)
        if found is None:
            raise VaultError("this is no address of a secret in a Key Vault", _FORM)
        with _translated(), self._connect(found["vault"]) as client:
            value = client.get_secret(found["name"], found["version"]).value
        return value or ""


@contextmanager
def _connect(url: str) -> Iterator[Any]:
    from azure.identity import DefaultAzureCredential
    from azure.keyvault.secrets import SecretClient

    patience = {"connection_timeout": _PATIENCE_S, "read_timeout": _PATIENCE_S}
    with DefaultAzureCredential() as credential, SecretClient(url, credential, **patience) as client:
        yield client


@contextmanager
def _translated() -> Iterator[None]:
    """Azure's errors as ours, without their texts: those can repeat what a server sent."""
    try:
        from azure.core import exceptions as faults
    except ImportError:
        raise VaultError("Azure's libraries are not installed", "`pip install 'trimtab[azure]'`") from None
    try:
        yield
    except ImportError:
        raise VaultError("Azure's libraries are not installed", "`pip install 'trimtab[azure]'`") from None
    except faults.ResourceNotFoundError:
        raise VaultError("the vault has no such secret, or no such version of it") from None
    except faults.HttpResponseError as error:
        raise _refusal(error.status_code) from None
    except faults.ServiceRequestError:
        raise VaultError("nobody answers at the vault's address", "is it right, and the network up?") from None
    except faults.AzureError as error:
        raise VaultError(f"the talk with the vault failed: {type(error).__name__}") from None
    except ValueError:  # the challenge asks for a token that is meant for another domain
        raise VaultError("what answers is no Key Vault of that domain; it was given no token") from None


def _refusal(status: int | None) -> VaultError:
    match status:
        case None:
            return VaultError("no identity was found, or it was not taken", _LOGIN)
        case 401:
            return VaultError("the vault does not take this identity", _LOGIN)
        case 403:
            return VaultError("this identity may not read the secret, or the secret is disabled", _ROLE)
        case _:
            return VaultError(f"the vault answered with status {status}")
