"""Locks what a proved bundle needs, and proves it once more with nothing but the lock."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from trimtab.bundle.code.local import Project
from trimtab.bundle.incoming import whole_file
from trimtab.bundle.lock.distributions import Owners, installed, own_requirements
from trimtab.bundle.lock.requirements import allowed_for, asked_for, everything, owners_of, versions_of
from trimtab.bundle.lock.resolve import pins_of, resolve_pins, resolve_pylock, without_secrets
from trimtab.bundle.lock.text import LOCK_FILE, Pin, hashed_pins, read_known, render_lock
from trimtab.bundle.making.discover import Discovery
from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.proof.prove import Proof, run_proof
from trimtab.bundle.proof.words import refusal

__all__ = ["Locked", "lock_and_prove", "write_small_lock"]

_ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class Locked:
    """The pins in the bundle, and the last proof.

    unused: installed modules that the code imports somewhere that no golden row reached, by place. unwritten: why the
    project's lock file could not be written, or empty.
    """

    pins: tuple[Pin, ...]
    proof: Proof
    unused: Mapping[str, str] = field(default_factory=dict)
    unwritten: str = ""


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
    before = read_known(project.root)
    known = dict(before)
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
    stale = _remember(project.root, known, versions) if known != before else ""
    return Locked(tuple(pins), proof, _unused(found, owners, versions), stale)


def _missed(proof: Proof, free: Proof, own: Collection[str], owners: Owners) -> frozenset[str]:
    """What the bundle did without too much: the module that was not found, else all that a free process loaded."""
    if proof.ok:
        return frozenset()
    top = proof.failure.module.partition(".")[0] if proof.failure else ""
    one = owners_of(top, free, owners) if top in proof.held else frozenset()
    return one or everything(free, own, owners)


def _write(stage: Path, found: Discovery, pins: Iterable[Pin], kind: str, project: Project) -> None:
    text = render_lock(pins).encode()
    (stage / "requirements.txt").write_bytes(text)
    if kind == "pylock":
        versions = {pin.name: pin.version for pin in pins}
        (stage / "pylock.toml").write_bytes(_pylock(versions, project.root).encode())
    write_manifest(stage, msgspec.structs.replace(found.manifest, lock=hashlib.sha256(text).hexdigest()))


def _pylock(versions: Mapping[str, str], root: Path) -> str:
    """The project's `pylock.toml` when it is of exactly these versions, else a new one."""
    path = root / "pylock.toml"
    if path.is_file():
        text = path.read_text("utf-8")
        if {pin.name: pin.version for pin in pins_of(text)} == dict(versions):
            return without_secrets(text)
    return resolve_pylock(versions, root)


def write_small_lock(stage: Path, name: str, versions: Mapping[str, str], project: Project) -> None:
    """Another file of hashed requirements in the bundle; what the project's lock does not know yet is resolved."""
    known = dict(read_known(project.root))
    pins, new = hashed_pins(versions, known, partial(resolve_pins, root=project.root))
    if new:
        _remember(project.root, known | {pin.name: pin for pin in new}, versions)
    (stage / name).write_text(render_lock(pins), encoding="utf-8")


def _remember(root: Path, known: Mapping[str, Pin], versions: Mapping[str, str]) -> str:
    """Write the project's lock file, without pins of versions that are not installed any more; says why it cannot."""
    kept = [pin for pin in known.values() if pin.name in versions or _is_installed(pin)]
    try:
        with whole_file(root / LOCK_FILE) as file:
            file.write(render_lock(kept).encode())
    except OSError as error:
        return f"`{LOCK_FILE}` cannot be written ({error.strerror}): the next packaging asks the index again"
    return ""


def _is_installed(pin: Pin) -> bool:
    there = installed(pin.name)
    return there is not None and there.version == pin.version


def _unused(found: Discovery, owners: Owners, versions: Mapping[str, str]) -> dict[str, str]:
    """Imports of the local code that are installed, but were not made while the golden rows ran, and are not locked."""
    loaded = {name.partition(".")[0] for name in found.proof.modules}
    return {
        top: place
        for top, place in found.closure.external.items()
        if place and top not in loaded and owners.of(top) and not set(owners.of(top)) & {*versions, "trimtab"}
    }
