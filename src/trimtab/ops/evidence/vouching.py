"""Whose word counts in an environment: who vouches for what was found, and whose yes counts; from files alone."""

from __future__ import annotations

from pathlib import Path

from trimtab.bundle.trust.keys import pem_file
from trimtab.bundle.trust.policy import NamedPem, Policy
from trimtab.core.errors import Problem, UserError
from trimtab.project.values import Project, TrustPart
from trimtab.release.environments import Environment
from trimtab.release.evidence.gather import Vouching
from trimtab.release.evidence.own import own_public

__all__ = ["approver_file", "vouching_in"]


def vouching_in(project: Project, environment: Environment, root: Path) -> Vouching:
    """Whose word counts there. root: of the store, whose own key vouches where the project names nobody to.

    What was found is vouched for by whom `[trust]` or `[env.NAME.trust]` names. A yes is by an approver: the key of
    that name among those, else `keys/NAME.pub` in the project, else a certificate below the authorities named there.
    UserError P292 for a file that is no key, P440 for a bad key of the store.
    """
    part = project.environment_trust.get(environment.name, project.trust) or TrustPart()
    where = f"{project.file.name} [env.{environment.name}]"
    authorities = tuple(pem_file(path) for path in part.authorities)
    keys = tuple(_named(path) for path in part.keys)
    if not (keys or authorities):
        own = own_public(root)
        keys = () if own is None else (own,)
    approvers = {name: approver_file(project, part, name) for name in environment.approvers}
    return Vouching(
        Policy(keys, authorities, frozenset(part.subjects), where=where),
        Policy(
            tuple(_named(path, name) for name, path in approvers.items() if path is not None),
            authorities,
            frozenset(name for name, path in approvers.items() if path is None),
            where=where,
        ),
    )


def approver_file(project: Project, part: TrustPart, name: str) -> Path | None:
    """The file of an approver's public key; None where only a certificate can have that name."""
    named = [path for path in part.keys if path.stem == name]
    if len(named) > 1:
        what = f"`{name}` is the name of two keys: {', '.join(str(path) for path in named)}"
        raise UserError(Problem("P442", what, project.file.name, "give each key a name of its own"))
    if named:
        return named[0]
    own = project.folder / "keys" / f"{name}.pub"
    if "/" not in name and own.is_file():
        return own
    if not part.authorities:
        what = f"there is no key of the approver `{name}`"
        raise UserError(
            Problem("P442", what, project.file.name, f"put it at `keys/{name}.pub`, or name it in `[trust] keys`")
        )
    return None


def _named(path: Path, name: str = "") -> NamedPem:
    return NamedPem(name or path.stem, pem_file(path).pem)
