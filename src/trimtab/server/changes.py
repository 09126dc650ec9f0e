"""What is to be served from now on: the changes that a supervisor is asked for, and who is told what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from trimtab.core.errors import TrimtabError
from trimtab.server.endpoint import ServedBundle

__all__ = ["Change", "Shelf"]


def _nobody(_error: TrimtabError | None) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Change:
    """Renew every model, load or renew one, or unload one; `told` is called once, with why it was not done, or None."""

    do: Literal["renew", "load", "unload"]
    name: str = ""
    told: Callable[[TrimtabError | None], None] = _nobody


class Shelf(Protocol):
    """The models that could be served. May block while it reads and checks; any process may ask."""

    def known(self) -> Mapping[str, str]:
        """Every name, and the digest that it means now."""

    def find(self, name: str) -> ServedBundle:
        """The bundle that the name means now; TrimtabError for a name that there is none of."""
