"""Whether a bundle is fit for release: checks made, shown, signed, kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trimtab.cli.access import access_of
from trimtab.cli.aloft import ledger_at
from trimtab.cli.checked import lines, plain
from trimtab.cli.keys import credentials_of
from trimtab.cli.options import trusted_bundle
from trimtab.cli.releasing import by as who
from trimtab.cli.releasing import environment_of
from trimtab.cli.show import harmless, out, out_json, say
from trimtab.core.errors import Problem, UserError

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.store import Store
    from trimtab.core.attestations import Attestation, EvidenceKind
    from trimtab.ops.check.subject import Deployed, Subject
    from trimtab.project import Project
    from trimtab.release.record.record import Record

__all__ = ["fitness"]

_SERVED = ("engine", "processes", "workers", "threads", "batch", "body", "rows", "timeout")  # keys that a check keeps


def fitness(found: Bundle, store: Store, project: Project | None, said: Mapping[str, Any], *, as_json: bool) -> None:
    """RefusedError (P401) for what failed, and what is required and not known; all of it is shown and kept before."""
    from trimtab.ops.check.bench import RealBench
    from trimtab.ops.check.run import require, run_checks
    from trimtab.ops.evidence.keeping import keep_found
    from trimtab.ops.release.records import record_of

    if project is None:
        what = "what a bundle is checked for stands in trimtab.toml, and there is none here"
        raise UserError(Problem("P122", what, str(Path.cwd()), "go to the folder of the project"))
    kinds, required = _kinds(project, said)
    record = record_of(project, store.root, ledger_at(said["folder"] or project.folder / project.release.folder).folder)
    subject = _subject(found, store, project, record, said)
    by = credentials_of(said["key"], said["certificate"], said["chain"]) if said["key"] else None

    def tell(made: Attestation) -> None:
        if not as_json:
            for line in lines(made):
                out(harmless(line))

    with RealBench(store.root, project.folder, _server(project)) as bench:
        made = run_checks(kinds, subject, bench, time.time, tell)
    if not made and not as_json:
        say(f"nothing is looked for: `{said['wanted']}` requires nothing that a check finds out; `--all` does all")
    made = tuple(replace(one, by=who()) for one in made)
    record.keep(found.digest, keep_found(store.root, made, by))
    if as_json:
        out_json({"name": found.name, "digest": found.digest, "checks": [plain(one) for one in made]})
    require(made, required)


def _kinds(project: Project, said: Mapping[str, Any]) -> tuple[tuple[EvidenceKind, ...], set[EvidenceKind]]:
    """What is checked, and what of it must be known."""
    from trimtab.ops.check.known import CHECKED, kinds_of

    name = said["wanted"]
    asked = environment_of(project, name, "trimtab check").requires if name else ()
    must: set[EvidenceKind] = {one.kind for one in asked if not one.warn_only and one.kind in CHECKED}
    wanted = {one.kind for one in asked if one.kind in CHECKED} if not said["only"] else set()
    only = kinds_of(said["only"])
    if said["every"]:
        wanted = set(CHECKED)
    if said["url"] and not said["only"]:
        wanted.add("smoke")
    return kinds_of({*wanted, *only}), (must & {*wanted, *only}) | set(only)


def _subject(found: Bundle, store: Store, project: Project, record: Record, said: Mapping[str, Any]) -> Subject:
    from trimtab.ops.check.subject import Subject
    from trimtab.release.source.source import source_of

    name = said["wanted"]
    subject = Subject(
        found,
        project.folder,
        project.check,
        project.limits,
        name,
        project.environments,
        journal=said["journal"] or (project.server.journal.folder if project.server.journal else None),
        vulnerabilities=said["vulnerabilities"],
        deployed=_deployed(project, said) if said["url"] else None,
        source=source_of(project.folder, said["ref"]),
    )
    if said["live"] == "none":
        return replace(subject, live_known=True)
    reference = said["live"] or (_live(record, found.name, name) if name else None)
    if reference is None:
        return subject
    live = trusted_bundle(reference, store, project, name) if reference else None
    return replace(subject, live=live, live_known=True)


def _live(record: Record, name: str, environment: str) -> str:
    """The digest that is live, empty for none; a gate looks again, and takes no word about another one."""
    from trimtab.ops.check.live import live_digest

    return live_digest(record.entries(), environment, name)


def _deployed(project: Project, said: Mapping[str, Any]) -> Deployed:
    from trimtab.ops.check.subject import Deployed
    from trimtab.ops.check.wires import wire_to

    access = access_of(said["url"], said)
    guarded = project.server.guard.asks or access.credential is not None
    environment = project.environments.get(said["wanted"])
    if environment is not None and "auth" in environment.server:
        guarded = True
    wire = wire_to(said["url"], access.headers, access.tls)
    return Deployed(said["url"], wire, wire_to(said["url"], None, access.tls), guarded)


def _server(project: Project) -> dict[str, Any]:
    """The keys of `[server]` that a server on loopback keeps; nobody's keys, no journal."""
    import tomllib

    said = tomllib.loads(project.file.read_text("utf-8")).get("server", {})
    return {key: said[key] for key in _SERVED if key in said}
