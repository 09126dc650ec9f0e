"""The health protocol of gRPC, version 1: what is asked once, and what is watched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

from trimtab.core.errors import Problem
from trimtab.server.dataplane import DataPlane
from trimtab.server.faults import NotReadyError, OverloadedError

__all__ = ["WATCHERS", "Board", "health"]

WATCHERS: Final = 256  # in one process; each has a thread of its own
_STOPPING: Final = Problem("P316", "the server is stopping")
_NAME: Final = 256  # of a service; no model has a longer one
_WHOLE: Final = frozenset({"", "inference.GRPCInferenceService"})


def health(plane: DataPlane, service: str) -> str:
    """The status of the whole server (no name, or the protocol's) or of a model, in the protocol's words."""
    if service in _WHOLE:
        return "SERVING" if plane.ready else "NOT_SERVING"
    endpoint = plane.endpoints.get(service)
    if endpoint is None:
        return "SERVICE_UNKNOWN"
    return "SERVING" if endpoint.state == "ready" and not plane.stopping else "NOT_SERVING"


class Board:
    """Statuses on show, and those who watch them; `look` and `close` are called by the loop, `watch` by threads."""

    def __init__(self, health: Callable[[str], str], limit: int = WATCHERS) -> None:
        """health: the status of a service now; it is asked by any thread. limit: of watchers at once."""
        self._health = health
        self._limit = limit
        self._changed = threading.Condition()
        self._shown: dict[str, str] = {}
        self._watchers: dict[str, int] = {}
        self._frozen = self._closed = False

    def look(self) -> None:
        """Show what has changed since the last look."""
        if not self._watchers or self._frozen:
            return
        with self._changed:
            for service in self._watchers:
                self._show(service)

    def freeze(self) -> None:
        """Show no change any more: another process serves these now, and its watchers hear from that one."""
        self._frozen = True

    def close(self) -> None:
        """Every watch ends, after what has changed was told."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wake(self) -> None:
        """A watcher may have left."""
        with self._changed:
            self._changed.notify_all()

    def watch(self, service: str, here: Callable[[], bool]) -> Iterator[str]:
        """The status at once and whenever it changes, while the watcher is here; blocks in between.

        Raises OverloadedError for one watcher too many, NotReadyError when the server stops.
        """
        service, told = service[:_NAME], ""
        self._enter(service)
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._shown[service] != told or self._closed or not here())  # noqa: B023
                    if not here():
                        return
                    if self._shown[service] == told:
                        raise NotReadyError(_STOPPING)
                    told = self._shown[service]
                yield told
        finally:
            self._leave(service)

    def _enter(self, service: str) -> None:
        with self._changed:
            if self._frozen or self._closed:
                raise NotReadyError(_STOPPING)
            if sum(self._watchers.values()) >= self._limit:
                raise OverloadedError(Problem("P317", f"{self._limit} calls watch already"))
            self._watchers[service] = self._watchers.get(service, 0) + 1
            self._show(service)

    def _leave(self, service: str) -> None:
        with self._changed:
            self._watchers[service] -= 1
            if not self._watchers[service]:
                del self._watchers[service], self._shown[service]

    def _show(self, service: str) -> None:
        status = self._health(service)
        if self._shown.get(service) != status:
            self._shown[service] = status
            self._changed.notify_all()
