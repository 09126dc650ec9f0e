"""Patterns of branches and tags, as trimtab.toml, both kinds of pipelines and the gate read them alike.

`*` is any letters but `/`, `**` any letters at all; everything else is itself.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["SIDES", "bound", "matches", "name_fault", "pattern_fault", "short_name"]

SIDES: Final = ("refs/heads/", "refs/tags/")

_WILD: Final = re.compile(r"(\*\*|\*)")
# git-check-ref-format(1), with `*` let through
_NEVER: Final = re.compile(r"[\x00-\x20\x7f~^:?\[\\]|\.\.|@\{|//|\*{3}|(^|/)\.|\.lock(/|$)|^[-/]|[/.]$|^@$")


def pattern_fault(pattern: str) -> str:
    """Why no branch or tag could ever have a name of this pattern; empty when one can."""
    if pattern.startswith("refs/"):
        return "it is matched against the name alone, without `refs/heads/` or `refs/tags/`"
    found = _NEVER.search(pattern)
    if found is None:
        return "" if pattern else "it is empty"
    return f"git has no name with `{found[0]}` there" if found[0].isprintable() else "git has no such name"


def name_fault(name: str) -> str:
    """Why no branch or tag has that name; empty when one can."""
    return pattern_fault(name) or ("a pattern is none" if "*" in name else "")


def matches(pattern: str, name: str) -> bool:
    """Whether the name of a branch or tag, without `refs/heads/` or `refs/tags/`, is one of the pattern."""
    wild = {"*": "[^/]*", "**": ".*"}
    parts = (wild.get(part) or re.escape(part) for part in _WILD.split(pattern))
    return re.fullmatch("".join(parts), name, re.DOTALL) is not None


def bound(ref: str, branch: str = "", tag: str = "") -> bool:
    """Whether a ref (`refs/tags/v1`) is what an environment takes; both patterns empty: anything."""
    if not branch and not tag:
        return True
    sides = ((branch, "refs/heads/"), (tag, "refs/tags/"))
    return any(
        bool(pattern) and ref.startswith(side) and matches(pattern, ref.removeprefix(side)) for pattern, side in sides
    )


def short_name(ref: str) -> str:
    """The name as people say it: `v1` of `refs/tags/v1`."""
    return next((ref.removeprefix(side) for side in SIDES if ref.startswith(side)), ref)
