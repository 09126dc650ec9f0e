"""Where predictions run: on the event loop, in threads beside it, or in worker processes. `Engine` is the seam."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol, TypeAlias

import msgspec

from trimtab.bundle.predictor import Outputs
from trimtab.core.table import Table

__all__ = ["Done", "Ended", "Engine", "Failed", "Outcome", "Part", "Word"]


class Done(msgspec.Struct, frozen=True, eq=False):
    """Answers for every row of the table, and the seconds that the model alone took."""

    outputs: Outputs
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """No answers. `raised`: user code raised; `crashed`: its process died; `hung`: it was stopped after its time.

    what: one line for the log; trace: all there is to say of it.
    """

    how: Literal["raised", "crashed", "hung"]
    what: str
    trace: str = ""


Outcome: TypeAlias = Done | Failed
Ended: TypeAlias = Callable[[Outcome], None]


class Word(Enum):
    """What an engine waits for when it has handed over a part; the values are the messages that a worker gets."""

    GO_ON = b"g"
    STOP = b"x"


# told a part, and how to say the word once; after STOP the model's generator is closed, and the call ends
Part: TypeAlias = Callable[[Outputs, Callable[[Word], None]], None]


class Engine(Protocol):
    """Runs one table at a time in each of its places. Everything is called on, and answers on, the loop's thread."""

    @property
    def free(self) -> int:
        """How many tables it would take now."""

    def start(self, table: Table, patience_s: float, ended: Ended, part: Part | None = None) -> None:
        """Predict; `ended` is called once, perhaps before this returns. Only while `free` is positive.

        A call that takes longer than `patience_s` counts as hung, where the engine can stop it.
        part: answer part by part; each has the patience anew, and `ended` is told `Done` without outputs.
        """

    def close(self) -> None:
        """Let go of everything; what still runs is not waited for."""
