"""The record that a project means: of this machine, or of a git repository."""

from __future__ import annotations

import hashlib
from pathlib import Path

from trimtab.core.errors import Problem, UserError
from trimtab.project.values import Project
from trimtab.release.record.git import GitRecord
from trimtab.release.record.local import LocalRecord
from trimtab.release.record.record import Record
from trimtab.release.record.tip import Tip
from trimtab.release.source.git import Git
from trimtab.release.source.refs import remote_of

__all__ = ["git_record_of", "must_be_git", "name_of", "record_of"]


def record_of(project: Project, store_root: Path, folder: Path | None = None) -> Record:
    """As `[release]` says. folder: of a local record, in place of the one that the file names.

    UserError P482 where a record in git has no repository, P484 for a remote that is not there.
    """
    if project.release.record == "git":
        return git_record_of(project)
    return LocalRecord(folder or project.folder / project.release.folder, store_root)


def must_be_git(record: Record) -> GitRecord:
    """The record, if it is one in git, which others can write to. UserError P493."""
    if isinstance(record, GitRecord):
        return record
    what = "releases are recorded on this machine, and a commit can only be read from a branch"
    raise UserError(Problem("P493", what, "[release]", 'record = "git"'))


def git_record_of(project: Project) -> GitRecord:
    """The one on a branch of the repository that the project is in. UserError P482, P484."""
    git = Git(project.folder)
    git.ask("rev-parse", "--git-dir")
    return GitRecord(Tip(git, remote_of(git, project.release.remote), project.release.branch))


def name_of(record: Record) -> str:
    """A word for it that no other record has: clones of one repository have the same one."""
    if isinstance(record, GitRecord):
        tip = record.tip
        at = tip.git.run("config", "--get", f"remote.{tip.remote}.url").text if tip.far else ""
        said = f"{at or tip.remote or tip.git.folder.resolve()} {tip.branch}"
    else:
        said = str(record.folder.resolve()) if isinstance(record, LocalRecord) else type(record).__name__
    return hashlib.sha256(said.encode()).hexdigest()[:12]
