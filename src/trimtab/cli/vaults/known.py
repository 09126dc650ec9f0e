"""Which vaults there are: ours, and those of installed packages (entry points of the group `trimtab.vaults`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from trimtab.cli.vaults.azure import AzureKeyVault
from trimtab.core.secrets import Vault, VaultError, Vaults

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["known_vaults"]

_GROUP: Final = "trimtab.vaults"


class _Installed:
    """A vault of another package, whose code runs when a secret of it is read and not before."""

    def __init__(self, point: EntryPoint) -> None:
        self._point = point

    def read(self, name: str) -> str:
        """As `Vault`."""
        try:
            make: Callable[[], Vault] = self._point.load()
            vault = make()
        except Exception as error:  # noqa: BLE001  # code of others; its words could hold a secret
            raise VaultError(f"the vault `{self._point.name}` cannot be used: {type(error).__name__}") from None
        return vault.read(name)


def known_vaults(points: Iterable[EntryPoint] | None = None) -> Vaults:
    """Vaults by kind; what an entry point names is called without arguments. No package takes the place of ours."""
    from importlib.metadata import entry_points  # two megabytes, which a server without secrets never needs

    found = entry_points(group=_GROUP) if points is None else points
    return {point.name: _Installed(point) for point in found} | {"azure-keyvault": AzureKeyVault()}
