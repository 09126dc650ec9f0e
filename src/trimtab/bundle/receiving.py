"""The one way of a bundle from elsewhere into the store: written, verified, trusted, tried, and only then kept.

Whoever brings it (an archive, a registry, a folder) fills an empty folder that belongs to the store. From then on
nobody else can write there, so what was verified is what is kept and loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from trimtab.bundle.evidence import Evidence, keep_evidence
from trimtab.bundle.firstload import first_load
from trimtab.bundle.keeping.untried import mark
from trimtab.bundle.manifest import FileEntry
from trimtab.bundle.read import MANIFEST, Bundle, open_bundle
from trimtab.bundle.store import Store, on_disk
from trimtab.bundle.trust.door import Taken
from trimtab.bundle.trust.origin import Record, keep_origin
from trimtab.core.errors import Problem, UserError

__all__ = ["Fill", "First", "Trust", "receive"]

# returns what it has read of the files that it wrote, if anything
Fill: TypeAlias = Callable[[Path], Mapping[str, FileEntry] | None]
# raises when the bundle in the folder, of which these documents speak, may not be taken; nothing said: it may not run
Trust: TypeAlias = Callable[[Bundle, tuple[Evidence, ...]], Taken | None]
# raises when the bundle may not be kept; empty when it was tried, else why it could not be
First: TypeAlias = Callable[[Bundle], str]
_UNTRUSTED = "its code may not run here: nobody signed it whom a trust policy names"


def receive(
    store: Store,
    fill: Fill,
    evidence: tuple[Evidence, ...],
    trust: Trust,
    expected: str = "",
    *,
    first: First = first_load,
) -> Bundle:
    """Take a bundle into the store; raises what is wrong with it, and then nothing of it is kept.

    expected: the digest that it must have, where that is known. first: what is done with it before it is kept; where
    that could not be done here, the bundle says so (`untried`).
    """
    with store.staging() as folder:
        bundle = open_bundle(folder, fill(folder))
        if expected and bundle.digest != expected:
            what = f"what came is the bundle `{bundle.digest}`, not `{expected}`"
            raise UserError(Problem("P235", what, MANIFEST))
        taken = trust(bundle, evidence) or Taken()
        why = first(bundle) if taken.runs else _UNTRUSTED

        def ahead(digest: str) -> None:
            if digest != bundle.digest:  # its code may have run meanwhile
                raise UserError(Problem("P298", f"the bundle `{bundle.digest}` changed itself while it was loaded"))
            _say(store, digest, evidence, taken, why)  # whoever finds it in the store finds what speaks for it

        digest = store.add(folder, ahead)  # verifies it again
    _say(store, digest, evidence, taken, why)  # again: while there was no bundle, it could be swept
    return store.resolve(digest)


def _say(store: Store, digest: str, evidence: tuple[Evidence, ...], taken: Taken, why: str) -> None:
    """Keep what is said of the bundle beside it; why: it was not tried."""
    with on_disk(store.root):
        keep_evidence(store.root, digest, evidence)
        keep_origin(store.root, digest, Record("received", taken.signers))
        mark(store.root, digest, why)
