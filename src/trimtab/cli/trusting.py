"""Which trust policies hold for a command, gathered from files alone, and what they say of a bundle.

The store's `trust.toml` is the machine's; a project's `[trust]` is judged besides, so it can only be stricter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trimtab.core.errors import Problem, UserError, did_you_mean
from trimtab.project import Project
from trimtab.project.trust import TRUST_FILE, read_trust
from trimtab.project.values import TrustPart

if TYPE_CHECKING:
    from trimtab.bundle.evidence import Evidence
    from trimtab.bundle.oci.contents import Image
    from trimtab.bundle.read import Bundle
    from trimtab.bundle.receiving import Trust
    from trimtab.bundle.store import Store
    from trimtab.bundle.trust.door import Taken
    from trimtab.bundle.trust.policy import Policy

__all__ = ["brought_in", "images_of", "policies_of", "trust_of", "trusted"]


def policies_of(store: Store, project: Project | None, env: str = "") -> tuple[Policy, ...]:
    """Every policy that holds, one at least; UserError P114 for no such environment, P292 or a fault of their files."""
    from trimtab.bundle.trust.policy import ANYBODY

    if env and (project is None or env not in project.environments):
        raise _no_environment(env, project)
    machine = store.root / TRUST_FILE
    found = []
    if (part := read_trust(machine)) is not None:
        found.append(_policy(part, str(machine)))
    if project is not None and (part := _part(project, env)) is not None:
        found.append(_policy(part, f"{project.file.name} {f'[env.{env}.trust]' if env else '[trust]'}"))
    return tuple(found) or (ANYBODY,)


def trust_of(store: Store, project: Project | None, env: str = "") -> Trust:
    """What decides whether a bundle from elsewhere comes into the store; its code does not run by that."""
    from trimtab.bundle.trust.door import require_taking

    policies = policies_of(store, project, env)

    def trust(bundle: Bundle, evidence: tuple[Evidence, ...]) -> Taken:
        return require_taking(bundle, evidence, policies, datetime.now(UTC))

    return trust


def images_of(
    store: Store, project: Project | None, env: str, told: Callable[[str, str], None]
) -> Callable[[Image], None]:
    """What decides whether an image beside a bundle may be taken; told: its digest, and by whom it is signed."""
    from trimtab.bundle.trust.door import require_image

    policies = policies_of(store, project, env)

    def judge(image: Image) -> None:
        names = require_image(image.root.digest, image.evidence, policies, datetime.now(UTC))
        told(image.root.digest, ", ".join(names))

    return judge


def trusted(bundle: Bundle, store: Store, project: Project | None, env: str = "") -> Bundle:
    """The bundle where it lies in the store, once every policy lets it run; one from a folder is received first."""
    from trimtab.bundle.trust.door import require_trust

    policies = policies_of(store, project, env)
    bundle = brought_in(bundle, store, trust_of(store, project, env))
    require_trust(store.root, bundle, policies, datetime.now(UTC))
    return bundle


def brought_in(bundle: Bundle, store: Store, trust: Trust) -> Bundle:
    """The same bundle where nobody else can change it any more: in the store.

    What only root could change stays where it is, as in an image: a store may not be to be written there.
    """
    from trimtab.bundle.trust.place import is_fixed

    folder = bundle.folder.resolve()
    kept = store.root.resolve() / "bundles" / "sha256" / bundle.digest.removeprefix("sha256:")
    if folder == kept:
        return bundle
    if kept.is_dir():
        return store.resolve(bundle.digest)
    if is_fixed(folder):
        return bundle

    from trimtab.bundle.evidence import evidence_of
    from trimtab.bundle.incoming import copy_bundle
    from trimtab.bundle.receiving import receive

    evidence = evidence_of(store.root, bundle.digest)
    return receive(store, lambda target: copy_bundle(folder, target), evidence, trust, bundle.digest)


def _part(project: Project, env: str) -> TrustPart | None:
    return project.environment_trust[env] if env else project.trust


def _no_environment(env: str, project: Project | None) -> UserError:
    if project is None:
        what, hint = "there is no `trimtab.toml` here to name environments", "go to the project's folder"
    else:
        what = f"no environment `{env}` in {project.file.name}"
        hint = did_you_mean(env, project.environments) or f"`[env.{env}.trust]` names it"
    return UserError(Problem("P114", what, "--env", hint))


def _policy(part: TrustPart, where: str) -> Policy:
    from trimtab.bundle.trust.keys import pem_file
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
