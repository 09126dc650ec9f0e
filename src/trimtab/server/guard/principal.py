"""Callers and what they may do: a scope, for the endpoints that a pattern names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from math import inf
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

__all__ = ["ANYBODY", "NOBODY", "SCOPES", "Grant", "Kind", "Known", "Principal", "Scope", "parse_grant"]

Scope: TypeAlias = Literal["infer", "read", "feedback", "operate"]
Kind: TypeAlias = Literal["anybody", "key", "token", "certificate"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
_PATTERN: Final = re.compile(r"[a-z0-9*?._-]{1,63}")


class Grant(NamedTuple):
    """One scope, for every endpoint whose name matches: `*` is any letters, `?` is one."""

    scope: Scope
    endpoints: str = "*"

    def __str__(self) -> str:
        """As `parse_grant` reads it."""
        return self.scope if self.endpoints == "*" else f"{self.scope}:{self.endpoints}"


def parse_grant(text: str) -> Grant:
    """The grant of `scope` or `scope:pattern`; raises ValueError that says what is wrong with it."""
    word, colon, pattern = text.partition(":")
    if word not in SCOPES:
        raise ValueError(f"`{word}` is not a scope: {', '.join(f'`{scope}`' for scope in SCOPES)}")
    if colon and not _PATTERN.fullmatch(pattern):
        raise ValueError(f"`{pattern}` is not a pattern of endpoint names, such as `churn-*`")
    return Grant(word, pattern if colon else "*")


@lru_cache(maxsize=4096)
def _may(grants: tuple[Grant, ...], scope: Scope, endpoint: str) -> bool:
    return any(
        grant.scope == scope and (grant.endpoints == "*" or (endpoint != "" and fnmatchcase(endpoint, grant[1])))
        for grant in grants
    )


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: by a name that says how it is known, such as `key:ci`, `token:google:1234` or `certificate:edge-7`."""

    name: str
    grants: tuple[Grant, ...]
    kind: Kind = "key"

    def may(self, scope: Scope, endpoint: str = "") -> bool:
        """Whether the scope is granted for that endpoint, or for every one if none is named."""
        return _may(self.grants, scope, endpoint)

    def may_somewhere(self, scope: Scope) -> bool:
        """Whether the scope is granted for any endpoint at all."""
        return any(grant.scope == scope for grant in self.grants)


@dataclass(frozen=True, slots=True)
class Known:
    """A caller that has shown who it is; until: seconds since 1970, after which it has to be shown again."""

    principal: Principal
    until: float = inf


ANYBODY: Final = Principal("anybody", tuple(map(Grant, SCOPES)), "anybody")  # where nobody is asked
NOBODY: Final = Principal("nobody", (), "anybody")
