"""OCI content in memory, and a small bundle to be made into some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import pytest

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci.artifact import BundleSource
from trimtab.bundle.oci.blobs import copy
from trimtab.bundle.oci.entries import REF_NAME, entry_called, index_of
from trimtab.bundle.oci.spec import MANIFEST, Descriptor, Index, Manifest, decode_index, described, document
from trimtab.bundle.read import Bundle, open_bundle
from trimtab.core.errors import Problem, UserError


class Memory:
    """A `Source`, a `Sink` and a `Shelf`: blobs by digest, and what the index names."""

    where = "memory"

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.entries: list[Descriptor] = []
        self.reads: list[str] = []

    def put(self, data: bytes, media_type: str = "application/octet-stream", artifact_type: str = "") -> Descriptor:
        """Keep a blob; what it is called."""
        found = described(data, media_type, artifact_type=artifact_type)
        self.blobs[found.digest] = data
        return found

    def manifest(self, *layers: bytes, **said: object) -> Descriptor:
        """Keep a manifest of these layers and an empty config."""
        config = said.pop("config", None) or self.put(b"{}")
        said = {"schema_version": 2, "media_type": MANIFEST, "layers": tuple(map(self.put, layers))} | said
        return self.put(document(Manifest(config=config, **said)), MANIFEST)

    def resolve(self, reference: str) -> Descriptor:
        return entry_called(self.index(), reference, self.where)

    def read(self, descriptor: Descriptor) -> Iterator[bytes]:
        self.reads.append(descriptor.digest)
        if descriptor.digest not in self.blobs:
            raise UserError(Problem("P211", f"has no {descriptor.digest}", self.where))
        data = self.blobs[descriptor.digest]
        yield from (data[at : at + 7] for at in range(0, len(data), 7))

    def has(self, descriptor: Descriptor) -> bool:
        return descriptor.digest in self.blobs

    def write(self, descriptor: Descriptor, pieces: Iterable[bytes]) -> None:
        self.blobs[descriptor.digest] = b"".join(pieces)

    def tag(self, descriptor: Descriptor, data: bytes, tag: str) -> None:
        self.blobs[descriptor.digest] = data
        label = {REF_NAME: tag} if tag else {}
        self.entries.append(msgspec.structs.replace(descriptor, annotations={**descriptor.annotations, **label}))

    def index_data(self) -> bytes:
        return index_of(tuple(self.entries))

    def index(self) -> Index:
        return decode_index(self.index_data(), self.where)

    def held(self) -> frozenset[str]:
        return frozenset(self.blobs)


@pytest.fixture
def memory() -> Memory:
    """Empty."""
    return Memory()


@pytest.fixture
def bundle(tmp_path: Path, write_bundle: Callable[..., str]) -> Bundle:
    """A verified bundle of three small files."""
    write_bundle(tmp_path / "bundle")
    return open_bundle(tmp_path / "bundle")


SAID = (
    Evidence("application/vnd.in-toto+json", b'{"tests":"passed"}'),
    Evidence("application/x.signature", b"\x00sig"),
)


@pytest.fixture
def said() -> tuple[Evidence, ...]:
    """Two documents about whatever bundle."""
    return SAID


@pytest.fixture
def full(bundle: Bundle) -> Memory:
    """The bundle and two documents about it."""
    shelf, source = Memory(), BundleSource(bundle, SAID)
    copy(source, source.root, shelf, source.name)
    for one in source.referrers:
        copy(source, one, shelf)
    return shelf


@pytest.fixture
def refusal() -> Callable[..., Problem]:
    """The only problem of a call that raises UserError: refusal(call, argument)."""

    def refusal_of(call: Callable[..., object], *arguments: object) -> Problem:
        with pytest.raises(UserError) as caught:
            call(*arguments)
        (only,) = caught.value.problems
        return only

    return refusal_of
