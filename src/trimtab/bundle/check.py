"""Is a bundle what it was when it was packaged, and does it still answer its golden rows on this machine."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

from trimtab.bundle.lock.distributions import Owners, installed, own_requirements
from trimtab.bundle.lock.requirements import allowed_for
from trimtab.bundle.lock.text import parse_lock
from trimtab.bundle.proof.prove import Proof, run_proof
from trimtab.bundle.proof.words import refusal
from trimtab.bundle.read import Bundle, open_bundle
from trimtab.core.errors import Problem, RefusedError

__all__ = ["check_bundle"]

_SHOWN = 5


def check_bundle(folder: Path, say: Callable[[str, str], None] = lambda _topic, _text: None) -> Bundle:
    """Verify every digest, then load the bundle and replay its golden rows in a clean process.

    The process sees the bundle, trimtab, and those installed distributions that the lock names. Raises UserError for a
    damaged bundle, RefusedError for one that does not answer as recorded; other versions than the locked ones are said,
    not refused, for the golden rows decide.
    """
    bundle = open_bundle(folder)
    say("bundle", f"{bundle.name}@{bundle.digest}, {len(bundle.manifest.files)} files verified")
    pins = parse_lock((folder / "requirements.txt").read_text("utf-8")) if bundle.manifest.lock else None
    allowed = None
    if pins is not None:
        locked = {name: pin.version for name, pin in pins.items()}
        allowed = allowed_for(locked, frozenset(own_requirements(installed)), Owners())
        absent, other = _state(locked)
        if other:
            say("lock", f"installed in another version than locked: {_listed(other)}")
    else:
        absent = []
    proof = run_proof(folder, None, allowed)
    if not proof.ok:
        raise _with_lock(refusal(proof, folder), proof, absent, folder)
    python = platform.python_version_tuple()
    if bundle.manifest.python not in ("", ".".join(python[:2])):
        say("python", f"packaged with {bundle.manifest.python}, replayed with {'.'.join(python[:2])}")
    say("golden", f"{proof.rows} rows replayed, largest difference {proof.worst}")
    return bundle


def _state(locked: dict[str, str]) -> tuple[list[str], list[str]]:
    """Locked distributions that are not installed here, and those that are in another version."""
    found = {name: installed(name) for name in locked}
    absent = [f"{name}=={locked[name]}" for name, there in found.items() if there is None]
    other = [
        f"{name} {there.version} for {locked[name]}"
        for name, there in found.items()
        if there is not None and there.version != locked[name]
    ]
    return absent, other


def _with_lock(error: RefusedError, proof: Proof, absent: list[str], folder: Path) -> RefusedError:
    """The refusal; where requirements are not installed, they are the likely cause, and come first."""
    if not absent or proof.failure is None:
        return error
    what = f"{len(absent)} of the bundle's requirements are not installed here: {_listed(absent)}"
    hint = f"`pip install --no-deps -r {folder / 'requirements.txt'}`"
    return RefusedError(Problem("P286", what, str(folder / "requirements.txt"), hint), *error.problems)


def _listed(items: list[str]) -> str:
    shown = ", ".join(f"`{item}`" for item in items[:_SHOWN])
    return shown if len(items) <= _SHOWN else f"{shown} and {len(items) - _SHOWN} more"
