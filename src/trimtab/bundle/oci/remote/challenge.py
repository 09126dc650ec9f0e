"""What a registry asks for when it answers 401: `WWW-Authenticate` read strictly (RFC 9110, 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from trimtab.core.hosts import is_loopback

__all__ = ["Challenge", "Origin", "origin_of", "parse_challenges", "realm_fault"]

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[\t !#-\[\]-~]|\\[\t -~])*"'
_PIECE: Final = re.compile(rf'{_QUOTED}|[^",]+|,')  # the first character says which: no text is tried twice
_PARAM: Final = re.compile(rf"({_WORD})[ \t]*=[ \t]*({_WORD}|{_QUOTED})")
_START: Final = re.compile(rf"({_WORD})(?: +([^ ].*))?")
_TOKEN68: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_LONGEST: Final = 4096  # characters of the header
_PORT: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way in: a scheme in lower case, and its parameters by their names in lower case."""

    scheme: str
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who is talked to: what is sent to one origin is sent to no other."""

    scheme: str
    host: str
    port: int

    @property
    def base(self) -> str:
        """Its address, without a path."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def origin_of(url: str) -> Origin | None:
    """The origin of an address; None for one that is not of HTTP, has no host, or hides a user in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    sound = parts.scheme in _PORT and parts.hostname and parts.username is None and url.isascii() and url.isprintable()
    if not sound or " " in url or "\\" in url:
        return None
    return Origin(parts.scheme, parts.hostname or "", _PORT[parts.scheme] if port is None else port)


def parse_challenges(text: str) -> tuple[Challenge, ...]:
    """The challenges of the header in their order; ValueError, which repeats nothing of it, where it is malformed."""
    if len(text) > _LONGEST:
        raise ValueError("is too long")
    found: list[Challenge] = []
    for item in _items(text):
        param, start = _PARAM.fullmatch(item), _START.fullmatch(item)
        if not param and start:
            found.append(Challenge(start[1].lower(), {}))
            if start[2] is None or _TOKEN68.fullmatch(start[2]):
                continue
            param = _PARAM.fullmatch(start[2])
        if not param or not found:
            raise ValueError("is malformed")
        name, value = param[1].lower(), param[2]
        if name in found[-1].params:
            raise ValueError(f"says `{name[:30]}` twice")
        found[-1].params[name] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    if not found:
        raise ValueError("is empty")
    return tuple(found)


def _items(text: str) -> Iterator[str]:
    """What stands between the commas that are not inside quotes; empty items count for nothing."""
    at, item = 0, ""
    while at < len(text):
        piece = _PIECE.match(text, at)
        if not piece:
            raise ValueError("is malformed")
        at = piece.end()
        if piece[0] != ",":
            item += piece[0]
        if (piece[0] == "," or at == len(text)) and (found := item.strip(" \t")):
            yield found
        item = "" if piece[0] == "," else item


def realm_fault(realm: str, registry: Origin) -> str:
    """Why no credentials are brought to that address; empty where they are.

    A registry may send us to another host over TLS, as several do: it could as well ask for them itself. Without TLS
    only the registry's own host will do, or this machine, where the registry is this machine too.
    """
    origin = origin_of(realm)
    if origin is None or "#" in realm:
        return "it is no address"
    if origin.scheme == "https":
        return ""
    if registry.scheme == "https" and not is_loopback(registry.host):
        return "it is not https"
    if origin.host == registry.host or (is_loopback(origin.host) and is_loopback(registry.host)):
        return ""
    return "it is another host, and not https"
