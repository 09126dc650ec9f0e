"""The router as it is: what it says that it passes on to whom, and how it is told otherwise."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from trimtab.targets.container import commands
from trimtab.targets.container.asking import ask
from trimtab.targets.container.engine import Engine, must
from trimtab.targets.container.files import ROUTES, Routes, routes_text, show
from trimtab.targets.container.service import Service
from trimtab.targets.faults import did_not_come_up

__all__ = ["Routed", "Steering", "routed"]

_LOOK_S: Final = 0.1
_ONCE_S: Final = 3.0  # one question waits for a router that starts


@dataclass(frozen=True, slots=True)
class Routed:
    """What the router says. backends: URL by digest. states: by digest. share: of the flight's challenger.

    answers: False where nobody does; then all else is what the file has, which it would begin with.
    """

    answers: bool = False
    version: int = 0
    champion: str = ""
    backends: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    whys: Mapping[str, str] = field(default_factory=dict)
    ready: bool = False
    refused: str = ""
    challenger: str = ""
    share: float = 0.0


def routed(engine: Engine, place: tuple[str, int], name: str, file: Path, wait_s: float = 0.0) -> Routed:
    """Asks a router by its control plane. place: container and port. wait_s: see `ask`."""
    said = ask(engine, place, ("GET", "/v1/routes"), wait_s=wait_s).json
    if not isinstance(said, dict) or "backends" not in said:
        return _in_file(file)
    backends = said["backends"]
    challenger, share = "", 0.0
    if said.get("flight"):
        flight = ask(engine, place, ("GET", f"/v1/flights/{quote(name, safe='')}")).json or {}
        challenger, share = flight.get("challenger", ""), float((flight.get("traffic") or {}).get("share", 0.0))
    return Routed(
        True, int(said["version"]), said["champion"],
        {key: one["url"] for key, one in backends.items()},
        {key: one["state"] for key, one in backends.items()},
        {key: one["why"] for key, one in backends.items()},
        bool(said["ready"]), said["refused"], challenger, share,
    )  # fmt: skip


def _in_file(file: Path) -> Routed:
    said = _file(file)
    return Routed(False, int(said.get("version", 0)), said.get("champion", ""), said.get("backends", {}))


def _file(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):  # none, or what somebody wrote by hand: it is written anew
        return {}


@dataclass(frozen=True, slots=True)
class Steering:
    """Tells one router. start: runs its container anew. wait_s: it has to be well."""

    engine: Engine
    folder: Path
    router: Service
    control: int
    start: Callable[[], None]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    wait_s: float

    @property
    def _path(self) -> Path:
        return self.folder / "routes" / ROUTES

    def now(self, name: str, wait_s: float = 0.0) -> Routed:
        """See `routed`."""
        return routed(self.engine, (self.router.name, self.control), name, self._path, wait_s)

    def switch(self, routes: Routes, *, runs: bool) -> None:
        """The router passes on as the routes say, when this comes back; else it does as before, RefusedError P501.

        runs: whether its container is there, and as it should be.
        """
        now = self.now(routes.name) if runs else _in_file(self._path)
        if runs and now.ready and (now.champion, now.backends) == (routes.champion, routes.backends):
            return
        before = self._path.read_bytes() if self._path.exists() else b""
        version = max(now.version, int(_file(self._path).get("version", 0))) + 1
        show(self._path, routes_text(routes, version).encode())
        try:
            if runs:
                must(self.engine, commands.kill(self.router.name, "HUP"))
            else:
                self.start()
            self._wait(routes.name, version)
        except (Exception, KeyboardInterrupt):
            self._as_before(routes.name, version, before, runs=runs)
            raise

    def _as_before(self, name: str, version: int, before: bytes, *, runs: bool) -> None:
        """The file is what the router goes by, also when it is started again: the new one where it has taken that."""
        if not runs:
            self.engine(commands.remove(self.router.name))
        elif (now := self.now(name)).answers and now.version == version:
            return
        if before:
            show(self._path, before)
        else:
            self._path.unlink(missing_ok=True)

    def _wait(self, name: str, version: int) -> None:
        until = self.clock() + self.wait_s
        while True:
            now = self.now(name, _ONCE_S)
            if now.answers and now.version == version and now.ready:
                return
            if now.answers and now.refused:
                raise did_not_come_up(f"the router does not take its routes: {now.refused}", self.router.name)
            if self.clock() > until:
                why = "" if now.answers else f": {self._last_words()}"
                raise did_not_come_up(f"the router is not ready within {self.wait_s:g} s{why}", self.router.name)
            self.sleep(_LOOK_S)

    def _last_words(self) -> str:
        done = self.engine(commands.logs(self.router.name))
        lines = [line.strip() for line in (done.out + done.err).splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it says nothing"
