"""Backends in memory: a pool whose connections note what they are sent, for those who ask."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trimtab.core.traffic import Arm
from trimtab.server.gateway.around import Around, Side
from trimtab.server.gateway.asking import Asker
from trimtab.server.gateway.backends import Backend
from trimtab.server.gateway.choosing import Choosing
from trimtab.server.gateway.settings import GatewaySettings
from trimtab.server.gateway.tally import Tally

__all__ = ["Clock", "MemoryLine", "MemoryPool", "around"]


class Clock:
    """A time that stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class MemoryLine:
    """A `Line`."""

    asker: Asker | None = None
    sent: list[bytes] = field(default_factory=list)
    aborted: bool = False

    def ask(self, asker: Asker, data: bytes, *, bare: bool, last: bool) -> None:  # noqa: ARG002 - see `Line`
        self.asker = asker
        self.sent.append(data)

    def send(self, data: bytes, *, last: bool) -> None:  # noqa: ARG002 - see `Line`
        self.sent.append(data)

    def pause(self, *, reading: bool) -> None:
        """Nothing to pause."""

    def abort(self) -> None:
        self.aborted = True


class MemoryPool:
    """Connects everybody at once; what was asked is in `lines`."""

    def __init__(self) -> None:
        self.lines: list[MemoryLine] = []

    def take(self, asker: Asker, *, safe: bool) -> None:  # noqa: ARG002 - as `Pool` has it
        self.lines.append(MemoryLine())
        asker.connected(self.lines[-1])


def around(**settings: Any) -> tuple[Around, dict[Arm, MemoryPool], Clock]:
    """What the requests of a gateway share, over backends in memory."""
    backends = {"champion": Backend("http", "a", 1), "challenger": Backend("http", "b", 2)}
    wanted = replace(GatewaySettings(**backends, name="g", state=Path("s")), **settings)
    pools: dict[Arm, Any] = {"champion": MemoryPool(), "challenger": MemoryPool()}
    sides: dict[Arm, Side] = {arm: Side(arm, backends[arm], pools[arm], b"") for arm in pools}
    clock = Clock()
    made = Around(wanted, sides, Choosing(""), Tally(), lambda *_: None, lambda _: None, clock=clock)
    return made, pools, clock
