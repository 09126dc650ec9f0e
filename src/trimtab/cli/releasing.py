"""What the verbs of releases share: which environment, and everything that a release works with."""

from __future__ import annotations

import os
import pwd
import re
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from trimtab.cli.access import access_of
from trimtab.cli.aloft import airfield_of, ledger_at
from trimtab.cli.options import project_here, store_at
from trimtab.cli.show import fact, harmless, say
from trimtab.cli.trusting import trust_of
from trimtab.core.errors import Problem, UserError, did_you_mean

if TYPE_CHECKING:
    from trimtab.bundle.store import Store
    from trimtab.core.deployment import Deployment
    from trimtab.ops.flights.director import Seen
    from trimtab.ops.release.means import Means
    from trimtab.ops.release.proof import Entrance
    from trimtab.project import Project
    from trimtab.release.environments import Environment
    from trimtab.release.promotion.values import Finding, Source
    from trimtab.release.record.record import Record
    from trimtab.targets.target import Status, Target

__all__ = ["Yard", "bring", "by", "environment_of", "means_of", "target_in", "teller", "yard_of"]

TARGETS: Final = Path(".trimtab") / "targets"


@dataclass(frozen=True, slots=True)
class Yard:
    """Where releases are made: a project, its store, its record. ledger: the folder of what is kept on this machine."""

    project: Project
    store: Store
    ledger: Path
    record: Record


def yard_of(folder: Path | None, store_folder: Path | None, verb: str) -> Yard:
    """Of the current folder. UserError P466 without a project, or one without environments."""
    from trimtab.ops.release.records import record_of

    project = project_here()
    if project is None or not project.environments:
        what = "there is no `trimtab.toml` here" if project is None else f"{project.file.name} has no environments"
        hint = "go to the project's folder" if project is None else "`[env.dev]` is one; see docs/release/releasing.md"
        raise UserError(Problem("P466", f"{what}, so there is nothing to release to", verb, hint))
    store, ledger = store_at(store_folder), ledger_at(folder or project.folder / project.release.folder).folder
    return Yard(project, store, ledger, record_of(project, store.root, ledger))


def environment_of(project: Project, name: str, verb: str) -> Environment:
    """The environment of that name. UserError P466."""
    found = project.environments.get(name)
    if found is None:
        is_bundle = verb == "trimtab release" and re.split("[:@]", name)[0] in (project.name, "sha256")
        to = f"`{verb} {name[:100]} --to {next(iter(project.environments))}`, for a bundle"
        hint = to if is_bundle else did_you_mean(name, project.environments)
        raise UserError(Problem("P466", f"no environment `{name[:100]}` in {project.file.name}", verb, hint))
    return found


def target_in(environment: Environment, yard: Yard) -> Target:
    """Where the environment's endpoints run."""
    from trimtab.targets.known import target_of
    from trimtab.targets.target import Means as TargetMeans

    means = TargetMeans(yard.store.root.absolute(), yard.project.folder / TARGETS, yard.project.folder)
    return target_of(environment.target.kind, environment.target.options, means)


def means_of(
    yard: Yard, environment: Environment, said: Mapping[str, Any], tell: Callable[[str, str], None],
    watch: Callable[[Seen], None] = lambda _: None,
) -> Means:  # fmt: skip
    """Everything that a release to the environment works with. said: of `access_options`. watch: is told of flights."""
    from trimtab.bundle.keeping.needed import need
    from trimtab.cli.vouching import evidence_of, share, vouch
    from trimtab.ops.release.flown import FlownReleases
    from trimtab.ops.release.means import Crew, Means
    from trimtab.ops.release.owner import alive, me
    from trimtab.ops.release.records import name_of
    from trimtab.release.flight.plan import Plan
    from trimtab.release.promotion.judge import judge

    field = airfield_of(yard.ledger / environment.name, "", said, "trimtab release")
    return Means(
        record=yard.record,
        target=target_in(environment, yard),
        flights=FlownReleases(field, environment.flight or Plan(), watch),
        judge=judge,
        evidence=partial(evidence_of, yard, environment),
        share=partial(share, yard),
        stands=_stands(yard, environment),
        prove=partial(_prove, yard, said),
        compatible=partial(_compatible, yard),
        vouch=partial(vouch, yard),
        has=lambda digest: yard.store.folder(digest).is_dir(),
        need=lambda where, name, uses: need(yard.store.root, where, name, uses, name_of(yard.record)),
        crew=Crew(by(), me(), alive),
        clock=time.time,
        tell=tell,
    )


def _stands(yard: Yard, environment: Environment) -> Callable[[Source], None]:
    """Nobody asks the remote for an environment that is bound to no branch and no tag."""
    from trimtab.release.source.refs import must_stand

    if not (environment.branch or environment.tag):
        return lambda _source: None
    return partial(must_stand, yard.project.folder, remote=yard.project.release.remote or "origin")


def bring(yard: Yard, digest: str) -> None:
    """A bundle that is not in the store, from the registry of `[release]`; nothing where none is named."""
    from trimtab.bundle.oci.opening import Terms, open_registry
    from trimtab.bundle.oci.pulling import pull
    from trimtab.bundle.oci.remote.reference import parse_remote

    if yard.project.release.registry and not yard.store.folder(digest).is_dir():
        remote = parse_remote(f"{yard.project.release.registry}@{digest}")
        trust = trust_of(yard.store, yard.project)
        pull(open_registry(remote, Terms(os.environ, False)), remote, yard.store, trust, say, time.time())


def teller(*, as_json: bool) -> Callable[[str, str], None]:
    """Says what is done: as lines of the answer, or beside JSON as talk."""

    def tell(topic: str, text: str) -> None:
        if as_json:
            say(f"{topic:<10} {harmless(text)}")
        else:
            fact(topic, harmless(text))

    return tell


def by() -> str:
    """Who releases, for people who read it later, and for the rule that nobody says yes to their own."""
    from trimtab.release.source.ci import told_by

    if told := told_by(os.environ).by:
        return told
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid:{os.getuid()}"
    return f"{name}@{socket.gethostname()}"


def _prove(yard: Yard, said: Mapping[str, Any], status: Status, wanted: Deployment) -> Finding:
    from trimtab.ops.release.proof import prove

    return prove(yard.store.resolve(wanted.bundle), status, wanted, partial(_entrance, said))


def _entrance(said: Mapping[str, Any], address: str) -> Entrance:
    from trimtab.ops.release.proof import Entrance

    access = access_of(address, said, verb="trimtab release")
    return Entrance(access.headers, access.tls)


def _compatible(yard: Yard, live: str, new: str) -> tuple[Finding, ...]:
    """What callers of the live bundle would find changed; where that is not to be had, that it is not known."""
    from trimtab.release.compatible.findings import findings, unknown

    bring(yard, live)
    if not yard.store.folder(live).is_dir():
        registry = yard.project.release.registry
        return unknown(live, f"push it to `{registry}`" if registry else "name `[release] registry`, where it is")
    return findings(*(yard.store.resolve(digest).signature for digest in (live, new)))
