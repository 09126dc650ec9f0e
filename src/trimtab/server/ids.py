"""Ids for requests that bring none."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator

__all__ = ["own_ids"]


def own_ids() -> Iterator[str]:
    """Ids that no other process gives: chance once, then a count; any thread may take the next one."""
    return map(f"{secrets.token_hex(6)}-{{:x}}".format, itertools.count())
