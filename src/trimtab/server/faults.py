"""The wall between our errors and HTTP: every code of the room has its status here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

import msgspec

from trimtab.core.check import Fault, SignatureError
from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError
from trimtab.server.guard.principal import NOBODY, Principal
from trimtab.server.wire import Answer

__all__ = [
    "BROKEN",
    "GONE",
    "GRPC_STATUS",
    "STATUS",
    "FaultyError",
    "Headers",
    "ModelError",
    "NotReadyError",
    "OverloadedError",
    "TooLateError",
    "TurnedAwayError",
    "detailed",
    "error_answer",
    "problem_answer",
    "refused",
    "said",
]

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
STATUS: Final = {
    "P294": 403,  # the control plane is to load what its trust policy does not take
    "P295": 403,  # or whose code it does not let run
    "P301": 422,  # rows that do not fit the signature
    "P310": 400,  # a body that is not what the dialect says
    "P311": 404,  # no such route
    "P312": 404,  # no such model or version
    "P313": 405,  # no such method on the route
    "P314": 415,  # a content type or encoding that is not taken
    "P315": 413,  # a body or a number of rows over the limit
    "P316": 503,  # the model is not ready
    "P317": 503,  # too many requests wait
    "P318": 500,  # the model failed
    "P319": 504,  # no answer in time
    "P320": 400,  # bytes that are no HTTP request that we take; the refusal names its own status
    "P324": 500,  # rows that took the model's process down before
    "P325": 499,  # the caller left before its answer was there; counted, never sent
    "P330": 403,  # a request that a web page of another place has a browser send
    "P331": 401,  # nobody, or somebody who has not shown it
    "P332": 403,  # somebody who may not
    "P333": 429,  # a share that is used up
    "P350": 503,  # nothing is answered without a record, and none can be written
    "P351": 404,  # said of an answer that the caller was not given
    "P354": 400,  # truth or feedback that is wrong
    "P356": 404,  # truth or feedback where no journal is kept
    "P360": 409,  # a challenger whose signature is another
    "P361": 409,  # a flight is on at the endpoint, another one than is meant
    "P362": 404,  # no flight is on
    "P363": 422,  # a challenger that is none for this endpoint
    "P364": 409,  # a challenger that cannot be asked, not yet or not any more
    "P365": 409,  # what a name means to this server cannot be changed
    "P366": 400,  # a header that names no arm
    "P372": 502,  # a backend behind the gateway takes no connection
    "P373": 502,  # or breaks off, or gives no answer that HTTP knows
    "P374": 504,  # or none in time
    "P375": 501,  # a change of the protocol
    "P378": 503,  # a backend behind the gateway is asked by too many
    "P399": 500,  # a fault of ours
}
GRPC_STATUS: Final = {
    "P294": "PERMISSION_DENIED",
    "P295": "PERMISSION_DENIED",
    "P301": "INVALID_ARGUMENT",
    "P310": "INVALID_ARGUMENT",
    "P311": "UNIMPLEMENTED",
    "P312": "NOT_FOUND",
    "P313": "UNIMPLEMENTED",
    "P314": "INVALID_ARGUMENT",
    "P315": "RESOURCE_EXHAUSTED",  # as gRPC itself says of a message that is too long
    "P316": "UNAVAILABLE",
    "P317": "UNAVAILABLE",
    "P318": "INTERNAL",
    "P319": "DEADLINE_EXCEEDED",
    "P320": "INVALID_ARGUMENT",
    "P324": "INTERNAL",
    "P325": "CANCELLED",
    "P330": "PERMISSION_DENIED",
    "P331": "UNAUTHENTICATED",
    "P332": "PERMISSION_DENIED",
    "P333": "RESOURCE_EXHAUSTED",
    "P350": "UNAVAILABLE",
    "P351": "NOT_FOUND",
    "P354": "INVALID_ARGUMENT",
    "P356": "NOT_FOUND",
    "P360": "FAILED_PRECONDITION",
    "P361": "FAILED_PRECONDITION",
    "P362": "NOT_FOUND",
    "P363": "INVALID_ARGUMENT",
    "P364": "FAILED_PRECONDITION",
    "P365": "FAILED_PRECONDITION",
    "P366": "INVALID_ARGUMENT",
    "P372": "UNAVAILABLE",
    "P373": "UNAVAILABLE",
    "P374": "DEADLINE_EXCEEDED",
    "P375": "UNIMPLEMENTED",
    "P378": "UNAVAILABLE",
    "P399": "INTERNAL",
}
BROKEN: Final = Problem("P399", "the server failed at this request; its log says why under this id")
GONE: Final = OutsideError(Problem("P325", "the caller left before its answer was there"))
_FAULTS_SHOWN: Final = 50
_PROBLEMS_SAID: Final = 5
_RETRY: Final = ((b"retry-after", b"1"),)
_encode: Final = msgspec.json.Encoder().encode


class _DetailedError(OutsideError):
    def __init__(self, problem: Problem, detail: str = "") -> None:
        """detail: what may tell of paths, data or code, and so is for operators only."""
        super().__init__(problem)
        self.detail = detail


class ModelError(_DetailedError):
    """The model raised, or answered what its signature does not promise."""


class NotReadyError(_DetailedError):
    """The model cannot answer now, perhaps later."""


class OverloadedError(OutsideError):
    """More is asked than can be answered in time; perhaps not any more in a moment."""


class TooLateError(OutsideError):
    """The time that the caller or the server allows for an answer is over."""


class TurnedAwayError(UserError):
    """The guard does not let it pass; `reason` is counted, `headers` go with the answer."""

    def __init__(self, problem: Problem, reason: str, headers: Headers = ()) -> None:
        """reason: one of `metrics.REASONS`."""
        super().__init__(problem)
        self.reason = reason
        self.headers = headers


class FaultyError(UserError):
    """Several things that are wrong with what was sent; `faults` has the place of each, for a program."""

    def __init__(self, problems: Sequence[Problem], faults: Sequence[Fault]) -> None:
        """column: a key. row: the number of an entry, None where there is one alone."""
        super().__init__(*problems)
        self.faults = tuple(faults)


def refused(code: str, what: str, where: str = "", hint: str = "") -> UserError:
    """One problem of the caller's as an error."""
    return UserError(Problem(code, what, where, hint))


