"""What is decided upon, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from trimtab.core.verdicts import Verdict

__all__ = ["Candidate", "Finding", "Judgement", "Source", "Standing"]


@dataclass(frozen=True, slots=True)
class Source:
    """What of source control is released. ref: `refs/heads/main`, `refs/tags/v1`, empty outside of git.

    author: of the commit, as mail address. dirty: tracked files differ from the commit. pull_request: its address.
    edited: files that say what a gate asks for and are not as committed, where the record is everybody's.
    """

    commit: str = ""
    ref: str = ""
    author: str = ""
    dirty: bool = False
    pull_request: str = ""
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """What somebody wants to release.

    commit: that the bundle was packaged from, dirty then or not. by: who asks. emergency: why no gate may hold it up;
    empty for the ordinary way.
    """

    name: str
    digest: str
    commit: str = ""
    dirty: bool = False
    source: Source = Source()
    by: str = ""
    emergency: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the ledger says of the environment, and of the one before it.

    live: digest that answers here, empty for none. before: digests that are live in `after`. refused: digests that a
    flight here has sent back, with the reason.
    """

    live: str = ""
    before: frozenset[str] = frozenset()
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was asked for. name: `golden`, `approvals`, `after`. why: in words; hint: to be typed.

    diff: lines of what it was, with `- `, and of what it is to be, with `+ `.
    """

    name: str
    verdict: Verdict
    why: str
    hint: str = ""
    diff: tuple[str, ...] = ()


Passed: TypeAlias = Literal["passed", "emergency", "refused"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings, in a steady order, and what they come to. An emergency has its failed findings in it, for good."""

    outcome: Passed
    findings: tuple[Finding, ...]
    emergency: str = ""

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What stands against it."""
        return tuple(one for one in self.findings if one.verdict in ("FAIL", "UNKNOWN"))
