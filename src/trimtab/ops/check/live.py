"""What is live in an environment, as its record of releases says."""

from __future__ import annotations

from collections.abc import Iterable

from trimtab.release.history import past_of
from trimtab.release.ledger.lines import Entry

__all__ = ["live_digest"]


def live_digest(entries: Iterable[Entry], environment: str, name: str) -> str:
    """The digest of the bundle that answers there under that name; empty where nothing was released yet."""
    live = past_of(entries, environment, name).live
    return live.bundle if live is not None else ""
