"""Shipping, as the journal's keeper uses it: a pass now and then, and a word to retention on what is not shipped yet.

    with open_shipping(journal, destinations) as shipping:
        outcomes = shipping.run(budget_s=60)
        ... remove old files, asking `shipping.shipped(path)`, saying `shipping.lost(path)` ...

Each destination has a thread, so that one that is slow, or hangs, keeps no other from its files, nor the keeper.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trimtab.core.errors import OutsideError, Problem
from trimtab.core.secrets import Vaults
from trimtab.journal.segments.growing import SUFFIX
from trimtab.journal.ship.carrier import OpenCarrier, Tools, open_carrier
from trimtab.journal.ship.destination import Destination, name_of, shown, streams_of
from trimtab.journal.ship.disk import unkept
from trimtab.journal.ship.lane import Lane, Machine, Outcome
from trimtab.journal.ship.logbook import Logbook
from trimtab.journal.ship.sealed import Sealed, sealed_files, stream_of, version_of
from trimtab.journal.ship.standing import standing_of

__all__ = ["Shipping", "open_shipping"]

_LOCK: Final = "lock"
_RETIRED: Final = ".retired"
_GRACE: Final = 0.05  # of a pass's budget: waited beyond it, before it goes on without a destination


class Shipping:
    """All destinations of one journal; made by `open_shipping`, used by one thread."""

    def __init__(self, journal: Path, lanes: Mapping[str, Lane], vaults: Vaults, machine: Machine) -> None:
        """lanes: by the names of their destinations."""
        self._journal = journal
        self._lanes = lanes
        self._vaults = vaults
        self._machine = machine
        self._runs: dict[str, _Run] = {}

    def run(self, budget_s: float = 60.0) -> list[Outcome]:
        """One pass: every destination whose time it is gets what it has not, for so many seconds.

        Returns soon after that, whatever hangs; what hangs goes on by itself, and is `busy` in the next pass, too.
        """
        files = sealed_files(self._journal)
        until = self._machine.steady() + budget_s
        patience = until + _GRACE * budget_s
        for name, lane in self._lanes.items():
            if name in self._runs and self._runs[name].going:
                continue
            self._runs[name] = _Run(lane, files, self._tools(name, lane), until)
        return [self._outcome(lane, self._runs[name], files, patience) for name, lane in self._lanes.items()]

    def shipped(self, path: Path) -> bool:
        """Whether a file of the journal has nothing to wait for: as it is now, it is wherever files like it go.

        A segment is still to be sealed, and then shipped; what never goes anywhere, waits for nothing.
        """
        if stream_of(path.relative_to(self._journal).as_posix()) == "segments":
            return path.suffix != SUFFIX
        return not any(self._lacking(path))

    def lost(self, path: Path) -> None:
        """Say that a file has to be removed before it is shipped; to be said first. OutsideError P967."""
        name, size = path.relative_to(self._journal).as_posix(), path.lstat().st_size
        for lane in self._lacking(path):
            lane.logbook.note("lost", name=name, files=1, bytes=size)

    def _lacking(self, path: Path) -> Iterator[Lane]:
        """The destinations that a file has yet to go to; none for one that is no more."""
        name = path.relative_to(self._journal).as_posix()
        try:
            version = version_of(path.lstat())
        except OSError:
            return
        for lane in self._lanes.values():
            state = lane.logbook.state
            if stream_of(name) in state.streams and state.shipped.get(name) != version:
                yield lane

    def close(self, patience_s: float = 1.0) -> bool:
        """Wait so long for what is still going on; False where something is, which ends with this process."""
        for run in self._runs.values():
            run.wait(patience_s)
        return not any(run.going for run in self._runs.values())

    def _tools(self, name: str, lane: Lane) -> Tools:
        known = bool(lane.logbook.state.shipped)
        return Tools(self._journal / "spool" / name, known, self._vaults)

    def _outcome(self, lane: Lane, run: _Run, files: Sequence[Sealed], patience: float) -> Outcome:
        run.wait(patience - self._machine.steady())
        if run.going or run.outcome is None:
            state = lane.logbook.state
            return Outcome(standing_of(state, [one for one in files if one.stream in state.streams]), busy=True)
        return run.outcome


class _Run:
    """One destination's part of a pass, in a thread of its own."""

    def __init__(self, lane: Lane, files: Sequence[Sealed], tools: Tools, until: float) -> None:
        self.outcome: Outcome | None = None
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._go, args=(lane, files, tools, until), daemon=True)
        self._thread.start()

    @property
    def going(self) -> bool:
        """Whether it has not come to an end."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Until it has ended, at most so long; a fault of ours comes out here."""
        self._thread.join(max(0.0, seconds))
        fault, self._fault = self._fault, None
        if fault is not None and not self.going:
            raise fault

    def _go(self, lane: Lane, files: Sequence[Sealed], tools: Tools, until: float) -> None:
        try:
            self.outcome = lane.run(files, tools, until)
        except BaseException as fault:  # noqa: BLE001 - raised again where somebody waits for it
            self._fault = fault


@contextmanager
def open_shipping(
    journal: Path,
    destinations: Sequence[Destination],
    vaults: Vaults | None = None,
    machine: Machine | None = None,
    opener: OpenCarrier = open_carrier,
) -> Iterator[Shipping]:
    """Shipping from a journal, whose folder is there.

    OutsideError P967 for a spool that is of no use, P968 for one that another process uses.
    """
    spool, machine = journal / "spool", machine or Machine()
    try:
        spool.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(spool / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unkept(spool, "cannot be used", error) from None
    free = True
    try:
        _lock(handle, spool)
        names = {name_of(destination): destination for destination in destinations}
        _retire(spool, names)
        lanes = {
            name: Lane(journal, to, Logbook(spool / f"{name}.log", shown(to), streams_of(to)), machine, opener)
            for name, to in names.items()
        }
        shipping = Shipping(journal, lanes, vaults or {}, machine)
        try:
            yield shipping
        finally:
            free = shipping.close()
    finally:
        if free:  # else the lock holds as long as the process: two must not write one logbook
            os.close(handle)


def _lock(handle: int, spool: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        what = "another process ships from this journal"
        raise OutsideError(Problem("P968", what, str(spool), "one keeper a journal is enough")) from None
    except OSError as error:
        raise unkept(spool, "cannot be locked", error) from None


def _retire(spool: Path, names: Mapping[str, Destination]) -> None:
    """Put aside the logbooks of destinations that are no longer named, and take back those that are named again."""
    try:
        for path in spool.glob("*.log"):
            if path.stem not in names:
                path.replace(path.with_name(path.name + _RETIRED))
        for name in names:
            aside = spool / f"{name}.log{_RETIRED}"
            if aside.exists():
                aside.replace(spool / f"{name}.log")
    except OSError as error:
        raise unkept(spool, "cannot be used", error) from None
