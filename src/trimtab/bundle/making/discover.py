"""Finds the local code that a bundle needs: by reading imports, then by watching a clean process ask for more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from trimtab.bundle.code.closure import Closure, find_closure
from trimtab.bundle.code.local import Project
from trimtab.bundle.making.staging import code_places, write_code, write_manifest
from trimtab.bundle.manifest import CodeSpec, Manifest
from trimtab.bundle.proof.prove import Proof, run_proof
from trimtab.bundle.proof.words import refusal

__all__ = ["Discovery", "Prove", "discover"]

Prove: TypeAlias = Callable[[Path, Project], Proof]

_ROUNDS: Final = 20


@dataclass(frozen=True, slots=True)
class Discovery:
    """A staged bundle that a clean process could load and replay with everything that is installed here."""

    manifest: Manifest
    closure: Closure
    proof: Proof


def discover(
    stage: Path,
    draft: Manifest,
    start: Iterable[str],
    project: Project,
    data: Mapping[str, Path],
    prove: Prove = run_proof,
) -> Discovery:
    """Stage the code reachable from the starting modules, and prove; a local module asked for at run time is added.

    prove: runs the clean process for a staged bundle and the project that is hidden from it. Raises RefusedError with
    what the proof says.
    """
    wanted = set(start)
    for _ in range(_ROUNDS):
        closure = find_closure(wanted, project)
        places = code_places(closure, data, project)
        write_code(stage, places)
        manifest = msgspec.structs.replace(draft, code=CodeSpec(closure.modules, tuple(places)))
        write_manifest(stage, manifest)
        proof = prove(stage, project)
        more = _asked_for(proof, project)
        if proof.ok or more is None or more in wanted:
            break
        wanted.add(more)
    if not proof.ok:
        raise refusal(proof, stage, project)
    return Discovery(manifest, closure, proof)


def _asked_for(proof: Proof, project: Project) -> str | None:
    """The local module that the process did not find, if that is why it failed."""
    name = proof.failure.module if proof.failure else ""
    return name if name and project.find(name.partition(".")[0]) is not None else None
