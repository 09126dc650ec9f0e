"""Records in the repositories of `clones`, which do not wait for whoever was quicker."""

from __future__ import annotations

from pathlib import Path

from trimtab.release.record.git import GitRecord, Patience
from trimtab.release.record.tip import Tip
from trimtab.release.source.git import Git

QUICK = Patience(tries=5, wait_s=0)


def record_of(folder: Path, remote: str = "origin") -> GitRecord:
    """The record on the branch `releases`."""
    return GitRecord(Tip(Git(folder), remote, "releases"), patience=QUICK)
