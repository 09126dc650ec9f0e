"""From where a call comes: the peer's address, or what proxies that are believed say of it.

Headers are read from the right, where the nearest proxy writes, up to the first address that is no proxy: whatever the
caller has put before that is never looked at. What cannot be read ends the walk at the last address that could.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import islice
from typing import Final, TypeAlias

__all__ = ["LOCAL", "Clients"]

LOCAL: Final = "local"
_UNKNOWN: Final = "unknown"
_HOPS: Final = 50
_BYTES: Final = 4096
_LONGEST: Final = 64  # of an address with its port
_REMEMBERED: Final = 4096
_Address: TypeAlias = IPv4Address | IPv6Address

_WITH_PORT: Final = re.compile(r"([0-9.]+)(?::[0-9]{1,5})?|\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?")
# one pair of RFC 7239 backwards, and what stands before it; servers in the wild write `for=192.0.2.1:80` without quotes
_PAIR: Final = re.compile(
    rb"""[ \t]*("[^"\\]*"|[^\s"\\,;=]+)=([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*([,;]|\Z)""",
)


class Clients:
    """Names the caller of a request by its address: `192.0.2.7`, `2001:db8:1:2::/64`, or `local` for a Unix socket."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        """proxies: networks or addresses that are believed. ValueError for what is none."""
        self._proxies = tuple(map(_network, proxies))
        self._peer = lru_cache(_REMEMBERED)(self._known_peer)
        self._hop = lru_cache(_REMEMBERED)(self._known_hop)

    def of(self, peer: str, headers: Mapping[bytes, bytes]) -> str:
        """The caller's name. peer: the address of the connection, empty for a Unix socket."""
        name, believed = self._peer(peer)
        if not believed:
            return name
        forwarded, old = headers.get(b"forwarded"), headers.get(b"x-forwarded-for")
        if forwarded is None:
            return name if old is None else self._walk(name, _old_hops(old))
        found = self._walk(name, _hops(forwarded))
        # a proxy sets one of the two and may let the caller's own other one through: they have to agree
        return found if old is None or found == self._walk(name, _old_hops(old)) else name

    def _walk(self, name: str, hops: Iterator[bytes]) -> str:
        for hop in islice(hops, _HOPS):
            if len(hop) > _LONGEST or (found := self._hop(hop)) is None:
                return name
            name, proxy = found
            if not proxy:
                return name
        return name

    def _known_peer(self, peer: str) -> tuple[str, bool]:
        """The peer's name, and whether it is a proxy."""
        if not peer:
            return LOCAL, False
        try:
            address = _plain(ip_address(peer.partition("%")[0]))
        except ValueError:
            return _UNKNOWN, False
        return _name(address), self._is_proxy(address)

    def _known_hop(self, hop: bytes) -> tuple[str, bool] | None:
        address = _address(hop)
        return None if address is None else (_name(address), self._is_proxy(address))

    def _is_proxy(self, address: _Address) -> bool:
        return any(address in network for network in self._proxies)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"`{text}` is not a network, such as `10.0.0.0/8` or `2001:db8::/32`: {error}") from None


def _plain(address: _Address) -> _Address:
    """An IPv4 address that came as an IPv6 one is an IPv4 address."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _name(address: _Address) -> str:
    """Whoever has one IPv6 address has 2**64 of them: they are one caller."""
    if isinstance(address, IPv4Address) or address.is_loopback:
        return str(address)
    return str(IPv6Network((int(address) >> 64 << 64, 64)))


def _address(hop: bytes) -> _Address | None:
    """The address of a hop, with or without a port; None for anything else, such as `unknown` or `_hidden`."""
    text = hop.decode("latin-1")
    with_port = _WITH_PORT.fullmatch(text)
    try:
        return _plain(ip_address((with_port[1] or with_port[2]) if with_port else text.partition("%")[0]))
    except ValueError:
        return None


def _old_hops(value: bytes) -> Iterator[bytes]:
    """The hops of `X-Forwarded-For`, nearest first; of one that is too long, those at its end."""
    for hop in reversed(value[-_BYTES:].rsplit(b",", _HOPS)):
        yield hop.strip(b' \t"')


def _hops(value: bytes) -> Iterator[bytes]:
    """The hops of `Forwarded`, nearest first, the last one empty if it cannot be read.

    It is read backwards, so that no quote that a caller opens can swallow what a proxy has put behind it.
    """
    backwards = value[: -_BYTES - 1 : -1]
    at, hop = 0, b""
    for _ in range(_BYTES):
        pair = _PAIR.match(backwards, at)
        if pair is None or ((for_ := pair[2].lower() == b"rof") and hop):
            yield b""
            return
        if for_:
            hop = pair[1][::-1].strip(b'"')
        if pair[3] != b";":
            yield hop
            hop = b""
        if not pair[3]:
            return
        at = pair.end()
