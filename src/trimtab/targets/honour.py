"""Holds a deployment against what a target can keep to: whatever it cannot is refused by name, never dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from trimtab.core.deployment import Deployment, said_of
from trimtab.core.errors import Problem, UserError

__all__ = ["ALWAYS", "must_honour", "no_honour", "unhonoured"]

ALWAYS: Final = frozenset({"name", "environment", "bundle"})


def unhonoured(wanted: Deployment, honours: Iterable[str]) -> tuple[str, ...]:
    """The dotted names that the deployment says and the target cannot keep to. `server` honours all of `server.*`."""
    kept = ALWAYS | set(honours)
    return tuple(name for name in sorted(said_of(wanted)) if name not in kept and name.partition(".")[0] not in kept)


def must_honour(wanted: Deployment, honours: Iterable[str], kind: str) -> None:
    """UserError P500, a problem for each field that the target cannot honour."""
    names = unhonoured(wanted, honours)
    if names:
        hint = f"leave it away for the target `{kind}`, or choose a target that has it"
        raise UserError(*(no_honour(wanted, name, kind, hint) for name in names))


def no_honour(wanted: Deployment, name: str, kind: str, hint: str) -> Problem:
    """The problem of one name that the target cannot keep to, also one that is deeper in a table."""
    return Problem("P500", f"the target `{kind}` cannot honour `{name}`", f"[env.{wanted.environment}]", hint)
