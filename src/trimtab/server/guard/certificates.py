"""Who is at the other end of a connection, by its address and by the client certificate that was verified there."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, Final, Protocol

from trimtab.server.guard.peer import Peer
from trimtab.server.guard.principal import Known, Principal
from trimtab.server.guard.settings import Certificates

__all__ = ["Connected", "known_of", "peer_of"]

_KINDS: Final = ("URI", "DNS", "email")  # in this order the first name there is becomes the caller's
_MAPPED: Final = "::ffff:"


class Connected(Protocol):
    """What of a transport tells who is there."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """See `asyncio.BaseTransport`."""


def known_of(said: Mapping[str, Any], certificates: Certificates) -> Known | None:
    """The caller of a verified certificate, given as `ssl.SSLSocket.getpeercert` does; None where it bears no name.

    Called by its first URI, else host name, else mail address, and by its common name only where it has none of these.
    """
    names = _names(said)
    if not names:
        return None
    by_name = (grant for name in names for grant in certificates.names.get(name, ()))
    grants = tuple(dict.fromkeys((*certificates.grants, *by_name)))
    return Known(
        Principal(f"certificate:{names[0]}", grants, "certificate"), ssl.cert_time_to_seconds(said["notAfter"])
    )


def _names(said: Mapping[str, Any]) -> list[str]:
    others: tuple[tuple[str, str], ...] = said.get("subjectAltName", ())
    found = [name for kind in _KINDS for kind_of, name in others if kind_of == kind and name]
    if found:
        return found
    subject = [value for part in said.get("subject", ()) for key, value in part if key == "commonName" and value]
    return subject[-1:]


def peer_of(transport: Connected, certificates: Certificates | None) -> Peer:
    """The other end of a connection; asked once when it is made, since neither changes in its life."""
    place = transport.get_extra_info("peername")
    address = str(place[0]) if isinstance(place, tuple) else ""
    if address.startswith(_MAPPED) and "." in address:
        address = address.removeprefix(_MAPPED)  # the same machine over a socket for both versions of IP
    # empty unless it was verified, and then read by the event loop already
    said = transport.get_extra_info("peercert") if certificates is not None else None
    return Peer(address, known_of(said, certificates) if said and certificates is not None else None)
