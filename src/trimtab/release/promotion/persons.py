"""Who is who among signers: one key under two names is one person, and so is one name with two keys."""

from __future__ import annotations

from collections.abc import Iterable

from trimtab.core.attestations import Attestation

__all__ = ["Persons"]


class Persons:
    """The persons behind some attestations."""

    def __init__(self, attestations: Iterable[Attestation]) -> None:
        """Whoever shares a name or a key with somebody is that person, over any number of steps."""
        self._of: dict[str, frozenset[str]] = {}
        for one in attestations:
            marks = frozenset({f"name {one.signer}"} | ({f"key {one.key}"} if one.key else set()))
            for mark in tuple(marks):
                marks |= self._of.get(mark, frozenset())
            self._of |= dict.fromkeys(marks, marks)

    def of(self, one: Attestation) -> frozenset[str]:
        """The person who signed it: all of the names and keys."""
        return self._of[f"name {one.signer}"]

    def is_called(self, one: Attestation, said: str) -> bool:
        """Whether somebody who calls himself that, such as `ann@example.com` or `ann@host`, is who signed it."""
        names = (mark.removeprefix("name ") for mark in self.of(one) if mark.startswith("name "))
        return bool(said) and any(_is_same(name.casefold(), said.casefold()) for name in names)


def _is_same(name: str, said: str) -> bool:
    """The same word; or the same before the `@`, where only one of them says more."""
    if "@" in name and "@" in said:
        return name == said
    return name.partition("@")[0] == said.partition("@")[0]
