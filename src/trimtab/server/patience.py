"""How long a caller may take for what comes next: a byte now and then is no progress."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from trimtab.server.connection import Phase

if TYPE_CHECKING:
    from trimtab.server.settings import Settings

__all__ = ["Patience"]

_RATE: Final = 512.0  # bytes a second that a body has to make, beyond the time that it may stand still


class Patience:
    """With one connection; times are those of its loop."""

    __slots__ = ("_phase", "_settings", "_since")

    def __init__(self, settings: Settings) -> None:
        """Nothing has come yet."""
        self._settings = settings
        self._phase: Phase | None = None
        self._since = 0.0

    def anew(self) -> None:
        """What comes next is another request, or was not waited for until now."""
        self._phase = None

    def until(self, phase: Phase, received: int, now: float) -> float:
        """When the caller's time is up; received: bytes of the body that are here.

        A head has its time as a whole. A body has it anew with every piece, as long as it keeps to the least rate.
        """
        if phase is not self._phase:
            self._phase, self._since = phase, now
        match phase:
            case Phase.IDLE:
                return now + self._settings.idle_timeout_s
            case Phase.HEAD:
                return self._since + self._settings.header_timeout_s
            case Phase.BODY:
                still_s = self._settings.body_timeout_s
                return min(now, self._since + received / _RATE) + still_s
            case Phase.CLOSED:
                return inf
