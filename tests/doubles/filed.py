"""A platform that several processes share: what runs is in files, and whoever writes last has it.

Killed in the middle of an apply, it says that one was broken off, as a real one does.
"""

from __future__ import annotations

import json
import os
import pickle
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trimtab.core.deployment import Deployment
from trimtab.targets.target import Rendered, Status, Tell
from trimtab.testing import Answered, MemoryTarget, Platform


@dataclass
class FiledTarget:
    """Obeys `Target`, as that in memory. owner: who acts; pause_s: what lies between the halves of an act."""

    folder: Path
    owner: str = ""
    pause_s: float = 0.0
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def honours(self) -> frozenset[str]:
        return self._over(Platform()).honours

    def render(self, wanted: Deployment) -> Rendered:
        return self._over(Platform()).render(wanted)

    def apply(self, wanted: Deployment, tell: Tell) -> Status:
        self._note("applies", wanted)
        platform, path = self._read(wanted.name, wanted.environment)

        def half(topic: str, text: str) -> None:
            self._write(path, platform)
            time.sleep(self.pause_s)
            tell(topic, text)

        status = self._over(platform).apply(wanted, half)
        self._write(path, platform)
        self._note("applied", wanted)
        return status

    def status(self, name: str, environment: str) -> Status:
        return self._over(self._read(name, environment)[0]).status(name, environment)

    def remove(self, name: str, environment: str) -> None:
        platform, path = self._read(name, environment)
        self._over(platform).remove(name, environment)
        self._write(path, platform)

    def ask(self, address: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        environment, _, name = address.removeprefix("memory:").partition("/")
        return self._over(self._read(name, environment)[0]).ask(address, path, body, headers)

    def acts(self) -> list[dict[str, Any]]:
        """What was done, by whom and when, in order; an act that was killed has no end."""
        return [json.loads(line) for line in (self.folder / "acts").read_text().splitlines()]

    def _over(self, platform: Platform) -> MemoryTarget:
        return MemoryTarget(platform, **self.more)

    def _read(self, name: str, environment: str) -> tuple[Platform, Path]:
        path = self.folder / f"{environment}-{name}"
        return (pickle.loads(path.read_bytes()) if path.exists() else Platform()), path

    def _write(self, path: Path, platform: Platform) -> None:
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_bytes(pickle.dumps(platform))
        draft.replace(path)

    def _note(self, act: str, wanted: Deployment) -> None:
        said = {
            "act": act, "environment": wanted.environment, "bundle": wanted.bundle, "owner": self.owner,
            "time": time.time(),
        }  # fmt: skip
        with (self.folder / "acts").open("a") as file:
            file.write(json.dumps(said) + "\n")
