"""From what a proof imported to what the lock must hold."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping

from trimtab.bundle.lock.distributions import Distribution, Owners, closure_of
from trimtab.bundle.proof.prove import Allowed, Proof
from trimtab.core.errors import Problem, UserError

__all__ = ["Find", "allowed_for", "asked_for", "everything", "owners_of", "versions_of"]

Find = Callable[[str], Distribution | None]


def asked_for(proof: Proof, local: Collection[str], own: Collection[str], owners: Owners) -> frozenset[str]:
    """Distributions that the bundle itself asked for; what a library tries on its own account is not among them.

    local: the bundle's top-level modules. own: trimtab's requirements, which count only if the bundle's code or its
    model asks for them. Importers in the standard library are unpicklers and the like, which act for the model.
    """
    loaded = {name.partition(".")[0] for name in proof.modules}
    found: set[str] = set()
    for importer, top in proof.asked:
        if top not in loaded or top in local or top == "trimtab":
            continue
        names = owners_of(top, proof, owners)
        if importer == "trimtab":
            found.update(name for name in names if name not in own)
        elif importer in local or importer in sys.stdlib_module_names or importer in ("", "__main__"):
            _must_be_owned(top, names, proof)
            found.update(names)
    return frozenset(found)


def everything(proof: Proof, own: Collection[str], owners: Owners) -> frozenset[str]:
    """All distributions that were loaded, what libraries tried included; not what trimtab needs for itself."""
    tops = {name.partition(".")[0] for name in proof.modules}
    return frozenset(name for top in tops for name in owners_of(top, proof, owners) if name not in own)


def owners_of(top: str, proof: Proof, owners: Owners) -> frozenset[str]:
    """The distributions behind the loaded modules of a top-level name."""
    modules = {name: file for name, file in proof.modules.items() if name.partition(".")[0] == top}
    return frozenset(owner for name, file in (modules or {top: ""}).items() for owner in owners.of(name, file))


def _must_be_owned(top: str, names: Iterable[str], proof: Proof) -> None:
    file = proof.modules.get(top, "")
    if not list(names) and file:
        what = f"`{top}` is imported from `{file}`, which no installed distribution owns"
        hint = "install it from an index or a wheel, or move it below the project folder"
        raise UserError(Problem("P255", what, f"import of `{top}`", hint))


def versions_of(names: Iterable[str], find: Find) -> dict[str, str]:
    """Exact versions of the named distributions and of all that they require, by name, sorted.

    Raises UserError (P255) for what is installed from a folder: no lock can name that.
    """
    found = closure_of(names, find)
    problems = [
        Problem(
            "P255",
            f"`{item.name}` is installed from the folder `{item.editable}`, which a lock cannot name",
            f"requirement `{item.name}`",
            "build a wheel of it and install that, or move its modules below the project folder",
        )
        for item in found.values()
        if item.editable
    ]
    if problems:
        raise UserError(*problems)
    return {name: item.version for name, item in found.items()}


def allowed_for(versions: Mapping[str, str], own: Collection[str], owners: Owners) -> Allowed:
    """What a serving environment has: the locked distributions, and trimtab with its requirements."""
    names = frozenset({*versions, *own, "trimtab"})
    return Allowed(owners.tops_of(names), names)
