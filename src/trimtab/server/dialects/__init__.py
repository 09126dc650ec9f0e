"""The wire formats that one data plane answers in: the only places that know a body's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from trimtab.server.dataplane import InferRequest, InferResponse
from trimtab.server.endpoint import Endpoint
from trimtab.server.wire import Answer, Request

__all__ = ["Dialect", "Exchange"]


class Exchange(msgspec.Struct, frozen=True):
    """A decoded request, and how its answer is written."""

    request: InferRequest
    encode: Callable[[InferResponse], Answer]


# (http request, endpoint, id for a request without one); raises UserError
Dialect: TypeAlias = Callable[[Request, Endpoint, str], Exchange]
