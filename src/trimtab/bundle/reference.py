"""How people name a bundle in the store: `churn`, `churn:alias`, `churn@sha256:9f2c41d0`, `sha256:9f2c41d0`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final

from trimtab.core.errors import Problem, UserError

__all__ = ["DIGEST", "Reference", "parse_reference"]

DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_PREFIX: Final = re.compile(r"sha256:([0-9a-f]{6,64})")  # fewer digits are soon ambiguous


@dataclass(frozen=True, slots=True)
class Reference:
    """A name with an alias or with the first digits of a digest; what was not given is empty."""

    name: str
    alias: str = ""
    digits: str = ""

    def __str__(self) -> str:
        """As it is typed."""
        if self.digits:
            return f"{self.name}@sha256:{self.digits}".removeprefix("@")
        return f"{self.name}:{self.alias}" if self.alias else self.name


def parse_reference(text: str) -> Reference | None:
    """What the text names in the store; None for the path of a folder. Raises UserError for a digest that is none."""
    if os.sep in text or text.startswith("."):
        return None
    name, at, rest = text.partition("@")
    if not at and not text.startswith("sha256:"):
        name, _, alias = text.partition(":")
        return Reference(name, alias)
    match = _PREFIX.fullmatch(rest if at else text)
    if match is None:
        what = f"`{rest if at else text}` is not `sha256:` and 6 to 64 of a digest's digits"
        raise UserError(Problem("P231", what, f"`{text}`", "write it as `churn@sha256:9f2c41d0`"))
    return Reference(name if at else "", digits=match[1])
