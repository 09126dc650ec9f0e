"""What of source control is released: the commit, the branch or tag it is released as, and who wrote it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trimtab.core.errors import Problem, UserError
from trimtab.release.promotion.values import Source
from trimtab.release.refs import bound
from trimtab.release.source.ci import told_by
from trimtab.release.source.git import Git
from trimtab.release.source.refs import full_name, moved_from, refs_of, tags_at

__all__ = ["edited", "source_at", "source_of"]

_POLICY: Final = ("trimtab.toml", "keys")  # what a gate is made of


def source_of(
    folder: Path, ref: str = "", tag: str = "", remote: str = "origin", environ: Mapping[str, str] | None = None
) -> Source:
    """Of the repository that holds the folder; an empty source where there is none, or no git.

    ref: branch or tag that is released, short or full; what is checked out, if not said. tag: a pattern; a tag of it
    that the commit has goes before its branch. environ: what a pipeline tells where no branch is checked out.
    UserError P484 for a ref that is none, P482 for a repository of another user.
    """
    git = Git(folder) if environ is None else Git(folder, environ)
    told = told_by(os.environ if environ is None else environ)
    try:
        head = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except UserError as error:
        if ref or "another user" in str(error):
            raise
        return Source()
    except Exception:  # noqa: BLE001 # no commit yet
        head = ""
    full, commit = full_name(git, ref, remote) if ref else ("", head)
    if not commit:
        return Source()
    here = told if told.commit == head else type(told)()
    if not ref:
        full = _ref_of(git, head, tag, here.ref, remote)
    _must_be_here(git, commit, full, remote)
    return Source(commit, full, _author(git, commit), _dirty(git), here.pull_request if commit == head else "")


def source_at(folder: Path, commit: str, branch: str, tag: str, remote: str) -> Source:
    """What of source control a commit is to an environment of these patterns: a tag of it, or a branch that has it.

    No ref where neither is so; an empty source for no commit.
    """
    git = Git(folder)
    if not commit or git.run("cat-file", "-e", f"{commit}^{{commit}}").status:
        return Source(commit)
    found = tags_at(git, commit, remote) if tag else tuple(sorted(refs_of(git, remote)))
    for ref in found:
        source = Source(commit, ref, _author(git, commit))
        if bound(ref, branch, tag) and (branch or tag) and not moved_from(folder, source, remote):
            return source
    return Source(commit, "", _author(git, commit))


def edited(folder: Path) -> tuple[str, ...]:
    """Files that say what a gate asks for, and are not as they were committed: trimtab.toml, and keys, new ones too."""
    git = Git(folder)
    asked = ("--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", *_POLICY)
    done = git.run("status", *asked)
    lines = done.out.decode(errors="replace").split("\0")
    return tuple(sorted(line[3:] for line in lines if line[3:])) if done.status == 0 else _POLICY


def _ref_of(git: Git, head: str, tag: str, told: str, remote: str) -> str:
    """The tag that is asked for, what the pipeline was started for, or the branch that is checked out."""
    if tag:
        if bound(told, tag=tag):
            return told
        for one in tags_at(git, head, remote):
            if bound(one, tag=tag):
                return one
    on = git.run("symbolic-ref", "--quiet", "HEAD")
    return on.text if on.status == 0 and not told else told


def _must_be_here(git: Git, commit: str, ref: str, remote: str) -> None:
    """A commit that only the remote has is fetched, so that its author can be read."""
    if git.run("cat-file", "-e", f"{commit}^{{commit}}").status == 0:
        return
    done = git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1", "--", remote, ref)
    if done.status:
        raise git.fault(done, "fetch")


def _author(git: Git, commit: str) -> str:
    """The mail address of whoever wrote it, as the commit says."""
    head = git.ask("cat-file", "commit", commit).partition("\n\n")[0]
    found = re.search(r"^author .*<([^<>\n]*)> \d+ [+-]\d{4}$", head, re.MULTILINE)
    return found[1] if found else ""


def _dirty(git: Git) -> bool:
    """Whether tracked files differ from what is checked out; what packaging writes itself does not count."""
    ours = (":(exclude,top,glob)**/requirements.lock", ":(exclude,top,glob)**/.trimtab/**")
    done = git.run("status", "--porcelain", "--untracked-files=no", "--ignore-submodules=none", "--", ":/", *ours)
    if done.status:
        raise UserError(Problem("P484", "what is checked out cannot be compared with its commit", str(git.folder)))
    return bool(done.text)
