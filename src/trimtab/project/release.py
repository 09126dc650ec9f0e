"""Where releases are recorded, as `[release]` says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from trimtab.project.faults import Faults
from trimtab.project.wrong import Wrong
from trimtab.release.refs import pattern_fault

__all__ = ["ReleasePart", "check_release", "release_of"]

_PASSWORD: Final = re.compile(r"^([a-z+]+://)?[^/@]*:[^/@]*@")


@dataclass(frozen=True, slots=True)
class ReleasePart:
    """`[release]`. remote: of git, empty for `origin` where there is one. folder: of a local record, from the file's.

    registry: repository that bundles travel through, empty for none.
    """

    record: Literal["local", "git"] = "local"
    remote: str = ""
    branch: str = "releases"
    folder: str = "ledger"
    registry: str = ""


def check_release(plain: Mapping[str, Any], faults: Faults) -> None:
    """P105 for a branch or a remote that git could not have, and for a password, which is not shown."""
    said = plain.get("release", {})
    branch, remote = said.get("branch"), said.get("remote")
    if branch is not None:
        why = "a pattern is none" if "*" in branch else pattern_fault(branch)
        if why:
            wrong = Wrong("P105", f"`{branch}` is no name of a branch: {why}", 'for example `branch = "releases"`')
            faults.add(("release", "branch"), wrong)
    if remote is not None and (not remote or remote.startswith("-") or "::" in remote or not remote.isprintable()):
        hint = 'a name of `git remote`, or an address: `remote = "origin"`'
        faults.add(("release", "remote"), Wrong("P105", f"`{remote}` is no remote", hint))

    for key in ("remote", "registry"):
        if _PASSWORD.search(said.get(key) or ""):
            hint = "the address without it; git and `trimtab pull` ask their own helpers for credentials"
            faults.add(("release", key), Wrong("P105", "a password has no place in this file", hint))


def release_of(plain: Mapping[str, Any]) -> ReleasePart:
    """The part of a file without faults."""
    return ReleasePart(**plain.get("release", {}))
