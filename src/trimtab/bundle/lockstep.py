"""Locks what a proved bundle needs, and proves it once more with nothing but the lock."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.discover import Discovery
from trimtab.bundle.distributions import Owners, installed, own_requirements
from trimtab.bundle.local import Project
from trimtab.bundle.lock import LOCK_FILE, Pin, hashed_pins, read_known, render_lock
from trimtab.bundle.proof_words import refusal
from trimtab.bundle.prove import Proof, run_proof
from trimtab.bundle.requirements import allowed_for, asked_for, everything, owners_of, versions_of
from trimtab.bundle.resolve import resolve_pins, resolve_pylock
from trimtab.bundle.staging import write_manifest

__all__ = ["Locked", "lock_and_prove"]

_ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class Locked:
    """The pins in the bundle, the last proof, and imports of the code that no golden row reached, by place."""

    pins: tuple[Pin, ...]
    proof: Proof
    unused: Mapping[str, str] = field(default_factory=dict)


def lock_and_prove(stage: Path, found: Discovery, kind: str, project: Project) -> Locked:
    """Write the lock and the final manifest into the folder; RefusedError when the bundle fails with the lock alone.

    kind: "requirements", "pylock" or "off". First only what the bundle asked for is locked; what libraries tried for
    themselves is added when it turns out to be needed.
    """
    if kind == "off":
        return Locked((), found.proof)
    owners, own = Owners(), frozenset(own_requirements(installed))
    local = {name.partition(".")[0] for name in found.closure.modules}
    names = asked_for(found.proof, local, own, owners)
    known = read_known(project.root)
    for _ in range(_ROUNDS):
        versions = versions_of(names, installed)
        pins, new = hashed_pins(versions, known, partial(resolve_pins, root=project.root))
        known |= {pin.name: pin for pin in new}
        _write(stage, found, pins, kind, project)
        proof = run_proof(stage, project, allowed_for(versions, own, owners))
        more = names | _missed(proof, found.proof, own, owners)
        if proof.ok or more == names:
            break
        names = more
    if not proof.ok:
        raise refusal(proof, stage, project)
    _remember(project.root, known, new or ())
    return Locked(tuple(pins), proof, _unused(found, versions, own, owners))


def _missed(proof: Proof, free: Proof, own: Collection[str], owners: Owners) -> frozenset[str]:
    """What the bundle did without too much: the module that was not found, else all that a free process loaded."""
    if proof.ok:
        return frozenset()
    top = proof.failure.module.partition(".")[0] if proof.failure else ""
    one = owners_of(top, free, owners) if top in proof.held else frozenset()
    return one or everything(free, own, owners)
