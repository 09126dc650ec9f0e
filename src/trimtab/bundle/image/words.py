"""What a user says for an image, checked: labels, and the time that it shall carry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from trimtab.core.errors import Problem, UserError

__all__ = ["created_of", "labels_of"]

_LABEL: Final = re.compile(r"[A-Za-z0-9._/-]+=")


def labels_of(words: Iterable[str]) -> dict[str, str]:
    """`KEY=VALUE` words as pairs; UserError P278 for a word of another form."""
    words = list(words)
    for word in words:
        if not _LABEL.match(word) or not word.isprintable():
            hint = "letters, digits, `.`, `_`, `/` and `-` before the `=`, printable characters behind it"
            raise UserError(Problem("P278", f"{word[:100]!r} is no label of the form KEY=VALUE", "--label", hint))
    return dict(word.split("=", 1) for word in words)


def created_of(epoch: str) -> str:
    """RFC 3339 of seconds since 1970, as reproducible builds hand them over; UserError P278 for anything else."""
    try:
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        what, hint = f"`{epoch[:100]}` is no number of seconds", "`unset SOURCE_DATE_EPOCH`"
        raise UserError(Problem("P278", what, "environment variable SOURCE_DATE_EPOCH", hint)) from None
