"""A repository of a registry as a `Source` and a `Sink`: blobs and documents by digest, names that are never moved."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import msgspec

from trimtab.bundle.oci.remote.download import download
from trimtab.bundle.oci.remote.faults import Broken, unusable
from trimtab.bundle.oci.remote.reference import TAG
from trimtab.bundle.oci.remote.session import Reply, Session, whole
from trimtab.bundle.oci.remote.upload import Place, upload
from trimtab.bundle.oci.remote.wire import Request
from trimtab.bundle.oci.spec import (
    DIGEST,
    INDEX,
    LARGEST_DOCUMENT,
    MANIFEST,
    Descriptor,
    Index,
    decode_index,
    decode_manifest,
    document,
)
from trimtab.core.errors import Problem, UserError

__all__ = ["Registry"]

# others write images in docker's own forms; a registry may turn a document into an older one for who does not ask
_OTHERS: Final = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_DOCUMENTS: Final = (MANIFEST, INDEX, *_OTHERS)
_FOUND: Final = 200
_UNKNOWN: Final = 404
_PAGES: Final = 100  # of a list of referrers


class Registry:
    """One repository, by way of a session with its registry."""

    def __init__(self, session: Session, repository: str, mounts: Collection[str] = ()) -> None:
        """mounts: other repositories of the registry, from which it may take blobs instead of being sent them."""
        self._session, self._repository = session, repository
        self._place = Place(session, repository, mounts)
        self._documents: dict[str, bytes] = {}
        self.travelled: dict[str, int] = {}  # bytes that blobs took, by their digests

    def resolve(self, reference: str) -> Descriptor:
        """As `Source`; UserError P212 where a digest names other content."""
        found = self.find(reference)
        if found is None:
            what = f"the repository has nothing called `{reference[:200]}`"
            raise UserError(Problem("P211", what, self.name, "a registry's page shows its tags"))
        return found

    def find(self, reference: str) -> Descriptor | None:
        """As `resolve`, None for what is not there."""
        if not DIGEST.fullmatch(reference) and not TAG.fullmatch(reference):
            raise UserError(Problem("P211", f"`{reference[:200]}` is neither a tag nor a digest", self.name))
        reply = self._document(f"/v2/{self._repository}/manifests/{reference}", (_FOUND, _UNKNOWN))
        if reply.status == _UNKNOWN:
            return None
        digest = f"sha256:{hashlib.sha256(reply.body).hexdigest()}"
        if DIGEST.fullmatch(reference) and digest != reference:
            what = f"the registry gives a document with the digest {digest}"
            raise UserError(Problem("P212", what, f"{self.name}@{reference}"))
        self._documents[digest] = reply.body
        media_type = reply.headers.get("content-type", "").partition(";")[0].strip()
        return Descriptor(media_type, digest, len(reply.body))

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        """As `Source`."""
        return self.read_from(descriptor, 0)

    def read_from(self, descriptor: Descriptor, start: int) -> Iterator[bytes]:
        """As `read`, without the bytes before that one."""
        if descriptor.digest in self._documents:
            yield self._documents[descriptor.digest][start:]
        elif descriptor.media_type in _DOCUMENTS:
            self.resolve(descriptor.digest)
            yield self._documents[descriptor.digest][start:]
        else:
            target = f"/v2/{self._repository}/blobs/{descriptor.digest}"
            yield from download(self._session, target, descriptor.size, self._reading, start)

    def has(self, descriptor: Descriptor) -> bool:
        """As `Sink`."""
        return self._place.has(descriptor)

    def write(self, descriptor: Descriptor, pieces: Iterable[bytes]) -> None:
        """As `Sink`."""
        self.travelled[descriptor.digest] = upload(self._place, descriptor, pieces)

    def tag(self, descriptor: Descriptor, data: bytes, tag: str) -> None:
        """As `Sink`; UserError P239 for a tag that names something else, which it goes on doing."""
        if tag:
            self.must_be_free(tag, descriptor.digest)
        reply = self._put(descriptor, data, tag or descriptor.digest)
        subject = decode_manifest(data, descriptor.digest).subject if descriptor.media_type == MANIFEST else None
        if subject and reply.headers.get("oci-subject", "") != subject.digest:
            self._refer(subject, descriptor, data)

    def must_be_free(self, tag: str, digest: str) -> None:
        """UserError P239 for a tag that names anything but that digest."""
        found = self.find(tag)
        if found is not None and found.digest != digest:
            what = f"the tag `{tag}` names `{found.digest}` already, and a name is never given to another"
            hint = "leave the tag out, and it is made of the bundle's digest"
            raise UserError(Problem("P239", what, self.name, hint))

    def referrers(self, subject: str) -> tuple[Descriptor, ...]:
        """What says of itself that it is about the document of that digest; nothing of it is verified."""
        found: list[Descriptor] = []
        target = f"/v2/{self._repository}/referrers/{subject}"
        for _ in range(_PAGES):
            reply = self._document(target, (_FOUND, _UNKNOWN))
            kind = reply.headers.get("content-type", "").partition(";")[0].strip()
            if reply.status == _UNKNOWN or kind != INDEX:
                return self._referred(subject).manifests
            found += decode_index(reply.body, self.name).manifests
            link, _, rel = reply.headers.get("link", "").partition(">")
            if 'rel="next"' not in rel and "rel=next" not in rel:
                return tuple({one.digest: one for one in found}.values())
            target = link.lstrip(" <")
        raise unusable(f"the list of referrers has more than {_PAGES} pages", self.name)

    @property
    def name(self) -> str:
        """Registry and repository, as errors name them."""
        return f"{self._session.origin.base.partition('://')[2]}/{self._repository}"

    @property
    def _reading(self) -> str:
        return f"repository:{self._repository}:pull"

    def _document(self, target: str, ok: tuple[int, ...]) -> Reply:
        request = Request("GET", target, {"accept": ", ".join(_DOCUMENTS)})
        tries = self._session.tries(target)
        while True:
            try:
                answer = self._session.once(request, ok, self._reading)
                length = answer.headers.get("content-length", "")
                if length.isdecimal() and len(length) < 20 and int(length) > LARGEST_DOCUMENT:  # noqa: PLR2004
                    answer.close()
                    raise self._too_long()
                return Reply(answer.status, answer.headers, whole(answer, LARGEST_DOCUMENT))
            except Broken as fault:
                tries.failed(fault)

    def _put(self, descriptor: Descriptor, data: bytes, reference: str) -> Reply:
        target = f"/v2/{self._repository}/manifests/{reference}"
        request = Request("PUT", target, {"content-type": descriptor.media_type}, data)
        reply = self._session.ask(request, (201,), self._place.scope)
        kept = reply.headers.get("docker-content-digest", descriptor.digest)
        if kept != descriptor.digest:
            raise unusable(f"the registry kept `{kept[:100]}` in place of `{descriptor.digest}`", self.name)
        return reply

    def _referred(self, subject: str) -> Index:
        """The index that stands in for the list of referrers where a registry has none (the referrers tag schema)."""
        found = self.find(subject.replace(":", "-"))
        if found is None:
            return Index(schema_version=2, media_type=INDEX)
        return decode_index(self._documents[found.digest], self.name)

    def _refer(self, subject: Descriptor, referrer: Descriptor, data: bytes) -> None:
        """Add to that index; where somebody else writes it in the same moment, it is read and written again."""
        manifest = decode_manifest(data, referrer.digest)
        kind = manifest.artifact_type or manifest.config.media_type
        entry = Descriptor(MANIFEST, referrer.digest, referrer.size, kind, manifest.annotations)
        for _ in range(self._session.patience.attempts):
            before = self._referred(subject.digest)
            if entry.digest in {one.digest for one in before.manifests}:
                return
            index = msgspec.structs.replace(before, manifests=(*before.manifests, entry))
            body = document(index)
            digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
            self._put(Descriptor(INDEX, digest, len(body)), body, subject.digest.replace(":", "-"))
        if entry.digest not in {one.digest for one in self._referred(subject.digest).manifests}:
            raise unusable("others change the list of referrers all the time", self.name)

    def _too_long(self) -> UserError:
        return UserError(
            Problem("P212", f"a document is longer than the {LARGEST_DOCUMENT} bytes that are read", self.name)
        )
