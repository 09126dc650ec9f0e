"""What is checked, as frozen values; and the bench it is checked on, which starts what is needed and shares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from trimtab.bundle.predictor import Outputs
from trimtab.bundle.read import Bundle
from trimtab.core.table import Table
from trimtab.project.check import CheckPart
from trimtab.release.environments import Environment
from trimtab.release.flight.plan import Limit
from trimtab.release.promotion.values import Source

__all__ = ["Ask", "Bench", "CannotError", "Deployed", "Heard", "Load", "Subject", "Wire"]

Ask: TypeAlias = Callable[[Table], Outputs]


class CannotError(Exception):
    """A check that cannot be made; why, in words, and what would help."""

    def __init__(self, why: str, hint: str = "") -> None:
        """hint: to be typed or to be written into trimtab.toml."""
        super().__init__(why)
        self.why, self.hint = why, hint


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer over HTTP; seconds: how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Wire(Protocol):
    """The way to one server."""

    def __call__(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Heard:
        """One request; CannotError where no answer comes. headers: beside those of whoever asks."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one part of a load. p50, p99 in seconds; requests: answered; failed: refused or unanswered."""

    requests: int
    per_s: float
    p50: float
    p99: float
    failed: int = 0


class Bench(Protocol):
    """Starts processes and servers of bundles; whatever it started ends with it."""

    def ask(self, bundle: Bundle) -> Ask:
        """The bundle, loaded in a clean process without network; it raises `NoAnswerError` of `asking.py`."""

    def wire(self, bundle: Bundle) -> Wire:
        """The way to a real server of the bundle on loopback; CannotError where it does not start."""

    def load(self, bundle: Bundle, seconds: float, connections: int) -> tuple[Load, ...]:
        """That server under load, so many seconds, in several equal parts one after another. CannotError as before."""

    def pytest(self, tests: Path, folder: Path, timeout_s: float) -> str:
        """Runs these tests in a process of its own, in the folder; its JUnit XML. CannotError where there is none."""

    def value(self, function: str, arrays: Mapping[str, Any]) -> Any:
        """What a function of the project answers, called in a process of its own. CannotError where it fails."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A live endpoint. wire: with what shows who asks; bare: without. guarded: whether it must refuse that one."""

    url: str
    wire: Wire
    bare: Wire
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A bundle, and what is known around it.

    folder: of the project. limits: as `[limits]` says. environment: what it is checked for, empty for none;
    environments: all of the project. live: the bundle that answers there; live_known: whether that is known, so
    that None means nothing. journal: its folder. vulnerabilities: a file of another tool.
    """

    bundle: Bundle
    folder: Path
    wanted: CheckPart = field(default_factory=CheckPart)
    limits: tuple[Limit, ...] = ()
    environment: str = ""
    environments: Mapping[str, Environment] = field(default_factory=dict)
    live: Bundle | None = None
    live_known: bool = False
    journal: Path | None = None
    vulnerabilities: Path | None = None
    deployed: Deployed | None = None
    source: Source | None = None

    def limit(self, measure: str) -> Limit:
        """What `[limits]` says of a measure; a limit without bounds where it says nothing."""
        return next((one for one in self.limits if one.measure == measure), Limit(measure))
