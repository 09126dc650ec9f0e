"""Asking again what failed in a way that may pass: how often so far, and the pause before the next time."""

from __future__ import annotations

from trimtab.bundle.oci.remote.faults import Broken, unusable
from trimtab.bundle.oci.remote.patience import Machine, Patience

__all__ = ["Tries"]


class Tries:
    """Of one thing that is wanted."""

    def __init__(self, patience: Patience, machine: Machine, where: str) -> None:
        """Where: what an error names."""
        self._patience, self._machine, self._where = patience, machine, where
        self._failed = 0
        self._moved = 0

    def moved(self, size: int) -> None:
        """So many bytes got through; enough of them, and earlier failures are forgotten."""
        self._moved += size
        if self._moved >= self._patience.progress:
            self._failed = self._moved = 0

    def failed(self, fault: Broken) -> None:
        """Wait for the next try; OutsideError P247 when there is none."""
        self._failed += 1
        pause_s = self._patience.pause_s(self._failed, fault.asked_s, self._machine.chance())
        if pause_s is not None:
            self._machine.sleep(pause_s)
            return
        times = "" if self._failed == 1 else f", {self._failed} times in a row"
        asks = "" if fault.asked_s is None else f", and wants to be left alone for {fault.asked_s:.0f} s"
        hint = "run the command again later: what arrived need not travel again"
        raise unusable(f"the registry {fault.what}{times}{asks}", self._where, hint) from None
