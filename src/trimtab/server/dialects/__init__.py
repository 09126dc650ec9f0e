"""The wire formats that one data plane answers in: the only places that know a body's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

import msgspec

from trimtab.bundle.predictor import Outputs
from trimtab.server.dataplane import InferRequest, InferResponse
from trimtab.server.endpoint import Endpoint
from trimtab.server.wire import Answer, Request

__all__ = ["Dialect", "Events", "Exchange"]


class Events(Protocol):
    """How a streamed answer is written, event by event."""

    def part(self, outputs: Outputs) -> bytes:
        """The next part; raises UserError for values that cannot be written."""

    def end(self, response: InferResponse) -> bytes:
        """There are no more."""

    def error(self, answer: Answer) -> bytes:
        """There are no more, for this reason; the answer is that of a request that failed so."""


class Exchange(msgspec.Struct, frozen=True):
    """A decoded request, and how its answer is written; `events` where it is to be streamed."""

    request: InferRequest
    encode: Callable[[InferResponse], Answer]
    events: Events | None = None


# (http request, endpoint, id for a request without one); raises UserError
Dialect: TypeAlias = Callable[[Request, Endpoint, str], Exchange]
