"""A revision comes up: its container starts, gets ready, and answers its golden rows, before anybody is sent there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from trimtab.core.errors import Problem, RefusedError
from trimtab.targets.container import commands
from trimtab.targets.container.asking import ask
from trimtab.targets.container.engine import Engine, must
from trimtab.targets.container.golden import Golden
from trimtab.targets.container.labels import BUNDLE, deployment_in, mine, whose
from trimtab.targets.container.named import asks
from trimtab.targets.container.seen import Seen, read
from trimtab.targets.container.service import Service
from trimtab.targets.faults import did_not_come_up

__all__ = ["Coming"]

_LOOK_S: Final = 0.2
_ONCE_S: Final = 3.0  # one question waits; whether the container still runs is looked at in between
_SHOWN: Final = 300
_READY: Final = 200
_LOADING: Final = "still loading"  # what a server says that may be ready later
_LOCKED: Final = (401, 403)
_ENDED: Final = frozenset({"exited", "dead", "stopped"})


@dataclass(frozen=True, slots=True)
class Coming:
    """golden: says what is wrong with a revision's answers. wait_s: a container has to be ready."""

    engine: Engine
    golden: Golden
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    wait_s: float

    def make_free(self, service: Service) -> None:
        """Nobody has its name then; RefusedError P525 where somebody else has it. OutsideError P502."""
        there = self._seen(service.name)
        if there is None:
            return
        if not mine(*whose(service.labels)).items() <= there.labels.items():
            what = f"there is a container `{service.name}`, which is none of this endpoint"
            hint = f"`{self.engine.dialect} rm` it, if it may go"
            raise RefusedError(Problem("P525", what, self.engine.dialect, hint))
        must(self.engine, commands.remove(service.name))

    def start(self, service: Service, kept: Mapping[str, str]) -> None:
        """Runs it. kept: see `commands.run`. OutsideError P502."""
        must(self.engine, commands.run(service, self.engine.dialect, kept))

    def _seen(self, name: str) -> Seen | None:
        done = self.engine(commands.seen([name]))
        return read(done.out)[0] if done.status == 0 else None

    def must_answer(self, service: Service, reference: str) -> None:
        """Comes back when its golden rows are answered; RefusedError P501. reference: of its bundle.

        One that asks callers who they are must ask us, too: it is ready when it has answered golden rows to itself.
        """
        self._must_be_ready(service)
        own = deployment_in(service.labels)
        if own is not None and asks(own.server):
            status, _ = self._post(service, f"/v2/models/{own.name}/infer", b"{}")
            if status not in _LOCKED:
                raise self._no_good(service, f" answers somebody who has no key with status {status}")
            return
        fault = self.golden(reference, lambda path, body: self._post(service, path, body))
        if fault:
            raise self._no_good(service, f": {fault}")

    def _post(self, service: Service, path: str, body: bytes) -> tuple[int, Any]:
        answer = ask(self.engine, (service.name, service.health_port), ("POST", path), body)
        return answer.status, answer.json if answer.status else {"error": answer.why}

    def _must_be_ready(self, service: Service) -> None:
        until, before = self.clock() + self.wait_s, -1
        while True:
            seen = self._seen(service.name)
            if seen is None:
                raise self._no_good(service, " has gone")
            before = seen.restarts if before < 0 else before
            if seen.status in _ENDED or seen.restarts > before:
                raise self._no_good(service, f" does not stay up, {seen.why}: {self.last_words(service.name)}")
            if seen.runs and self._is_ready(service):
                return
            if self.clock() > until:
                why = f" is not ready within {self.wait_s:g} s: {self.last_words(service.name)}"
                raise self._no_good(service, why)
            self.sleep(_LOOK_S)

    def _is_ready(self, service: Service) -> bool:
        """Whether it is; RefusedError P501 where it says that it will not be."""
        answer = ask(self.engine, (service.name, service.health_port), ("GET", "/readyz"), wait_s=_ONCE_S)
        models = (answer.json or {}).get("models", {}) if answer.status else {}
        final = [one["reason"] for one in models.values() if one.get("reason", _LOADING) != _LOADING]
        if answer.status != _READY and final:
            raise self._no_good(service, f": {final[0]}")
        return answer.status == _READY

    def _no_good(self, service: Service, why: str) -> RefusedError:
        what = f"the revision `{service.labels[BUNDLE][:19]}`{why}"
        return did_not_come_up(what, service.name, "what answered before still does; mend the bundle, or its settings")

    def last_words(self, name: str) -> str:
        """The last line that a container said."""
        done = self.engine(commands.logs(name))
        lines = [line.strip() for line in (done.out + done.err).splitlines() if line.strip()]
        return lines[-1][:_SHOWN] if lines else "it says nothing"
