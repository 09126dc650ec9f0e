"""One pass of everything that a journal needs now and then, away from those who serve.

Segments are sealed, what was forgotten or has expired is taken away, sealed files are shipped, and what is too old or
too much goes. Each step is done whatever became of the one before: a full disk must not keep retention from making
room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from trimtab.core.errors import Problem, TrimtabError
from trimtab.journal.folder import Folder
from trimtab.journal.seal.alone import alone
from trimtab.journal.seal.clock import Reading, read_clock, steady
from trimtab.journal.seal.libraries import need_arrow
from trimtab.journal.seal.retention import Limits, Plan, Removed, is_held, plan, remove
from trimtab.journal.seal.seal import Sealed, place_of, seal_alone
from trimtab.journal.seal.state import last_reading, store_reading
from trimtab.journal.seal.stock import DAMAGED, Stored, stock
from trimtab.journal.ship.lane import Outcome

__all__ = ["Kept", "Shipper", "Steps", "keep_once"]


class Shipper(Protocol):
    """What carries sealed files to other places."""

    def run(self) -> Sequence[Outcome]:
        """Carry what is not there yet, as far as that can be done now; what became of it, by destination."""

    def shipped(self, path: Path, /) -> bool:
        """Whether a file of the journal has nothing to wait for, as it is now."""

    def lost(self, path: Path, /) -> None:
        """Note that it goes before it is shipped."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What other parts of the journal do in a pass; each raises TrimtabError or OSError where it cannot.

    clean: take away what was forgotten, or has expired, of what is sealed; nobody else changes sealed files meanwhile.
    ship: carries files away while the block runs.
    """

    clean: tuple[Callable[[Folder], object], ...] = ()
    ship: Callable[[Folder], AbstractContextManager[Shipper]] | None = None


NO_LIMITS: Final = Limits()
NO_STEPS: Final = Steps()


@dataclass(frozen=True, slots=True)
class Kept:
    """What a pass has done. plan: what was to go, and what could not. busy: another one was at it, nothing was done."""

    sealed: Sealed = field(default_factory=Sealed)
    shipped: tuple[Outcome, ...] = ()
    removed: Removed = field(default_factory=Removed)
    plan: Plan = field(default_factory=Plan)
    problems: tuple[Problem, ...] = ()
    busy: bool = False


def keep_once(
    folder: Folder, limits: Limits = NO_LIMITS, steps: Steps = NO_STEPS, clock: Callable[[], Reading] = read_clock
) -> Kept:
    """One pass. Whatever fails is among the problems; it is tried again in the next one."""
    problems: list[Problem] = []
    sealed = Sealed()
    with alone(folder.path) as mine:
        if not mine:
            return Kept(busy=True)
        with _noted(problems, folder):
            need_arrow()
            sealed = seal_alone(folder)
        for step in steps.clean:
            with _noted(problems, folder):
                step(folder)
    shipped: tuple[Outcome, ...] = ()
    with ExitStack() as stack:
        shipper = None
        if steps.ship is not None:
            with _noted(problems, folder):
                shipper = stack.enter_context(steps.ship(folder))
            with _noted(problems, folder):
                if shipper is not None:
                    shipped = tuple(shipper.run())
        planned, removed, now = Plan(), Removed(), steady(last_reading(folder.path), clock())
        with _noted(problems, folder), alone(folder.path, wait=True):
            planned, removed = _retire(folder, limits, now, shipper, unknown=steps.ship is not None)
    with _noted(problems, folder):
        store_reading(folder.path, now)
    for one in shipped:
        problems += [*one.damaged, *((one.problem,) if one.problem else ())]
    problems = [*sealed.problems, *problems, *_said(sealed, planned, removed, folder)]
    return Kept(sealed, shipped, removed, planned, tuple(problems))


def _retire(
    folder: Folder, limits: Limits, now: Reading, shipper: Shipper | None, *, unknown: bool
) -> tuple[Plan, Removed]:
    """unknown: without a shipper nobody knows what was shipped; else nothing is to be."""
    files = [replace(one, held=_held(one)) for one in stock(folder.path)]
    if shipper is not None:
        planned = plan(files, limits, now, shipper.shipped)
        return planned, remove(planned, shipper.lost)
    planned = plan(files, limits, now, (lambda _: False) if unknown else None)
    return planned, remove(planned)


def _held(one: Stored) -> bool:
    try:
        return one.kind == "segment" and is_held(one.path)
    except FileNotFoundError:
        return False


@contextmanager
def _noted(problems: list[Problem], folder: Folder) -> Iterator[None]:
    """What goes wrong in the block is a problem more, and the next step is taken."""
    try:
        yield
    except TrimtabError as error:
        problems += error.problems
    except OSError as error:
        what = f"the journal cannot be kept in order: {error.strerror or error}"
        problems.append(Problem("P921", what, str(error.filename or folder.path)))
    except Exception as error:  # noqa: BLE001 - a fault of ours in one step must not keep the others from being taken
        what = f"a step of keeping the journal in order failed: {place_of(error)}"
        problems.append(Problem("P926", what, str(folder.path)))


def _said(sealed: Sealed, planned: Plan, removed: Removed, folder: Folder) -> Iterator[Problem]:
    """What somebody has to know though the pass did what it could."""
    place = str(folder.path)
    for one in sealed.damaged:
        what = (
            f"of `{one.segment}` could not be read: {one.bytes} bytes in {one.stretches} places, "
            f"and {one.frames} whole frames that say nothing"
        )
        yield Problem("P923", what, str(folder.segments / DAMAGED / f"{one.segment}.jsonl"))
    if removed.unshipped:
        what = f"{removed.unshipped} files, {removed.unshipped_bytes} bytes, were removed before they were shipped"
        yield Problem("P924", what, place, "a larger `size` in `[server.log]`, or a destination that can be reached")
    if planned.over:
        what = f"the journal takes {planned.over} bytes more than it may, and nothing of it can go"
        yield Problem("P925", what, place, "a larger `size` in `[server.log]`")
    if removed.fault:
        yield Problem("P921", f"what is too old or too much cannot be removed: {removed.fault}", place)
