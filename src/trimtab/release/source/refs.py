"""Names of branches and tags: what they stand for now, asked of the remote, so that one that was moved is seen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trimtab.core.errors import OutsideError, Problem, RefusedError, UserError, did_you_mean
from trimtab.release.promotion.values import Source
from trimtab.release.refs import SIDES, name_fault, short_name
from trimtab.release.source.git import FAR_S, Git

__all__ = ["full_name", "moved_from", "must_stand", "refs_of", "remote_of", "resolve", "tags_at"]

COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def refs_of(git: Git, remote: str, *names: str, far: bool | None = None) -> Mapping[str, str]:
    """What branches and tags stand for, by full name; a tag with a message stands for the commit that it names.

    Of the remote where there is one of that name, else of this repository. names: short ones or full; all, without.
    far: whether there is, if that is known.
    OutsideError P485 where the remote does not answer.
    """
    if far is None:
        far = bool(remote) and is_remote(git, remote)
    if far:
        done = git.run("ls-remote", "--quiet", "--", remote, *_wanted(names), limit_s=FAR_S)
        if done.status:
            raise _away(git, remote, git.fault(done, "ls-remote"))
    else:
        done = git.run("show-ref", "--dereference")
        if done.status and done.err:
            raise git.fault(done, "show-ref")
    found: dict[str, str] = {}
    for line in done.text.splitlines():
        commit, _, ref = line.replace("\t", " ").partition(" ")
        plain = ref.removesuffix("^{}")
        if plain.startswith(SIDES) and (ref != plain or plain not in found):
            found[plain] = commit
    asked = {name for one in names for name in _wanted((one,))}
    return {ref: commit for ref, commit in found.items() if not asked or ref in asked}


def is_remote(git: Git, remote: str) -> bool:
    """Whether the repository has a remote of that name, or it is an address itself."""
    return "/" in remote or git.run("config", "--get", f"remote.{remote}.url").status == 0


def remote_of(git: Git, said: str) -> str:
    """The remote that is meant: `origin` if nothing is said, empty where the repository has none.

    UserError P484 for one that is said and is not there.
    """
    if not said:
        return "origin" if is_remote(git, "origin") else ""
    if is_remote(git, said):
        return said
    known = git.run("remote").text.split()
    hint = did_you_mean(said, known) or f"git remote add {said} URL"
    raise UserError(Problem("P484", f"there is no remote `{said}`", str(git.folder), hint))


def _wanted(names: tuple[str, ...]) -> tuple[str, ...]:
    full = [
        ref
        for name in names
        for ref in ((name,) if name.startswith("refs/") else (f"refs/heads/{name}", f"refs/tags/{name}"))
    ]
    return tuple(part for ref in full for part in ((ref, f"{ref}^{{}}") if ref.startswith("refs/tags/") else (ref,)))


def _away(git: Git, remote: str, why: UserError | OutsideError) -> UserError | OutsideError:
    if why.problems[0].code == "P482":
        return why
    what = why.problems[0].what.replace("`git ls-remote` failed: ", "")
    hint = f"git -C {git.folder} ls-remote {remote}"
    return OutsideError(Problem("P485", f"the remote `{remote}` does not answer: {what}", str(git.folder), hint))


def full_name(git: Git, ref: str, remote: str = "origin") -> tuple[str, str]:
    """The full name and the commit of a branch or tag as somebody typed it.

    UserError P484 for a name that is none, that nothing has, or that a branch and a tag have both.
    """
    where = str(git.folder)
    if fault := name_fault(short_name(ref)):
        what = f"`{ref[:100]}` is no name of a branch or tag: {fault}"
        raise UserError(Problem("P484", what, where, "git branch; git tag"))
    found = refs_of(git, remote, ref)
    if len(found) > 1:
        hint = " or ".join(f"`{one}`" for one in sorted(found, reverse=True))
        raise UserError(Problem("P484", f"`{ref}` is a branch and a tag", where, f"say which: {hint}"))
    if not found:
        near = did_you_mean(ref, (short_name(one) for one in refs_of(git, remote)))
        place = f" at `{remote}`" if is_remote(git, remote) else ""
        raise UserError(Problem("P484", f"there is no branch or tag `{ref}`{place}", where, near or "git push --tags"))
    return next(iter(found.items()))


def resolve(folder: Path, ref: str, remote: str = "origin") -> str:
    """The commit that a branch or tag stands for now, at the remote where there is one. UserError P484."""
    return full_name(Git(folder), ref, remote)[1]


def tags_at(git: Git, commit: str, remote: str = "origin") -> tuple[str, ...]:
    """Full names of the tags of that commit, the latest version first. OutsideError P485."""
    found = [ref for ref, at in refs_of(git, remote).items() if at == commit and ref.startswith("refs/tags/")]
    return tuple(sorted(found, key=_version, reverse=True))


def _version(ref: str) -> list[tuple[int, int, str]]:
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.findall(r"\d+|\D+", ref)]


def must_stand(folder: Path, source: Source, remote: str = "origin") -> None:
    """RefusedError P486 where the tag is no longer at that commit, or the branch no longer has it.

    To be asked when it is planned and again before it is applied. A branch may have gone on since.
    """
    if what := moved_from(folder, source, remote):
        hint = f"look at `git log {short_name(source.ref)}`, and plan anew"
        raise RefusedError(Problem("P486", what, str(folder), hint))


def moved_from(folder: Path, source: Source, remote: str = "origin") -> str:
    """How the tag or branch is no longer that of the commit, in words; empty where it still is, or there is none."""
    if not source.ref.startswith(SIDES) or not source.commit:
        return ""
    git = Git(folder)
    now = refs_of(git, remote, source.ref).get(source.ref, "")
    if now == source.commit or (source.ref.startswith("refs/heads/") and _has(git, remote, source, now)):
        return ""
    kind, name, commit = ("tag" if "/tags/" in source.ref else "branch"), short_name(source.ref), source.commit[:12]
    if not now:
        return f"the {kind} `{name}` is gone, which had {commit}"
    stands = f"is at {now[:12]} now, and not {commit}" if kind == "tag" else f"does not have {commit}"
    return f"the {kind} `{name}` {stands}"


def _has(git: Git, remote: str, source: Source, now: str) -> bool:
    """Whether the branch, as it is now, has the commit; which is fetched."""
    if not now:
        return False
    if is_remote(git, remote):
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=")
        git.run("fetch", *quiet, "--", remote, source.ref, limit_s=FAR_S)
    return git.run("merge-base", "--is-ancestor", source.commit, now).status == 0
