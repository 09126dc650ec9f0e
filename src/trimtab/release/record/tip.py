"""The branch that a record is on: where it stands for everybody, and moving it from one commit to the next, or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.release.source.git import FAR_S, Git
from trimtab.release.source.refs import refs_of

__all__ = ["Answer", "Offered", "Tip"]

# moved: somebody else was first. refused: the remote lets nobody write so. unknown: no answer came; it may be there
Answer: TypeAlias = Literal["taken", "moved", "refused", "unknown"]
_FIRST: Final = re.compile(
    r"fetch first|non-fast-forward|stale info|lock ref|to update ref|already exists|but expected|File exists"
)
_QUIET: Final = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap=")
_NONE: Final = "0" * 40


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of a commit; why: what git said."""

    answer: Answer
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tip:
    """One branch, at a remote, or of this repository where `remote` is empty."""

    git: Git
    remote: str
    branch: str

    @property
    def ref(self) -> str:
        """Its full name."""
        return f"refs/heads/{self.branch}"

    @property
    def far(self) -> bool:
        """Whether it is at a remote."""
        return bool(self.remote)

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.remote}/{self.branch}" if self.far else f"{self.git.folder}, branch {self.branch}"

    @property
    def _memory(self) -> str:
        """A ref of this repository that nobody pushes or merges: where the branch was when it was last looked at."""
        side = re.sub(r"[^A-Za-z0-9-]", "-", self.remote) if self.far else "here"
        return f"refs/trimtab/{side}/{self.branch}"

    def look(self) -> str:
        """The commit that it is at now, empty for none. OutsideError P485; UserError P481: see `looked`."""
        return self.looked()[0]

    def looked(self) -> tuple[str, str]:
        """The commit that it is at now, empty for none, with all of it here; and what `remember` was told before.

        OutsideError P485 where the remote does not answer; UserError P481 where it has lost what was seen there.
        """
        seen = self.seen()  # before the remote is asked: what another process sees later is no fault of the remote
        now = refs_of(self.git, self.remote, self.ref, far=self.far).get(self.ref, "")
        if now == seen:
            return now, seen
        if now and self.far:
            self._fetch()  # even if the commit is here: one that was killed has it before its files
        if seen and (not now or self.git.run("merge-base", "--is-ancestor", seen, now).status):
            lost = f"it is at {now[:12]}, which does not come after" if now else "it is gone, which had"
            what = f"the branch of releases was rewritten: {lost} {seen[:12]}"
            hint = f"git push {self.remote if self.far else '.'} {seen}:{self.ref}, after asking who did it"
            raise UserError(Problem("P481", what, self.where, hint))
        return now, seen

    def seen(self) -> str:
        """The commit that this repository remembers, empty for none."""
        return self.git.run("rev-parse", "--verify", "--quiet", self._memory).text

    def has(self, commit: str, tip: str) -> bool:
        """Whether the branch at that tip has the commit."""
        return self.git.run("merge-base", "--is-ancestor", commit, tip).status == 0

    def offer(self, commit: str, old: str) -> Offered:
        """Have it go from `old` (empty for none) to a commit upon it, or not at all: nothing is ever overwritten."""
        if self.far:
            lease = f"--force-with-lease={self.ref}:{old}"  # it is at `old`, or this is refused
            options = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", lease)
            done = self.git.run("push", *options, "--", self.remote, f"{commit}:{self.ref}", limit_s=FAR_S)
        else:
            done = self.git.run("update-ref", "-m", "trimtab", self.ref, commit, old or _NONE)
        if done.status == 0:
            return Offered("taken")
        lines = [line for line in done.text.splitlines() if line.startswith("!")] if self.far else [done.err]
        why = " ".join(" ".join(line.split("\t")[2:]) or line for line in lines)
        if _FIRST.search(why):
            return Offered("moved", why)
        if "rejected]" in why or not self.far:
            return Offered("refused", why)
        return Offered("unknown", self.git.fault(done, "push").problems[0].what)

    def _fetch(self) -> None:
        done = self.git.run("fetch", *_QUIET, "--", self.remote, self.ref, limit_s=FAR_S)
        if done.status:
            problem = self.git.fault(done, "fetch").problems[0]
            raise OutsideError(Problem("P487", problem.what, self.where, "try again"))

    def remember(self, now: str, seen: str = "") -> None:
        """That the branch was there, and is well. Where another process is further on, its memory stays.

        seen: what was remembered last, and comes before it, if that is known.
        """
        seen, known = seen or self.seen(), bool(seen)
        if now and now != seen and (known or not seen or self.has(seen, now)):
            self.git.run("update-ref", self._memory, now, seen or _NONE)
