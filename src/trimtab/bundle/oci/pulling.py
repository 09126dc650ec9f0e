"""A bundle out of a registry into the store: which one is meant, what speaks for it, and what need not travel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trimtab.bundle.evidence import Evidence
from trimtab.bundle.oci.artifact import unpack
from trimtab.bundle.oci.blobs import read_document
from trimtab.bundle.oci.contents import evidence_from
from trimtab.bundle.oci.kept import PARTIAL, Keeping
from trimtab.bundle.oci.registry import Registry
from trimtab.bundle.oci.remote.reference import Remote
from trimtab.bundle.oci.spec import MANIFEST, Descriptor, decode_manifest
from trimtab.bundle.read import Bundle, read_manifest
from trimtab.bundle.receiving import Trust, receive
from trimtab.bundle.store import Store
from trimtab.core.errors import Problem, TrimtabError, UserError

__all__ = ["Pulled", "default_tag", "pull"]

_DIGITS: Final = 12
_MOST: Final = 256  # referrers that are looked at


@dataclass(frozen=True, slots=True)
class Pulled:
    """A bundle that is in the store now; the bytes of its blobs that came, and that were here."""

    bundle: Bundle
    root: Descriptor
    evidence: int
    fetched: int
    spared: int


def default_tag(digest: str) -> str:
    """What a bundle is called in a registry: the first digits of its digest, as a server calls its version."""
    return digest.removeprefix("sha256:")[:_DIGITS]


def pull(
    registry: Registry, remote: Remote, store: Store, trust: Trust, say: Callable[[str], None], now_s: float
) -> Pulled:
    """Fetch, verify, trust and keep; what raises leaves the store as it was. say: is told what was passed over."""
    root, expected = _wanted(registry, remote)
    evidence = _evidence(registry, root, say)
    source = Keeping(registry, store.root / PARTIAL, _at_hand(store))
    bundle = receive(store, lambda folder: unpack(source, root, folder), evidence, trust, expected)
    source.done(now_s)
    return Pulled(bundle, root, len(evidence), source.fetched, source.spared)


def _wanted(registry: Registry, remote: Remote) -> tuple[Descriptor, str]:
    """The artifact manifest that is meant, and the digest of its bundle.

    A digest is the bundle's, whose manifest has the tag that every push gives it, or the manifest's, as registries
    understand it. The tag is looked at first: asked for a manifest by the digest of a config, some registries fail.
    """
    if not remote.tag and not remote.digest:
        hint = f"`{remote}:TAG` or `{remote}@sha256:...`"
        raise UserError(Problem("P211", f"`{remote}` says neither which tag nor which digest", "", hint))
    for reference in (default_tag(remote.digest), remote.digest) if remote.digest else (remote.tag,):
        root = registry.find(reference)
        if root is None or root.media_type != MANIFEST:
            continue
        expected = decode_manifest(read_document(registry, root), root.digest).config.digest
        if remote.digest in ("", root.digest, expected):
            return root, expected
    what = f"there is no bundle `{remote.digest or remote.tag}`"
    raise UserError(Problem("P211", what, registry.name, "is it pushed, and to this repository?"))


def _evidence(registry: Registry, root: Descriptor, say: Callable[[str], None]) -> tuple[Evidence, ...]:
    """The documents about the bundle. Who may push may add a referrer: one that is none of ours stops nothing."""
    found: list[Evidence] = []
    referrers = registry.referrers(root.digest)
    if len(referrers) > _MOST:
        say(f"{len(referrers)} documents refer to the bundle, the first {_MOST} are looked at")
    for one in referrers[:_MOST]:
        try:
            found += evidence_from(registry, (one,), root)
        except UserError as error:
            say(f"passed over a document about the bundle: {error.problems[0].where} {error.problems[0].what}")
    return tuple(found)


def _at_hand(store: Store) -> dict[str, Path]:
    """The files of stored bundles by their digest; a bundle that cannot be read has none."""
    found: dict[str, Path] = {}
    for folder in sorted((store.root / "bundles" / "sha256").glob("*")):
        try:
            manifest, _ = read_manifest(folder)
        except (TrimtabError, OSError):
            continue
        found |= {f"sha256:{file.sha256}": folder / name for name, file in manifest.files.items()}
    return found
