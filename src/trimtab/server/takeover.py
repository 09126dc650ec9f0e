"""Fresh processes take over from old ones: one change at a time, all processes or none."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Protocol

from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.server.changes import Change
from trimtab.server.children import Child
from trimtab.server.logs import Log

__all__ = ["Birth", "Takeover", "unfit_of"]

_FLOWN: Final = ("fly", "land", "promote")  # what the name means was served before


class Birth(Protocol):
    """Where serving processes come from, and what they serve."""

    def fork(self, number: int, *, fresh: bool, first: bool) -> Child:
        """A serving process on the socket of that number.

        fresh: it serves what `renew` found, and takes no connection before it is ready; first: nobody is there yet.
        """

    def renew(self, change: Change) -> bool:
        """Look up what is to be served from now on; False when that is served already. Raises TrimtabError."""

    def settle(self, *, fresh: bool) -> None:
        """From now on every process serves what was looked up last, or what was served before."""

    def seen(self, unfit: Mapping[str, str]) -> None:
        """Each turn: the models that cannot answer, of all processes, and why."""

    def died(self, state: str) -> None:
        """A process has ended that should not; state: what it said last."""


class Takeover:
    """Which processes are being renewed, and for whom; the supervisor starts and ends them as it is told here.

    A change ends in one of two ways: every process serves it and the ones before it have ended, or nothing has changed.
    """

    def __init__(self, birth: Birth, count: int, log: Log) -> None:
        """count: of serving processes."""
        self._birth = birth
        self._log = log
        self._all = frozenset(range(count))
        self._asked: deque[Change] = deque()
        self._change: Change | None = None
        self._old: list[Child] = []  # those that the change still waits for
        self.numbers: frozenset[int] = frozenset()  # that a fresh process is to take over

    @property
    def busy(self) -> bool:
        """Whether a change is under way."""
        return bool(self.numbers) or self._change is not None

    def ask(self, change: Change) -> None:
        """Make this change when those before it are done; to renew all twice is to renew all once."""
        if change.do != "renew" or all(one.do != "renew" for one in self._asked):
            self._asked.append(change)

    def recycle(self, number: int) -> None:
        """One process is renewed, with what is served now."""
        self.numbers = frozenset({number})

    def begin(self, children: Collection[Child]) -> frozenset[int]:
        """The next change, if it is time for it; the numbers of the fresh processes that it needs."""
        while self._asked and not self.busy:
            change = self._asked.popleft()
            error: TrimtabError | None = None
            try:
                if not change.wanted():
                    raise _called_off()
                if self._birth.renew(change):
                    self._change, self.numbers = change, self._all
                    return self.numbers
                unfit = unfit_of(children)
                if change.name in unfit:
                    error = _unfit({change.name: unfit[change.name]})
            except TrimtabError as raised:
                error = raised
            self._tell(change, error)
        return frozenset()

    def look(self, children: Collection[Child]) -> list[Child]:
        """What has come of it: the processes that are to leave now."""
        fresh = [child for child in children if child.fresh]
        self._birth.seen(unfit_of(child for child in children if not child.fresh))
        if fresh and self._change is not None and not self._change.wanted():
            return self.fail(_called_off(), children)
        if fresh and {child.number for child in fresh if child.beat.state == "ready"} == self.numbers:
            return self._decide(fresh, children)
        if self._change is not None and not self.numbers and not any(child in children for child in self._old):
            change, self._change = self._change, None
            self._tell(change, None)
        return []

    def _decide(self, fresh: list[Child], children: Collection[Child]) -> list[Child]:
        """All fresh ones have loaded: they take over, unless a model of theirs cannot answer that could before."""
        old = [child for child in children if not child.fresh and child.number in self.numbers]
        wanted = "" if self._change is None or self._change.do in _FLOWN else self._change.name
        before = unfit_of(old)
        unfit = {name: why for name, why in unfit_of(fresh).items() if name == wanted or name not in before}
        if unfit:
            return self.fail(_unfit(unfit), children)
        self._birth.settle(fresh=True)
        for child in fresh:
            child.fresh = False
        self.numbers = frozenset()
        self._old = old
        self._log("renewed", {"level": "info", "pids": [child.pid for child in fresh]})
        if self._change is not None and self._change.do == "renew":
            self._change = None  # nobody waits
        return old

    def fail(self, error: TrimtabError, children: Iterable[Child]) -> list[Child]:
        """A fresh process is no good: those that serve go on, and the fresh ones are to leave."""
        self._birth.settle(fresh=False)
        self.numbers = frozenset()
        fresh = [child for child in children if child.fresh]
        for child in fresh:
            child.fresh = False
        change, self._change = self._change, None
        if change is not None:
            self._tell(change, error)
        return fresh

    def stop(self) -> None:
        """No change is made any more."""
        waiting = [*self._asked] if self._change is None else [self._change, *self._asked]
        self._asked.clear()
        self._change = None
        for change in waiting:
            change.told(OutsideError(Problem("P316", "the server is stopping")))

    def _tell(self, change: Change, error: TrimtabError | None) -> None:
        if error is not None:
            why = "; ".join(problem.what for problem in error.problems)
            about = {"model": change.name} if change.name else {}
            self._log("not renewed", {"level": "error", "asked": change.do, **about, "why": why})
        change.told(error)


def _called_off() -> OutsideError:
    return OutsideError(Problem("P316", "nobody wants it any more"))


def unfit_of(children: Iterable[Child]) -> dict[str, str]:
    """The models of these processes that cannot answer, and why; who is leaving is asked nothing."""
    return {name: why for child in children if not child.leaving for name, why in child.beat.unfit.items()}


def _unfit(models: Mapping[str, str]) -> UserError:
    hint = "`trimtab check` on the bundle shows the rows"
    return UserError(
        *(Problem("P305", f"model `{name}` cannot answer: {why}", "", hint) for name, why in models.items())
    )
