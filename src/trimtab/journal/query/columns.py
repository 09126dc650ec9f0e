"""Columns by the names that people type: capitals do not matter, and `age` is `in_age` where nothing else is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trimtab.core.errors import Problem, did_you_mean

__all__ = ["find", "unknown"]

_KINDS = ("in", "out")


def find(name: str, known: Sequence[str]) -> str | None:
    """The one of the known columns that is meant; None where there is none, or more than one."""
    named = {one.lower(): one for one in known}
    found = [named[word] for word in _meant(name) if word in named]
    if found and found[0].lower() == name.lower():
        return found[0]
    return found[0] if len(found) == 1 else None


def unknown(names: Iterable[str], known: Sequence[str], place: str) -> list[Problem]:
    """P933 for each name that is none of the known columns, with the nearest one that is."""
    named = {one.lower(): one for one in known}
    problems = []
    for name in names:
        if name.lower() in named:
            continue
        longer = [f"`{named[word]}`" for word in _meant(name)[1:] if word in named]
        hint = f"did you mean {' or '.join(longer)}?" if longer else did_you_mean(name, known)
        problems.append(Problem("P933", f"there is no column `{name}`", place, hint))
    return problems


def _meant(name: str) -> list[str]:
    return [name.lower(), *(f"{kind}_{name}".lower() for kind in _KINDS)]
