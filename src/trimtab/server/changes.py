"""What is to be served from now on: the changes that a supervisor is asked for, and who is told what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from trimtab.core.errors import TrimtabError
from trimtab.server.endpoint import ServedBundle
from trimtab.server.faults import refused

__all__ = ["Bundles", "Change", "OnlyThose", "Shelf"]

Bundles: TypeAlias = Callable[[], Mapping[str, ServedBundle]]
_SHOWN: Final = 100


def _nobody(_error: TrimtabError | None) -> None:
    pass


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Change:
    """Renew every model, load or renew one, or unload one; `told` is called with why it was not done, or None.

    Of a flight: `fly` has its challenger beside the champion, `land` has it no more, `promote` has it instead; that one
    is told when it is promised, ahead of the processes that keep the promise. Every other is told once.
    wanted: whether it is still worth to be made; asked again and again until it is.
    """

    do: Literal["renew", "load", "unload", "fly", "land", "promote"]
    name: str = ""
    told: Callable[[TrimtabError | None], None] = _nobody
    flight: str = ""
    wanted: Callable[[], bool] = _always


class Shelf(Protocol):
    """The models that could be served. May block while it reads and checks; any process may ask."""

    def known(self) -> Mapping[str, str]:
        """Every name, and the digest that it means now."""

    def find(self, name: str) -> ServedBundle:
        """The bundle that the name means now; TrimtabError for a name that there is none of."""

    def another(self, reference: str) -> ServedBundle:
        """The bundle of an alias or a digest; TrimtabError for none."""

    def mean(self, name: str, digest: str) -> bool:
        """Let the name mean that bundle from now on, also after a restart; False where it always means the same."""


class OnlyThose:
    """A shelf of what is served at the start, looked up again each time."""

    def __init__(self, bundles: Bundles) -> None:
        """What is served at the start."""
        self._bundles = bundles

    def known(self) -> Mapping[str, str]:
        """See `Shelf`."""
        return {name: bundle.digest for name, bundle in self._bundles().items()}

    def find(self, name: str) -> ServedBundle:
        """See `Shelf`."""
        found = self._bundles()
        if name not in found:
            what = f"the models have other names than `{name}` now"
            raise refused("P312", what, hint="start the server anew")
        return found[name]

    def another(self, reference: str) -> ServedBundle:
        """See `Shelf`: there is no store to find it in."""
        raise refused("P312", f"no bundle `{reference[:_SHOWN]}`", hint="this server has no store")

    def mean(self, _name: str, _digest: str) -> bool:
        """See `Shelf`."""
        return False
