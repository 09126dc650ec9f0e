"""A record of releases on a branch of a git repository: everybody who has the repository reads it and may add to it.

An entry, its files and evidence are one commit upon the tip, pushed without force: the ref takes it, or somebody else
was first. What was pushed and then lost its answer is there, and the next look finds it.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from trimtab.bundle.evidence import Evidence
from trimtab.core.errors import OutsideError, Problem, RefusedError, UserError
from trimtab.release.ledger.lines import FORMAT, OPENING, BrokenError, Entry, follow
from trimtab.release.record import layout
from trimtab.release.record.layout import ENVIRONMENTS, LEDGER
from trimtab.release.record.record import moved
from trimtab.release.record.tip import Tip
from trimtab.release.record.trees import File, Made, committed, identity, listing, read, tampered
from trimtab.release.refs import name_fault

__all__ = ["GitRecord", "Patience"]

_LOST: Final = 2  # turns after which an answer that does not come is not waited for again


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a commit is made anew when others were first, and how long is waited between, growing, by chance."""

    tries: int = 40
    wait_s: float = 0.02
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass
class GitRecord:
    """Obeys `Record`; any number of processes and clones may have it. One of these is for one thread."""

    tip: Tip
    clock: Callable[[], float] = time.time
    patience: Patience = field(default_factory=Patience)
    _files: list[File] = field(default_factory=list, init=False)
    _entries: list[Entry] = field(default_factory=list, init=False)
    _at: str = field(default="", init=False)
    _who: str = field(default="", init=False)
    _beaten: int = field(default=0, init=False)  # how often others were first since a commit was taken

    def entries(self) -> Sequence[Entry]:
        """See `Record`. UserError P481 where others have rewritten it, P421's kin P488 for a file that was changed."""
        return self.seen_at(*self.tip.looked())

    def seen_at(self, commit: str, before: str = "") -> Sequence[Entry]:
        """Those of the commit that `look` gave: all that this repository saw before, and what was added.

        before: what it saw, if that is known.
        """
        if not self._files and (seen := before or self.tip.seen()):
            self.entries_at(seen)
        known = commit == self._at
        entries = self.entries_at(commit)
        if not known:
            self.tip.remember(commit, before)
        return entries

    def entries_at(self, commit: str) -> Sequence[Entry]:
        """Those of one commit of the branch, held against those that were read before."""
        if commit == self._at:
            return list(self._entries)
        files = _in_order(listing(self.tip.git, commit, f"{LEDGER}/"), self.tip.where)
        if files[: len(self._files)] != self._files:
            what = f"the ledger was rewritten: it had {len(self._files)} entries, and they are not there as they were"
            raise UserError(Problem("P481", what, self.tip.where, _review(self.tip)))
        new = files[len(self._files) :]
        try:
            last = self._entries[-1] if self._entries else None
            texts = zip((file.path for file in new), read(self.tip.git, new), strict=True)
            self._entries += layout.entries_of(texts, last)
        except BrokenError as error:
            raise UserError(
                Problem("P488", f"the ledger was changed: {error}", self.tip.where, _review(self.tip))
            ) from None
        self._files, self._at = files, commit
        return list(self._entries)

    def verify(self) -> Sequence[Entry]:
        """All of them, read anew, and that no commit ever changed or removed one. UserError P481, P488."""
        tip = self.tip.look()
        found = GitRecord(self.tip).entries_at(tip)
        if tip and (changed := tampered(self.tip.git, tip, f"{LEDGER}/")):
            what = f"the ledger was changed: commit {changed[:12]} does more than add to it"
            raise UserError(Problem("P488", what, self.tip.where, f"git show {changed[:12]}"))
        return found

    def append(self, kind: str, about: str, body: Mapping[str, Any], after: str, files: Mapping[str, str]) -> Entry:
        """See `Record`. ValueError for a path that is not the record's."""
        layout.must_be_ours(files)
        offered: dict[str, Entry] = {}
        for turn in range(self.patience.tries):
            # what was read a moment ago need not be asked for again: the ref takes the commit upon that, or it does not
            warm = turn == 0 and bool(self._entries) and self._entries[-1].digest == after
            tip, seen = (self._at, self._at) if warm else self.tip.looked()
            for commit, entry in offered.items():
                if self.tip.has(commit, tip):
                    return entry
            entries = self.seen_at(tip, seen)
            last = entries[-1] if entries else None
            if after != (last.digest if last else ""):
                raise moved(self.tip.where)
            now = self.clock()
            opening = [] if last else [follow(None, now, OPENING, "", {"format": FORMAT})]
            entry = follow(last or opening[0], now, kind, about, body)
            texts = {layout.entry_path(one): layout.entry_text(one) for one in (*opening, entry)}
            made = self._commit(tip, {**texts, **files}, f"{kind}: {about}", _says(entry))
            offered[made.commit] = entry
            if self._taken(made.commit, tip, turn):
                self._go_on(tip, made.commit, made.files[: len(texts)], (*opening, entry))
                return entry
        raise AssertionError("the last turn says why")

    def documents(self, digest: str) -> tuple[Evidence, ...]:
        """See `Record`. UserError P489 for a document that cannot be read."""
        files = listing(self.tip.git, self.tip.look(), f"{layout.evidence_folder(digest)}/")
        found = zip(files, read(self.tip.git, files), strict=True)
        return tuple(layout.document_of(file.path, data) for file, data in found)

    def keep(self, digest: str, documents: Iterable[Evidence]) -> None:
        """See `Record`."""
        files = layout.evidence_files(digest, documents)
        for turn in range(self.patience.tries):
            tip = self.tip.look()
            there = {file.path for file in listing(self.tip.git, tip, f"{layout.evidence_folder(digest)}/")}
            new = {path: text for path, text in files.items() if path not in there}
            if not new:
                return
            commit = self._commit(tip, new, f"evidence: {digest[:19]}", f"documents: {len(new)}").commit
            if self._taken(commit, tip, turn):
                self._go_on(tip, commit)
                return
        raise AssertionError("the last turn says why")

    def wanted(self, environment: str, commit: str) -> Mapping[str, str]:
        """What is wanted of an environment at a commit of the branch, by path."""
        files = listing(self.tip.git, commit, f"{ENVIRONMENTS}/{environment}/")
        texts = zip(files, read(self.tip.git, files), strict=True)
        return {file.path: data.decode(errors="replace") for file, data in texts}

    def propose(self, branch: str, files: Mapping[str, str], subject: str, body: str) -> str:
        """The commit, on a new branch from the tip, for people to merge. RefusedError P494 where it cannot be made."""
        must_be = name_fault(branch)
        tip, other = self.tip.look(), replace(self.tip, branch=branch)
        if must_be or branch == self.tip.branch or not tip:
            why = must_be or ("it is that of the releases themselves" if tip else "nothing is released yet, to add to")
            what = f"`{branch}` is no branch to be merged: {why}"
            raise RefusedError(Problem("P494", what, self.tip.where, "--branch release-NAME"))
        commit = self._commit(tip, files, subject, body).commit
        offered = other.offer(commit, "")
        if offered.answer != "taken":
            what = f"the branch `{branch}` was not made: {offered.why or 'git did not say why'}"
            raise RefusedError(Problem("P494", what, other.where, "choose another name, or remove the branch"))
        return commit

    def author(self, commit: str, path: str) -> str:
        """The mail address of whoever changed the file last, as the commit says."""
        return self.tip.git.ask("log", "-1", "--format=%ae", commit, "--", path)

    def _go_on(self, tip: str, commit: str, files: Sequence[File] = (), entries: Sequence[Entry] = ()) -> None:
        """What this process pushed upon what it has read, it need not read again."""
        if tip == self._at:
            self._files, self._entries, self._at = [*self._files, *files], [*self._entries, *entries], commit
            self.tip.remember(commit, tip)

    def _commit(self, tip: str, files: Mapping[str, str], subject: str, body: str) -> Made:
        """writer: two that say the same at the same moment still make two commits, of which the ref takes one."""
        subject = "".join(char if char.isprintable() else "?" for char in subject)[:200]
        message = f"{subject}\n\n{body}\nwriter: {os.getpid()}-{secrets.token_hex(8)}\n"
        self._who = self._who or identity(self.tip.git)
        return committed(self.tip.git, tip, files, message, self._who)

    def _taken(self, commit: str, tip: str, turn: int) -> bool:
        """Whether the branch has it; if not, it is time to look again. OutsideError P487 for what will not do."""
        offered = self.tip.offer(commit, tip)
        last = turn == self.patience.tries - 1
        if (
            offered.answer == "refused"
            or (last and offered.answer == "moved")
            or (offered.answer == "unknown" and turn >= _LOST)
        ):
            if self.tip.has(commit, self.tip.look()):
                return True
            what = f"the branch of releases takes no commit: {offered.why or 'git did not say why'}"
            hint = f"let whoever releases push to the branch `{self.tip.branch}`"
            raise OutsideError(Problem("P487", what, self.tip.where, hint))
        if offered.answer == "taken":
            self._beaten = 0
            return True
        self.patience.sleep(self.patience.wait_s * 2 ** min(self._beaten, 5) * (0.5 + self.patience.chance()))
        self._beaten += 1
        return False


def _in_order(files: Sequence[File], where: str) -> list[File]:
    try:
        return sorted(files, key=lambda file: layout.number_of(file.path))
    except BrokenError as error:
        raise UserError(Problem("P488", f"the ledger was changed: {error}", where, f"git show {where}")) from None


def _review(tip: Tip) -> str:
    return f"git log -p {tip.where if tip.far else tip.branch} -- {LEDGER}"


def _says(entry: Entry) -> str:
    by = str(entry.body.get("by", ""))
    said = f"by: {''.join(char for char in by if char.isprintable())[:200]}\n" if by else ""
    return f"{said}entry: {entry.number}\ndigest: {entry.digest}"
