"""One way to run the server: the keys of `[server]` that tuning varies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trimtab.ops.tune.wishes import duration_text
from trimtab.project import ServerPart
from trimtab.server.threads import shares, threads_each

__all__ = ["Setting", "present"]


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """engine, processes, workers of each (0: inline), threads of a native pool, seconds of a joined call (0: none)."""

    engine: Literal["inline", "workers"]
    processes: int
    workers: int
    threads: int
    batch_s: float

    @property
    def keys(self) -> Mapping[str, Any]:
        """The keys of `[server]` and their values, as they stand in trimtab.toml."""
        return {
            # inline is what `auto` does with such a bundle, and stays right when the next one cannot be inline
            "engine": "auto" if self.engine == "inline" else "workers",
            "processes": self.processes,
            **({} if self.engine == "inline" else {"workers": self.workers}),
            "threads": self.threads,
            "batch": duration_text(self.batch_s),
        }

    @property
    def runners(self) -> int:
        """Processes that run the model."""
        return self.processes * max(self.workers, 1)

    def __str__(self) -> str:
        """On one line, for people."""
        workers = f" x {self.workers} workers" if self.engine == "workers" else " inline"
        processes = f"{self.processes} process{'es' if self.processes > 1 else ''}"
        threads = f", {self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{processes}{workers}{threads}, batch {duration_text(self.batch_s)}"


def present(part: ServerPart, *, inline: bool, cores: int, threads: int | None = None) -> Setting:
    """What the server does with these keys today, its own choices written out.

    inline: whether the bundle may run in the serving processes. threads: those that the environment says, which no key
    overrides.
    """
    inside = inline and part.engine != "workers"
    shared = shares(part.processes, part.workers, inline=inside, available=cores)
    each = threads or part.threads or threads_each(part.processes, part.workers, cores)
    workers = 0 if inside else shared.workers
    return Setting("inline" if inside else "workers", shared.processes, workers, each, part.batch)
