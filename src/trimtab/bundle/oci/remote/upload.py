"""A blob into a registry: chunk by chunk; where the connection breaks, the registry is asked how far it got.

Source: OCI distribution specification 1.1, «Pushing blobs». A chunk is what one registry in wide use takes at most.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from trimtab.bundle.oci.remote.faults import Broken, unusable
from trimtab.bundle.oci.remote.session import Reply, Session, whole
from trimtab.bundle.oci.remote.tries import Tries
from trimtab.bundle.oci.remote.wire import Request
from trimtab.bundle.oci.spec import Descriptor

__all__ = ["Place", "upload"]

_CHUNK: Final = 4 << 20
_LARGEST_CHUNK: Final = 64 << 20  # that a registry may want; it is held in memory
_SMALL: Final = 1 << 16
_CREATED: Final = 201
_ACCEPTED: Final = 202
_UNKNOWN: Final = 404
_LOST: Final = (200, 400, 404, 416)  # what registries say of an upload that they gave up or do not know
_RANGE: Final = re.compile(r"(?:bytes=)?0-([0-9]{1,18})")
_BYTES: Final = {"content-type": "application/octet-stream"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where blobs go: a repository of a registry; what others of it have is not sent but mounted from there."""

    session: Session
    repository: str
    mounts: Collection[str] = ()

    @property
    def scope(self) -> str:
        """What a token must allow."""
        others = "".join(f" repository:{other}:pull" for other in self.mounts)
        return f"repository:{self.repository}:pull,push{others}"

    def has(self, blob: Descriptor) -> bool:
        """Whether it is there, as long as it should be."""
        request = Request("HEAD", f"/v2/{self.repository}/blobs/{blob.digest}", {})
        # a registry that would send us on to a bucket has looked whether it is there
        reply = self.session.ask(request, (200, 302, 303, 307, 308, _UNKNOWN), self.scope)
        return reply.status != _UNKNOWN and reply.headers.get("content-length", str(blob.size)) in ("0", str(blob.size))


class _LostError(Exception):
    """The registry knows nothing of the upload any more."""


def upload(place: Place, blob: Descriptor, content: Iterable[bytes]) -> int:
    """Bring the blob; how many bytes travelled for it, 0 where another repository had it.

    content: what it raises ends the upload before anything is kept. Where it can be iterated again, an upload that
    the registry lost begins anew. OutsideError P247 when it cannot be done.
    """
    target = f"/v2/{place.repository}/blobs/uploads/"
    begun_anew = place.session.tries(target)
    while True:
        try:
            return _once(place, blob, content, place.session.tries(target))
        except _LostError:
            fault = Broken("lost what was sent")
        except Broken as broken:
            fault = broken
        if isinstance(content, Iterator):
            raise unusable(f"the registry {fault.what}", place.repository, "run the command again")
        begun_anew.failed(fault)
        if place.has(blob):  # it was kept, and the answer did not reach us
            return blob.size


def _once(place: Place, blob: Descriptor, content: Iterable[bytes], tries: Tries) -> int:
    begun = _begin(place, blob)
    if begun.status == _CREATED:
        return 0
    location, chunk = _location(place, begun), _chunk(begun)
    last = b""
    if blob.size <= chunk:
        last = b"".join(content)
    else:
        at = 0
        for piece in _chunked(content, chunk):
            location = _send(place, location, piece, at, tries)
            at += len(piece)
    digest = f"{'&' if '?' in location else '?'}digest={quote(blob.digest, safe='')}"
    answer = place.session.once(Request("PUT", location + digest, _BYTES, last), (_CREATED, 204, _UNKNOWN), place.scope)
    whole(answer, _SMALL)
    if answer.status == _UNKNOWN:
        raise _LostError
    return blob.size


def _begin(place: Place, blob: Descriptor) -> Reply:
    """The upload that the registry opened, or its word that it took the blob from another repository."""
    target = f"/v2/{place.repository}/blobs/uploads/"
    for other in place.mounts:
        mount = f"{target}?mount={quote(blob.digest, safe='')}&from={quote(other, safe='')}"
        reply = place.session.ask(Request("POST", mount, {}), (_CREATED, _ACCEPTED), place.scope)
        if reply.status == _CREATED:
            return reply
    return place.session.ask(Request("POST", target, {}), (_ACCEPTED,), place.scope)


def _send(place: Place, location: str, data: bytes, at: int, tries: Tries) -> str:
    """One chunk, that begins at that byte of the blob; where the next one goes."""
    sent = 0
    while sent < len(data):
        rest = data[sent:]
        span = f"{at + sent}-{at + len(data) - 1}"
        headers = _BYTES | {"content-range": span}
        try:
            answer = place.session.once(Request("PATCH", location, headers, rest), (202, *_LOST), place.scope)
            reply = Reply(answer.status, answer.headers, whole(answer, _SMALL))
        except Broken as fault:
            tries.failed(fault)
            reply = place.session.ask(Request("GET", location, {}), (204, *_LOST), place.scope)
        if reply.status in _LOST:
            raise _LostError
        location = _location(place, reply)
        reached = _reached(reply, at, len(data))
        if reached < sent:
            raise _LostError
        if reached == sent and reply.status == _ACCEPTED:
            tries.failed(Broken("takes nothing of what it is sent"))
        tries.moved(reached - sent)
        sent = reached
    return location


def _reached(reply: Reply, at: int, length: int) -> int:
    """How much of the chunk the registry has, by its own word."""
    text = reply.headers.get("range", "")
    found = _RANGE.fullmatch(text)
    if not found:
        if reply.status == _ACCEPTED:
            return length
        raise _LostError
    # `0-0` is said of an empty upload, too
    reached = (0 if int(found[1]) == 0 else int(found[1]) + 1) - at
    if not 0 <= reached <= length:
        raise _LostError
    return reached


def _location(place: Place, reply: Reply) -> str:
    location = reply.headers.get("location", "")
    if not location:
        raise unusable("the registry does not say where the content should go", place.session.origin.base)
    return place.session.url(location)


def _chunk(begun: Reply) -> int:
    least = begun.headers.get("oci-chunk-min-length", "")
    return min(max(_CHUNK, int(least) if least.isdecimal() and len(least) < 19 else 0), _LARGEST_CHUNK)  # noqa: PLR2004


def _chunked(content: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of that size; the last one may be shorter."""
    held = bytearray()
    for piece in content:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
