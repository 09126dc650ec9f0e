"""What a logbook says of one destination, as the sum of its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from trimtab.core.errors import Problem

__all__ = ["FORMAT", "State"]

FORMAT: Final = 1


@dataclass(slots=True)
class State:
    """The sum.

    place: the destination, as messages show it; streams: the journal's tables that go there.
    shipped: name to version. part: name to (version, rows that are there). trouble: name to how often it failed.
    damaged: name to (version that cannot be read, why, when that was tried).
    failures: of the destination, in a row, since when; `problem` is the last one, `next_try` when it is tried again.
    lost: files and bytes that had to be removed before they were shipped.
    """

    place: str = ""
    streams: tuple[str, ...] = ()
    shipped: dict[str, str] = field(default_factory=dict)
    part: dict[str, tuple[str, int]] = field(default_factory=dict)
    trouble: dict[str, int] = field(default_factory=dict)
    damaged: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    failures: int = 0
    since: float = 0.0
    next_try: float = 0.0
    problem: Problem | None = None
    lost_files: int = 0
    lost_bytes: int = 0

    def take(self, said: Mapping[str, Any]) -> None:
        """One more line; what is unknown is passed over."""
        name = said.get("name", "")
        match said.get("what"):
            case "place":
                self.place, self.streams = said["place"], tuple(said["streams"])
            case "shipped":
                self.forget(name)
                self.shipped[name] = said["version"]
            case "part":
                self.part[name] = (said["version"], said["rows"])
            case "trouble":
                self.trouble[name] = said["times"]
            case "damaged":
                self.damaged[name] = (said["version"], said["why"], said["time"])
            case "failed":
                self.failures, self.since, self.next_try = said["failures"], said["since"], said["next_try"]
                self.problem = Problem(*said["problem"])
            case "well":
                self.failures, self.since, self.next_try, self.problem = 0, 0.0, 0.0, None
            case "lost":
                self.lost_files += said["files"]
                self.lost_bytes += said["bytes"]
                self.forget(name)

    def lines(self, kept: Callable[[str], bool]) -> Iterator[dict[str, Any]]:
        """The shortest history that leads to the same sum, but for names that are not kept."""
        yield {"what": "place", "place": self.place, "streams": list(self.streams), "format": FORMAT}
        if self.lost_files:
            yield {"what": "lost", "files": self.lost_files, "bytes": self.lost_bytes}
        if self.problem is not None:
            said = self.problem
            problem = [said.code, said.what, said.where, said.hint]
            times = {"failures": self.failures, "since": self.since, "next_try": self.next_try}
            yield {"what": "failed", **times, "problem": problem}
        for name in filter(kept, self.names()):
            if name in self.shipped:
                yield {"what": "shipped", "name": name, "version": self.shipped[name]}
            if name in self.part:
                version, rows = self.part[name]
                yield {"what": "part", "name": name, "version": version, "rows": rows}
            if name in self.trouble:
                yield {"what": "trouble", "name": name, "times": self.trouble[name]}
            if name in self.damaged:
                version, why, time = self.damaged[name]
                yield {"what": "damaged", "name": name, "version": version, "why": why, "time": time}

    def names(self) -> list[str]:
        """All files that are spoken of."""
        return list(self.shipped | self.part | self.trouble | self.damaged)

    def forget(self, name: str) -> None:
        """Nothing is known of the file."""
        for table in (self.shipped, self.part, self.trouble, self.damaged):
            table.pop(name, None)
