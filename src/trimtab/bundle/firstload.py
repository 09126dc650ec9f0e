"""The first load of a bundle that came from elsewhere: in a limited process without network, before it is kept."""

from __future__ import annotations

import platform
from typing import Final

from trimtab.bundle.check import listed, locked_by, state_of
from trimtab.bundle.lock.distributions import Owners, installed, own_requirements
from trimtab.bundle.lock.requirements import allowed_for
from trimtab.bundle.proof.limits import Limits
from trimtab.bundle.proof.prove import Allowed, Proof, run_proof
from trimtab.bundle.proof.words import refusal
from trimtab.bundle.read import Bundle, Form
from trimtab.core.errors import Problem, RefusedError

__all__ = ["first_load", "limits_for"]

_MEMORY: Final = 2 << 30  # bytes, for interpreter, libraries and rows
_TIMES: Final = 4  # a model in memory may be larger than its file


def limits_for(bundle: Bundle) -> Limits:
    """The limits of a bundle's first load: memory by the size of its files, the rest as it stands in `Limits`."""
    size = sum(entry.size for entry in bundle.manifest.files.values())
    return Limits(memory=_MEMORY + _TIMES * size)


def first_load(bundle: Bundle, limits: Limits | None = None) -> str:
    """Load the verified bundle and replay its golden rows; empty, or why that could not be tried on this machine.

    Every form is tried whose requirements are installed here. Raises RefusedError: P298 for a bundle that crashes, asks
    the network or does not answer as recorded, P299 for one that takes more than it may.
    """
    limits = limits or limits_for(bundle)
    forms: list[tuple[Form, str]] = [("original", "requirements.txt")]
    if bundle.plan is not None:
        forms.insert(0, ("compiled", bundle.requirements))
    reasons = [_try(bundle, form, file, limits) for form, file in forms]
    return "" if "" in reasons else reasons[0]


def _try(bundle: Bundle, form: Form, file: str, limits: Limits) -> str:
    """As `first_load`, for one form."""
    allowed: Allowed | None = None
    other: list[str] = []
    if bundle.manifest.lock:
        locked = locked_by(bundle, file)
        absent, other = state_of(locked)
        if absent:
            return f"{len(absent)} of its requirements are not installed here: {listed(absent)}"
        allowed = allowed_for(locked, frozenset(own_requirements(installed)), Owners())
    proof = run_proof(bundle.folder, None, allowed, form=form, limits=limits)
    if proof.ok:
        return ""
    python = ".".join(platform.python_version_tuple()[:2])
    if bundle.manifest.python not in ("", python):
        other.append(f"Python {python} for {bundle.manifest.python}")
    missing = _missing(proof)
    if missing and not bundle.manifest.lock:
        return f"`{missing}` is not installed here, and the bundle has no lock that would tell what it needs"
    if other and _may_be_another_version(proof):
        return f"it does not answer as recorded, with other versions than it was locked with: {listed(other)}"
    raise _refused(bundle, proof)


def _missing(proof: Proof) -> str:
    """The package that is not installed, where nothing else is wrong."""
    failure = proof.failure
    if failure is None or _asked(proof):
        return ""
    named = next((what.split("`")[1] for code, what, _, _ in failure.problems if code == "P224"), "")
    return named or failure.module.partition(".")[0].replace("__main__", "")


def _may_be_another_version(proof: Proof) -> bool:
    """A crash, a limit and a question to the network are no matter of versions."""
    return not _asked(proof) and (proof.failure is None or proof.failure.stage != "process")


def _asked(proof: Proof) -> bool:
    return any(place for _, place in proof.network) or (proof.failure is not None and proof.failure.offline)


def _refused(bundle: Bundle, proof: Proof) -> RefusedError:
    where = f"{bundle.name}@{bundle.digest}"
    failure = proof.failure
    if failure is not None and failure.type in ("LimitReached", "MemoryError"):
        what = f"the first load went over its limits: {failure.message or 'out of memory'}"
        place = f", at code/{failure.frames[-1]}" if failure.frames else ""
        return RefusedError(Problem("P299", what + place, where, "nothing was kept; ask who made the bundle"))
    what = "the first load of the bundle failed, and nothing was kept"
    return RefusedError(Problem("P298", what, where, "ask who made it"), *refusal(proof, bundle.folder).problems)
