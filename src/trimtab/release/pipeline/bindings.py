"""Which branches and tags: `main`, `v*`, as they stand in triggers and as conditions of both kinds of pipelines.

Triggers say it exactly. A condition has no wildcards: it asks for the fixed parts, which lets no ref pass by that the
pattern has and a few more; those the release itself refuses, as it reads the pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Binding", "Part", "bindings_of", "parts_of"]

_SAYABLE: Final = re.compile(r"[A-Za-z0-9._/@*-]+")


@dataclass(frozen=True, slots=True)
class Binding:
    """Branches or tags of a pattern."""

    where: Literal["heads", "tags"]
    pattern: str

    @property
    def sayable(self) -> bool:
        """Whether a trigger and a condition can hold the pattern: letters that mean nothing else to either."""
        return _SAYABLE.fullmatch(self.pattern) is not None


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a whole ref, `refs/heads/main`, must be, start with, end with or contain."""

    how: Literal["is", "starts", "ends", "contains"]
    text: str


def bindings_of(branch: str, tag: str) -> tuple[Binding, ...]:
    """Of what an environment says."""
    branches = (Binding("heads", branch),) if branch else ()
    return (*branches, *((Binding("tags", tag),) if tag else ()))


def parts_of(binding: Binding) -> tuple[Part, ...]:
    """What to ask of a ref; all of them must hold."""
    first, *more = re.split(r"\*+", f"refs/{binding.where}/{binding.pattern}")
    if not more:
        return (Part("is", first),)
    *middle, last = more
    inside = tuple(Part("contains", text) for text in middle if text)
    return (Part("starts", first), *inside, *((Part("ends", last),) if last else ()))
