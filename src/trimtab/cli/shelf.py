"""The bundles that a server may serve: those that its command line names, and whatever the store has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from trimtab.bundle.reference import parse_reference
from trimtab.core.errors import Problem, UserError, did_you_mean

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.store import Store

__all__ = ["StoreShelf"]

_LATEST = "latest"
_SHOWN = 100


class StoreShelf:
    """Names to bundles: a name that the command line has given a meaning (an alias, a folder) keeps it."""

    def __init__(self, store: Store, bundle: Callable[[str | None], Bundle], references: Sequence[str | None]) -> None:
        """references: as they were typed; None is the project's own.

        bundle: what one of them means now and may run; it is asked anew each time, so a policy that changed is obeyed.
        """
        self._store = store
        self._bundle = bundle
        self._references = references
        self._said: dict[str, str | None] = {}

    def said(self) -> dict[str, Bundle]:
        """What the command line names, by name; UserError P120 for two of one name."""
        found = [(reference, self._bundle(reference)) for reference in self._references]
        by_name = {bundle.name: bundle for _, bundle in found}
        if len(by_name) < len(found):
            raise UserError(Problem("P120", "two bundles of one name cannot be served by one server", "trimtab serve"))
        self._said = {bundle.name: reference for reference, bundle in found}
        return by_name

    def known(self) -> Mapping[str, str]:
        """The names of the store, with the digest of the latest of each; no content is checked.

        No digest is told of what the command line has given another meaning.
        """
        latest = {entry.name: entry.digest for entry in self._store.list() if _LATEST in entry.aliases and entry.name}
        return latest | {name: "" for name, reference in self._said.items() if reference not in (None, name)}

    def find(self, name: str) -> Bundle:
        """The verified bundle that the name means now; UserError P122 for no name of ours."""
        if name not in self._said and name not in (known := self.known()):
            hint = did_you_mean(name[:_SHOWN], known)
            raise UserError(Problem("P122", f"there is no bundle `{name[:_SHOWN]}`", str(self._store.root), hint))
        bundle = self._bundle(self._said.get(name, name))
        if bundle.name != name:
            raise UserError(Problem("P120", f"what was `{name}` has the name `{bundle.name}` now", "trimtab serve"))
        return bundle

    def another(self, reference: str) -> Bundle:
        """The verified bundle of an alias or a digest; UserError for none that the store has, or that may not run."""
        wanted = parse_reference(reference)
        if wanted is None or (not wanted.digits and not self._store.has(wanted.name)):
            raise UserError(Problem("P122", f"there is no bundle `{reference[:_SHOWN]}`", str(self._store.root)))
        return self._bundle(reference)

    def mean(self, name: str, digest: str) -> bool:
        """Point the alias that the name means at the bundle; False for a folder or a digest, which mean one thing."""
        reference = self._said.get(name) or name
        wanted = parse_reference(reference)
        if wanted is None or wanted.digits or not self._store.has(wanted.name):
            return False
        alias = wanted.alias or _LATEST
        if self._store.pointed(name, alias) != digest:
            self._store.tag(name, alias, digest)
        return True