def error_answer(error: TrimtabError, request_id: str = "", caller: Principal = NOBODY, model: str = "") -> Answer:
    """The answer to a request that ended in this error."""
    faults = error.faults if isinstance(error, SignatureError | FaultyError) else ()
    headers = error.headers if isinstance(error, TurnedAwayError) else ()
    return problem_answer(detailed(error, caller, model), request_id, faults, headers)


def detailed(error: TrimtabError, caller: Principal, model: str) -> tuple[Problem, ...]:
    """The problems, with what only its operators may know of the model where the caller is one of them.

    Where nobody is asked who he is, why a model is not ready is told, and what its code says is not.
    """
    detail = error.detail if isinstance(error, _DetailedError) else ""
    shown = caller.kind != "anybody" or isinstance(error, NotReadyError)
    if not detail or not shown or not caller.may("operate", model):
        return error.problems
    first, *others = error.problems
    return (replace(first, what=f"{first.what}: {detail}"), *others)


def problem_answer(
    problems: tuple[Problem, ...],
    request_id: str = "",
    faults: Iterable[Fault] = (),
    headers: Headers = (),
    status: int | None = None,
) -> Answer:
    """The JSON error of these problems; the first one's code decides the status."""
    first = problems[0]
    body: dict[str, Any] = {"error": said(problems), "code": first.code}
    if first.hint:
        body["hint"] = first.hint
    if request_id:
        body["id"] = request_id
    shown = [_plain(fault) for fault in list(faults)[:_FAULTS_SHOWN]]
    if shown:
        body["faults"] = shown
    status = STATUS.get(first.code, 500) if status is None else status
    return Answer(status, _encode(body), headers=headers or (_RETRY if status == STATUS["P316"] else ()))


def said(problems: tuple[Problem, ...]) -> str:
    """The first few problems in one line, each with its place."""
    text = "; ".join(_sentence(problem) for problem in problems[:_PROBLEMS_SAID])
    return text + (f"; and {len(problems) - _PROBLEMS_SAID} more" if len(problems) > _PROBLEMS_SAID else "")


def _sentence(problem: Problem) -> str:
    return f"{problem.where}: {problem.what}" if problem.where else problem.what


def _plain(fault: Fault) -> dict[str, Any]:
    plain: dict[str, Any] = {"column": fault.column, "row": fault.row, "what": fault.what}
    return plain | {"hint": fault.hint} if fault.hint else plain
