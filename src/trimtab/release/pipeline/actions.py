"""The actions of others that a GitHub workflow uses, each pinned by the full digest of its commit.

A tag can be moved, a commit cannot. Each digest was read in November 2026 from the tag in a copy of the action's own
repository: the commit, also behind an annotated tag; `git ls-remote https://github.com/OWNER/NAME 'v7.0.1*'` says it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CHECKOUT", "DOWNLOAD", "LOGIN", "PINNED", "PYTHON", "UPLOAD", "Action"]


@dataclass(frozen=True, slots=True)
class Action:
    """An action by its repository, the commit that is run, and the version that this commit is."""

    repository: str
    commit: str
    version: str

    @property
    def uses(self) -> str:
        """What `uses:` says."""
        return f"{self.repository}@{self.commit}"


CHECKOUT: Final = Action("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1")
PYTHON: Final = Action("actions/setup-python", "5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0")
UPLOAD: Final = Action("actions/upload-artifact", "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0")
DOWNLOAD: Final = Action("actions/download-artifact", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1")
LOGIN: Final = Action("azure/login", "f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca", "v3.0.1")
PINNED: Final = (CHECKOUT, PYTHON, UPLOAD, DOWNLOAD, LOGIN)
