"""Puts a compiled form into a staged bundle when a process without the framework proves it, and takes it out if not."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from trimtab.bundle.code.local import Project
from trimtab.bundle.compiled.attempt import Attempt
from trimtab.bundle.compiled.certificate import Certificate, Found, Refutation, write_certificate
from trimtab.bundle.compiled.features import UnfoldableError
from trimtab.bundle.compiled.pools import SEED
from trimtab.bundle.engines.plan import FOLDER, PLAN, Plan
from trimtab.bundle.lock.distributions import Owners, installed, own_requirements
from trimtab.bundle.lock.requirements import allowed_for, asked_for, versions_of
from trimtab.bundle.lock.step import write_small_lock
from trimtab.bundle.making.discover import Discovery
from trimtab.bundle.making.staging import write_manifest
from trimtab.bundle.manifest import GoldenSpec, Manifest, canonical
from trimtab.bundle.proof.prove import Allowed, Proof, request_of, run_clean, run_proof
from trimtab.bundle.proof.words import refusal
from trimtab.bundle.read import read_manifest

__all__ = ["SMALL_LOCK", "add_compiled", "reason_of"]

SMALL_LOCK: Final = "requirements-compiled.txt"
_LIMIT_S: Final = 180.0


def add_compiled(stage: Path, tried: Attempt, found: Discovery, kind: str, project: Project) -> Certificate:
    """Add plan, files, certificate and requirements of the compiled form to a complete bundle folder.

    kind: of the lock. Raises UnfoldableError with the reason when the form is not proved; the folder is then as before.
    """
    manifest, _ = read_manifest(stage)
    try:
        return _added(stage, tried, manifest, kind, (found, project))
    except UnfoldableError:
        shutil.rmtree(stage / FOLDER, ignore_errors=True)
        (stage / SMALL_LOCK).unlink(missing_ok=True)
        write_manifest(stage, manifest)
        raise


def _added(
    stage: Path, tried: Attempt, manifest: Manifest, kind: str, around: tuple[Discovery, Project]
) -> Certificate:
    found, project = around
    shutil.copytree(tried.folder / FOLDER, stage / FOLDER)
    _write_plan(stage, tried.plan)
    write_manifest(stage, manifest)
    free = run_proof(stage, project, form="compiled")
    _must_hold(free, stage, project)
    owners, own = Owners(), frozenset(own_requirements(installed))
    local = {name.partition(".")[0] for name in found.closure.modules}
    own_tops = owners.tops_of(own)
    versions = versions_of(asked_for(free, local, own, owners), installed)
    if kind != "off":
        write_small_lock(stage, SMALL_LOCK, versions, project)
    _write_plan(stage, msgspec.structs.replace(tried.plan, imports=_imports(free, owners.tops_of(versions), own_tops)))
    write_manifest(stage, manifest)
    golden = manifest.golden or GoldenSpec(0, 0.0, 0.0)
    certificate = _compared(stage, tried, allowed_for(versions, own, owners), golden, project)
    write_certificate(certificate, stage)
    write_manifest(stage, manifest)
    return certificate


def _write_plan(stage: Path, plan: Plan) -> None:
    (stage / PLAN).write_bytes(canonical(msgspec.to_builtins(plan)))


def _imports(proof: Proof, needed: Collection[str], own: Collection[str]) -> tuple[str, ...]:
    """Top-level modules that were loaded from what the form needs beyond trimtab's own requirements."""
    tops = {name.partition(".")[0] for name in proof.modules}
    return tuple(sorted((tops & set(needed)) - set(own)))


def _must_hold(proof: Proof, stage: Path, project: Project) -> None:
    if not proof.ok:
        raise UnfoldableError(reason_of(proof, stage, project))


def reason_of(proof: Proof, stage: Path, project: Project) -> str:
    """What a proof that is not ok says against the compiled form, on one line."""
    first = refusal(proof, stage, project).problems[0]
    what = first.what.splitlines()[0]
    return f"{what}, at {first.where}" if first.where else what


def _compared(stage: Path, tried: Attempt, allowed: Allowed, golden: GoldenSpec, project: Project) -> Certificate:
    """Golden rows and trials in a process that can import what the compiled form needs, and nothing else."""
    rtol, atol = golden.rtol, golden.atol
    asked = request_of(stage, project, allowed, "compiled")
    asked |= {"trials": str(tried.trials.resolve()), "rtol": rtol, "atol": atol}
    proof, said = run_clean("trimtab.bundle.compiled.child", asked, _LIMIT_S)
    _must_hold(proof, stage, project)
    _must_agree(said)
    found = msgspec.convert(said["found"], tuple[Found, ...])
    return Certificate(found, rtol, atol, SEED)


def _must_agree(said: Mapping[str, Any]) -> None:
    if "refuted" in said:
        raise UnfoldableError(str(msgspec.convert(said["refuted"], Refutation)))
