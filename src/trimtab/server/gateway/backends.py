"""Addresses of backends, as they are typed and as they are used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from trimtab.core.errors import Problem, UserError

__all__ = ["Backend", "backend_of", "place_of"]

_PORTS: Final = {"http": 80, "https": 443}
_HIGHEST: Final = 65535
_HOST: Final = re.compile(r"[0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\]")
_TEXT: Final = re.compile(r"[\x21-\x7e]*")  # `urlsplit` leaves other characters out without a word
_HINT: Final = "an address is `http://HOST:PORT`, or `https://`, and a path that all requests are put behind"


@dataclass(frozen=True, slots=True)
class Backend:
    """A server of a model. path: put before the path of every request, without a slash at its end."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def tls(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """As a `host` header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        """The address; what it was typed as, in the one form that it is compared in."""
        return f"{self.scheme}://{self.authority}{self.path}"


def backend_of(text: str, option: str) -> Backend:
    """The backend at this address; raises UserError P370, which names the option."""
    if not _TEXT.fullmatch(text):
        raise _wrong(ascii(text)[1:-1], "it has blanks, or characters that no address has", option)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _wrong(text, str(error).lower(), option) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _wrong(text, "it names no scheme `http` or `https`, or no host", option)
    if "@" in parts.netloc:
        raise _wrong(text.rpartition("@")[2], "a name and a password do not belong in an address", option)
    bare = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if parts.query or parts.fragment or not _HOST.fullmatch(bare):
        raise _wrong(text, "it is more than a scheme, a host, a port and a path", option)
    return Backend(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], parts.path.rstrip("/"))


def place_of(text: str, option: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`, where the host may be left away; raises UserError P370, which names the option."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > _HIGHEST:
        raise _wrong(text, "it is not `HOST:PORT`", option)
    if host and not _HOST.fullmatch(host):
        raise _wrong(text, "its host is none", option)
    return host.strip("[]") or "127.0.0.1", int(port)


def _wrong(text: str, why: str, option: str) -> UserError:
    hint = _HINT if option in ("--champion", "--challenger") else f"such as `{option} 127.0.0.1:8080`"
    return UserError(Problem("P370", f"`{text}` is no address: {why}", f"trimtab fly {option}", hint))
