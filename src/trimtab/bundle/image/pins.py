"""What the layer of libraries holds: the bundle's locked requirements, and those of trimtab that the lock lacks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from trimtab.bundle.lock.distributions import Distribution, installed, own_requirements
from trimtab.bundle.lock.text import LOCK_FILE, Pin, Resolve, hashed_pins, parse_lock, read_known, render_lock
from trimtab.bundle.read import Bundle
from trimtab.core.errors import Problem, UserError

__all__ = ["misfits", "pins_for", "pins_of_bundle"]


def pins_of_bundle(bundle: Bundle) -> dict[str, Pin]:
    """The bundle's own lock; UserError P276 for a bundle that was packaged without."""
    if bundle.requirements not in bundle.manifest.files:
        hint = '`lock = "requirements"` in `[model]` of trimtab.toml, then `trimtab package`'
        raise UserError(Problem("P276", f"bundle `{bundle.name}` has no locked requirements", bundle.digest, hint))
    pins = parse_lock((bundle.folder / bundle.requirements).read_text("utf-8"))
    loose = [name for name, pin in pins.items() if not pin.hashes]
    if loose:
        what = f"requirement `{loose[0]}` of bundle `{bundle.name}` has no hash"
        raise UserError(
            Problem("P276", what, bundle.requirements, "package the model again where an index is in reach")
        )
    return pins


def pins_for(locked: Mapping[str, Pin], notes: Path, resolve: Resolve) -> list[Pin]:
    """The locked pins and those of trimtab's own requirements, in the versions that are installed here; sorted.

    notes: a folder where the hashes for that platform are kept, so that the index is asked once. Raises UserError
    (P276) where a locked version is none that trimtab can work with.
    """
    faults = misfits(locked, metadata.requires("trimtab") or ())
    if faults:
        hint = "install what the message says, and package the model again"
        raise UserError(*(Problem("P276", fault, "requirements.txt", hint) for fault in faults))
    versions = {name: found.version for name, found in _own(installed).items() if name not in locked}
    own, new = hashed_pins(versions, read_known(notes), resolve)
    if new:
        notes.mkdir(parents=True, exist_ok=True)
        draft = notes / f".{LOCK_FILE}.{os.getpid()}"
        draft.write_text(render_lock(own), "utf-8")
        draft.replace(notes / LOCK_FILE)
    return sorted([*locked.values(), *own], key=lambda pin: pin.name)


def _own(find: Callable[[str], Distribution | None]) -> Mapping[str, Distribution]:
    found = own_requirements(find)
    if "numpy" not in found:
        what = "trimtab runs here without being installed, so that its requirements are not known"
        raise UserError(Problem("P276", what, hint="`pip install trimtab`"))
    return found


def misfits(locked: Mapping[str, Pin], requires: tuple[str, ...] | list[str]) -> list[str]:
    """Locked versions that trimtab's own requirements exclude, in words."""
    found = []
    for text in requires:
        need = Requirement(text)
        pin = locked.get(canonicalize_name(need.name))
        counts = need.marker is None or need.marker.evaluate({"extra": ""})
        if pin and counts and not need.specifier.contains(pin.version, prereleases=True):
            found.append(f"the bundle is locked to `{pin.name}=={pin.version}`, trimtab needs `{need}`")
    return found
