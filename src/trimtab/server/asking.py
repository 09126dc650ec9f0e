"""The way to the data plane for whoever has a thread of his own: hand the request to the loop, wait for the answer."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Final, Protocol, TypeAlias

from msgspec.structs import replace

from trimtab.core.errors import OutsideError, Problem, TrimtabError
from trimtab.server.batching.call import Call
from trimtab.server.dataplane import DataPlane, InferRequest, InferResponse
from trimtab.server.faults import BROKEN, GONE, STATUS, NotReadyError, OverloadedError, TooLateError
from trimtab.server.journal.hand import Outcome
from trimtab.server.journal.trail import Trail
from trimtab.server.journal.unkept import REFUSED

__all__ = ["Ask", "Asking", "Gone"]

# is given what to do when the caller leaves
Gone: TypeAlias = Callable[[Callable[[], None]], object]
_GRACE_S: Final = 5.0  # for an answer to cross from the loop to a thread; the loop itself keeps the deadline


class Ask(Protocol):
    """Blocks until the answer is there; raises TrimtabError."""

    def __call__(
        self, request: InferRequest, timeout_s: float | None, gone: Gone | None = None, trail: Trail | None = None
    ) -> InferResponse:
        """Ask; timeout_s: how long the caller still waits, None for no limit of its own. trail: what is to be kept."""


class Asking:
    """An `Ask` over the loop that owns the data plane; may be called by any thread but the loop's."""

    def __init__(self, loop: asyncio.AbstractEventLoop, plane: DataPlane) -> None:
        """Once the loop has ended, every call is told that the server is stopping."""
        self._loop = loop
        self._plane = plane
        self._jobs: deque[Callable[[], object]] = deque()

    def __call__(
        self, request: InferRequest, timeout_s: float | None, gone: Gone | None = None, trail: Trail | None = None
    ) -> InferResponse:
        """The answer; raises what the data plane raises or tells. A caller who leaves is not computed for."""
        allowed_s = self._plane.settings.answer_timeout_s
        if timeout_s is not None:
            allowed_s = min(allowed_s, timeout_s)
        future: Future[InferResponse] = Future()
        if gone is not None:
            gone(lambda: _leave(future))
        if not self.post(lambda: self._begin(replace(request, timeout_s=allowed_s), future, trail)):
            raise NotReadyError(Problem("P316", "the server is stopping"))
        try:
            return future.result(allowed_s + _GRACE_S)
        except CancelledError:
            raise OutsideError(*GONE.problems) from None  # each its own: one that is raised keeps its frames
        except TimeoutError:
            future.cancel()
            raise TooLateError(Problem("P319", f"no answer within {allowed_s:.3g} s")) from None

    def note(self, job: Callable[[], object]) -> None:
        """Run the job on the loop's thread ahead of the next posted one: waking the loop costs more than the job."""
        self._jobs.append(job)

    def post(self, job: Callable[[], object]) -> bool:
        """Run the job on the loop's thread, now; false when the loop has ended."""
        self._jobs.append(job)
        try:
            self._loop.call_soon_threadsafe(self._work)
        except RuntimeError:
            return False
        return True

    def _work(self) -> None:
        while self._jobs:
            self._jobs.popleft()()

    def _begin(self, request: InferRequest, future: Future[InferResponse], trail: Trail | None) -> None:
        if future.cancelled():
            return
        began = time.perf_counter()
        try:
            call = self._plane.start(request, lambda result: self._told(result, future, trail, began), None, trail)
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that asks
            self._told(error, future, trail, began)
            return
        if call is not None:
            future.add_done_callback(lambda done: self._forget(call) if done.cancelled() else None)

    def _told(
        self, result: InferResponse | Exception, future: Future[InferResponse], trail: Trail | None, began: float
    ) -> None:
        """Keep what was asked and answered, if that is wanted; then the thread has its answer."""
        recorder = self._plane.recorder
        if trail is None or recorder is None:
            _hand_over(result, future)
            return
        kept = trail

        def go_on(outcome: Outcome) -> None:
            kept.lost = outcome == "lost"
            _hand_over(OverloadedError(REFUSED) if outcome == "refused" else result, future)

        outcome = recorder.end(kept, _status(result, kept), time.perf_counter() - began, go_on)
        if outcome is not None:
            go_on(outcome)

    def _forget(self, call: Call) -> None:
        self.post(lambda: call.settle(GONE))


def _status(result: InferResponse | Exception, trail: Trail) -> int:
    if isinstance(result, InferResponse):
        return 200
    trail.error = result.problems[0].code if isinstance(result, TrimtabError) else BROKEN.code
    return STATUS.get(trail.error, 500)


def _leave(future: Future[InferResponse]) -> None:
    future.cancel()


def _hand_over(result: InferResponse | Exception, future: Future[InferResponse]) -> None:
    """Settle the future, unless its caller has left."""
    if future.cancelled() or not future.set_running_or_notify_cancel():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
