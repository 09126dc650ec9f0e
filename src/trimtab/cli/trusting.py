"""Which trust policies hold for a command, gathered from files alone, and what they say of a bundle.

The store's `trust.toml` is the machine's; a project's `[trust]` is judged besides, so it can only be stricter.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trimtab.core.errors import Problem, UserError
from trimtab.project import Project
from trimtab.project.trust import TRUST_FILE, read_trust, trust_in
from trimtab.project.values import TrustPart

if TYPE_CHECKING:
    from trimtab.bundle.evidence import Evidence
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.receiving import Trust
    from trimtab.bundle.store import Store
    from trimtab.bundle.trust.policy import NamedPem, Policy

__all__ = ["brought_in", "pem_file", "policies_of", "trust_of", "trusted"]

_LARGEST = 2**20  # bytes of a file of keys or certificates


def policies_of(store: Store, project: Project | None, env: str = "") -> tuple[Policy, ...]:
    """Every policy that holds, one at least; UserError P292, P296 or a fault of their files."""
    from trimtab.bundle.trust.policy import ANYBODY

    if env and project is None:
        what = f"the environment `{env}` is named in a project file, and there is none here"
        raise UserError(Problem("P296", what, str(Path.cwd()), "go to the folder with `trimtab.toml`"))
    machine = store.root / TRUST_FILE
    found = []
    if (part := read_trust(machine)) is not None:
        found.append(_policy(part, str(machine)))
    if project is not None and (part := trust_in(project, env)) is not None:
        found.append(_policy(part, f"{project.file.name} {f'[env.{env}.trust]' if env else '[trust]'}"))
    return tuple(found) or (ANYBODY,)


def trust_of(store: Store, project: Project | None, env: str = "") -> Trust:
    """What decides whether a bundle from elsewhere comes into the store; its code does not run by that."""
    from trimtab.bundle.trust.door import require_taking

    policies = policies_of(store, project, env)

    def trust(bundle: Bundle, evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
        return require_taking(bundle, evidence, policies, datetime.now(UTC))

    return trust


def trusted(bundle: Bundle, store: Store, project: Project | None, env: str = "") -> Bundle:
    """The bundle where it lies in the store, once every policy lets it run; one from a folder is received first."""
    from trimtab.bundle.trust.door import require_trust

    policies = policies_of(store, project, env)
    bundle = brought_in(bundle, store, trust_of(store, project, env))
    require_trust(store.root, bundle, policies, datetime.now(UTC))
    return bundle


def brought_in(bundle: Bundle, store: Store, trust: Trust) -> Bundle:
    """The same bundle where nobody else can change it any more: in the store.

    What lies on a file system that is mounted for reading stays there: a container without anything to write to.
    """
    from trimtab.bundle.evidence import evidence_of
    from trimtab.bundle.incoming import copy_bundle
    from trimtab.bundle.receiving import receive

    folder = bundle.folder.resolve()
    kept = store.root.resolve() / "bundles" / "sha256" / bundle.digest.removeprefix("sha256:")
    if folder == kept:
        return bundle
    if kept.is_dir():
        return store.resolve(bundle.digest)
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return bundle
    evidence = evidence_of(store.root, bundle.digest)
    return receive(store, lambda target: copy_bundle(folder, target), evidence, trust, bundle.digest)


def pem_file(path: Path) -> NamedPem:
    """The content of a file of keys or certificates, by its name; UserError P292."""
    from trimtab.bundle.trust.policy import NamedPem

    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UserError(Problem("P292", f"cannot be read: {error.strerror}", str(path))) from None
    if len(data) > _LARGEST:
        raise UserError(Problem("P292", "is too large for keys or certificates", str(path)))
    return NamedPem(path.name, data)


def _policy(part: TrustPart, where: str) -> Policy:
    from trimtab.bundle.trust.policy import Policy

    return Policy(
        tuple(pem_file(path) for path in part.keys),
        tuple(pem_file(path) for path in part.authorities),
        frozenset(part.subjects),
        part.at_least,
        part.takes_unsigned,
        part.allow_code,
        where,
    )
