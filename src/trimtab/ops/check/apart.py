"""Production must not point at test: settings of an environment that lead to the same place as another's.

A place is a host, an address, a path, a bucket, a database, an issuer, a secret's source: whatever two environments
would share by having the same value. Settings of `[server]` that name one count for every environment that keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from trimtab.core.hosts import is_loopback
from trimtab.release.environments import Environment

__all__ = ["Same", "places_of", "same_places"]

# keys of ours that name a place whatever their value looks like
_KEYS: Final = frozenset({"audit", "folder", "issuer", "jwks", "keys", "quotas", "secret", "ship", "telemetry"})
# words of a variable's name that say that its value is one
_WORDS: Final = frozenset({
    "account", "addr", "address", "broker", "brokers", "bucket", "container", "database", "db", "dir", "dsn",
    "endpoint", "folder", "host", "hostname", "hub", "index", "namespace", "path", "queue", "schema", "server",
    "storage", "table", "topic", "uri", "url", "vault",
})  # fmt: skip
_HOST: Final = re.compile(
    r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+(:[0-9]+)?|[A-Za-z][A-Za-z0-9_.-]*:[0-9]{2,5}"
)
_FILES: Final = re.compile(r".*\.(json|toml|yaml|yml|txt|csv|parquet|pem|py)")
_ANYWHERE: Final = frozenset({"0.0.0.0", "::", "localhost"})  # noqa: S104  # named to be left out, not listened on


@dataclass(frozen=True, slots=True)
class Same:
    """A setting that leads to the same place in another environment. theirs: its name there."""

    name: str
    other: str
    theirs: str

    def __str__(self) -> str:
        """As people read it; without the value, in which a secret may stand."""
        there = f"in `{self.other}`" if self.name == self.theirs else f"as `{self.theirs}` in `{self.other}`"
        return f"`{self.name}` is the same {there}"


def same_places(name: str, environments: Mapping[str, Environment], shared: Sequence[str]) -> list[Same]:
    """All that one environment shares with others and may not. shared: names, as patterns, that may be the same."""
    mine = places_of(environments[name])
    found = []
    for other, environment in environments.items():
        if other == name:
            continue
        theirs: dict[str, str] = {}
        for their, value in places_of(environment).items():
            theirs.setdefault(value, their)
        for setting, value in mine.items():
            if value in theirs and not any(fnmatchcase(setting, pattern) for pattern in shared):
                found.append(Same(setting, other, theirs[value]))
    return found


def places_of(environment: Environment) -> dict[str, str]:
    """Settings that lead somewhere, by their dotted name, in one form for each place."""
    said = {
        "server": environment.server,
        "variables": environment.variables,
        "secrets": {one.name: one.source for one in environment.secrets},
        "target": dict(environment.target.options),
        "telemetry": environment.telemetry,
        "host": environment.host,
    }
    return {name: _one_form(value) for name, value in _flat(said, "") if _is_place(name, value)}


def _flat(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for at, inner in enumerate(value):
            yield from _flat(inner, f"{name}.{at}")
    elif isinstance(value, str) and value:
        yield name, value


def _is_place(name: str, value: str) -> bool:
    top, *_ = parts = name.split(".")
    bare = value.rpartition(":")[0] if value.count(":") == 1 else value
    if value in _ANYWHERE or is_loopback(bare):
        return False
    if top == "secrets" or "://" in value or value.startswith(("/", "~/")):
        return True
    words = {word for part in parts[1:] for word in re.split(r"[^a-z]+", part.lower())}
    if top == "variables" and words & _WORDS:
        return True
    if top in ("server", "telemetry") and (top == "telemetry" or set(parts) & _KEYS):
        return True
    return bool(_HOST.fullmatch(value)) and not _FILES.fullmatch(value) and not _version(value)


def _version(value: str) -> bool:
    return re.fullmatch(r"v?[0-9][0-9A-Za-z.+-]*", value) is not None and not re.fullmatch(r"[0-9.]{7,}", value)


def _one_form(value: str) -> str:
    """Upper and lower case of a host, and a slash at the end, make no other place."""
    head, mark, rest = value.partition("://")
    if not mark:
        return value.rstrip("/")
    host, slash, path = rest.partition("/")
    return f"{head.lower()}://{host.lower()}{slash}{path}".rstrip("/")
