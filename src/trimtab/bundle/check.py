"""Is a bundle what it was when it was packaged, and does it still answer its golden rows on this machine."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

from trimtab.bundle.compiled.certificate import read_certificate
from trimtab.bundle.lock.distributions import Owners, installed, own_requirements
from trimtab.bundle.lock.requirements import allowed_for
from trimtab.bundle.lock.text import parse_lock
from trimtab.bundle.proof.prove import Proof, run_proof
from trimtab.bundle.proof.words import refusal
from trimtab.bundle.read import Bundle, Form, open_bundle
from trimtab.core.errors import Problem, RefusedError

__all__ = ["check_bundle", "listed", "locked_by", "state_of"]

_SHOWN = 5


def check_bundle(folder: Path, say: Callable[[str, str], None] = lambda _topic, _text: None) -> Bundle:
    """Verify every digest, then load the bundle and replay its golden rows in a clean process.

    The process sees the bundle, trimtab, and those installed distributions that the lock names. A compiled form is
    replayed with its own, smaller lock, and then the original too, if its requirements are installed. Raises UserError
    for a damaged bundle, RefusedError for one that does not answer as recorded; other versions than the locked ones are
    said, not refused, for the golden rows decide.
    """
    bundle = open_bundle(folder)
    say("bundle", f"{bundle.name}@{bundle.digest}, {len(bundle.manifest.files)} files verified")
    plan = bundle.plan
    if plan is not None:
        proof = _replayed(bundle, bundle.requirements, "compiled", say)
        say("golden", f"{proof.rows} rows replayed, largest difference {proof.worst}, in the compiled form")
        say("compiled", f"{plan}, {read_certificate(folder)}")
        absent, _ = state_of(locked_by(bundle, "requirements.txt"))
        if absent:
            say("original", f"not replayed, {len(absent)} of its requirements are not installed here: {listed(absent)}")
    if plan is None or not absent:
        proof = _replayed(bundle, "requirements.txt", "original", say)
        say("golden", f"{proof.rows} rows replayed, largest difference {proof.worst}")
    python = platform.python_version_tuple()
    if bundle.manifest.python not in ("", ".".join(python[:2])):
        say("python", f"packaged with {bundle.manifest.python}, replayed with {'.'.join(python[:2])}")
    return bundle


def locked_by(bundle: Bundle, file: str) -> dict[str, str]:
    """Versions by name, as one of the bundle's locks has them; none where nothing was locked."""
    if not bundle.manifest.lock:
        return {}
    return {name: pin.version for name, pin in parse_lock((bundle.folder / file).read_text("utf-8")).items()}


def _replayed(bundle: Bundle, file: str, form: Form, say: Callable[[str, str], None]) -> Proof:
    """The proof of one form with what its lock names; raises RefusedError when it does not answer as recorded."""
    absent: list[str] = []
    allowed = None
    if bundle.manifest.lock:
        locked = locked_by(bundle, file)
        allowed = allowed_for(locked, frozenset(own_requirements(installed)), Owners())
        absent, other = state_of(locked)
        if other:
            say("lock", f"installed in another version than locked: {listed(other)}")
    proof = run_proof(bundle.folder, None, allowed, form=form)
    if not proof.ok:
        raise _with_lock(refusal(proof, bundle.folder), proof, absent, bundle.folder / file)
    return proof


def state_of(locked: dict[str, str]) -> tuple[list[str], list[str]]:
    """Locked distributions that are not installed here, and those that are in another version."""
    found = {name: installed(name) for name in locked}
    absent = [f"{name}=={locked[name]}" for name, there in found.items() if there is None]
    other = [
        f"{name} {there.version} for {locked[name]}"
        for name, there in found.items()
        if there is not None and there.version != locked[name]
    ]
    return absent, other


def _with_lock(error: RefusedError, proof: Proof, absent: list[str], lock: Path) -> RefusedError:
    """The refusal; where requirements are not installed, they are the likely cause, and come first."""
    if not absent or proof.failure is None:
        return error
    what = f"{len(absent)} of the bundle's requirements are not installed here: {listed(absent)}"
    hint = f"`pip install --no-deps -r {lock}`"
    return RefusedError(Problem("P286", what, str(lock), hint), *error.problems)


def listed(items: list[str]) -> str:
    """The first few of them."""
    shown = ", ".join(f"`{item}`" for item in items[:_SHOWN])
    return shown if len(items) <= _SHOWN else f"{shown} and {len(items) - _SHOWN} more"
