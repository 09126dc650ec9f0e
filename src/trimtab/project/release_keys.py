"""The keys of `[release]`: where releases are recorded, and where bundles travel."""

from __future__ import annotations

from typing import Final

from trimtab.project.key import Key

__all__ = ["RELEASE_KEYS"]

RELEASE_KEYS: Final[tuple[Key, ...]] = (
    Key(
        "release.record", "choice", "where releases are written down: `local`, in a folder of this machine, or `git`, "
        "on a branch of this repository, for everybody who has it", default="local", choices=("local", "git"),
    ),
    Key(
        "release.remote", "text", "git remote that has the branch; `origin` if absent, and this repository alone where "
        "there is none of that name", example='"origin"',
    ),
    Key("release.branch", "text", "branch that releases are recorded on; nothing else is on it", default="releases"),
    Key("release.folder", "text", "folder of the record on this machine", default="ledger"),
    Key(
        "release.registry", "text", "repository of a registry that bundles are pushed to and pulled from, without tag",
        example='"registry.example/models/churn"',
    ),
)  # fmt: skip
