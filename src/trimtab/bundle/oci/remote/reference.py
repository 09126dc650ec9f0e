"""How people name what lies in a registry: `host[:port]/repository[:tag]` or `host[:port]/repository@sha256:...`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from trimtab.bundle.oci.spec import DIGEST
from trimtab.core.errors import Problem, UserError
from trimtab.core.hosts import is_loopback

__all__ = ["TAG", "Remote", "parse_remote"]

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"  # as the distribution specification writes it
REPOSITORY: Final = re.compile(rf"{_PART}(?:/{_PART})*")
TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_LABEL: Final = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST: Final = re.compile(rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:.]+\])(?::(?P<port>[0-9]{{1,5}}))?")
_LONGEST: Final = 255  # characters of a host and a repository; many registries take no more
_PORTS: Final = 65535
_FORM: Final = "for example `registry.example/team/churn:9f2c41d0aa31`"


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository of a registry, and what of it: a tag, a digest, or neither."""

    registry: str  # host and port as they were typed
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def host(self) -> str:
        """The host alone; an IPv6 address without its brackets."""
        found = _HOST.fullmatch(self.registry)
        return found["host"].strip("[]").lower() if found else ""

    @property
    def port(self) -> int | None:
        """The port, where one was typed."""
        found = _HOST.fullmatch(self.registry)
        return int(found["port"]) if found and found["port"] else None

    @property
    def loopback(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        """As it would be typed."""
        end = f"@{self.digest}" if self.digest else f":{self.tag}" if self.tag else ""
        return f"{self.registry}/{self.repository}{end}"


def parse_remote(text: str) -> Remote:
    """What the text names; UserError P237 saying which part of it is wrong."""
    registry, slash, rest = text.partition("/")
    if "://" in text:
        raise _refused(text, "an address without a scheme is wanted", "leave out what stands before the host")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        raise _refused(text, "it has no host: one has a dot or a port, or is `localhost`")
    found = _HOST.fullmatch(registry)
    if not found or int(found["port"] or 1) not in range(1, _PORTS + 1) or not _address_is_sound(found["host"]):
        raise _refused(text, f"`{registry[:100]}` is no host")
    path, at, digest = rest.partition("@")
    if at and not DIGEST.fullmatch(digest):
        raise _refused(text, "what follows `@` is no digest", "write `@sha256:` and 64 hexadecimal digits")
    path, colon, tag = path.partition(":")
    if at and colon:
        raise _refused(text, "it has both a tag and a digest", "the digest is enough: leave out the tag")
    if colon and not TAG.fullmatch(tag):
        raise _refused(text, f"`{tag[:100]}` is no tag")
    if not REPOSITORY.fullmatch(path) or len(registry) + len(path) + 1 > _LONGEST:
        raise _refused(text, f"`{path[:100]}` is no repository: lower-case words between `/`")
    return Remote(registry, path, tag, digest)


def _address_is_sound(host: str) -> bool:
    if not host.startswith("["):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).version == 6  # noqa: PLR2004  # brackets are for IPv6 alone
    except ValueError:
        return False


def _refused(text: str, what: str, hint: str = _FORM) -> UserError:
    return UserError(Problem("P237", f"`{text[:300]}` names nothing in a registry: {what}", "", hint))
