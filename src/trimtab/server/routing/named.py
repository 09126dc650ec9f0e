"""Which backend of the routes file a challenger's name means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["named"]

_DIGEST: Final = "sha256:"
_LEAST: Final = 6  # digits; fewer are soon ambiguous


def named(challenger: str, endpoint: str, names: Iterable[str]) -> str:
    """The key that is meant: as it is written, behind `ENDPOINT@`, or by the first digits of one digest.

    Any other text comes back as it is.
    """
    text = challenger.removeprefix(f"{endpoint}@")
    known = tuple(names)
    if challenger in known:
        return challenger
    if text in known or not text.startswith(_DIGEST) or len(text) < len(_DIGEST) + _LEAST:
        return text
    meant = [one for one in known if one.startswith(text)]
    return meant[0] if len(meant) == 1 else text
