"""Asks a running server in the rows dialect, for an answer or its parts; what it refuses comes back as our errors."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from trimtab.cli.access import Access
from trimtab.cli.parts import Event, events
from trimtab.core.errors import OutsideError, Problem, TrimtabError, UserError

__all__ = ["Asked", "ask", "listen", "parse_target"]

PATIENCE_S: Final = 60.0
OWN_FAULT: Final = 500
_NOBODY: Final = Access()
_JSON: Final = {"content-type": "application/json"}
_EVENTS: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which model of which server; `base` is a scheme and an address."""

    base: str
    model: str

    @property
    def path(self) -> str:
        """The route of the rows dialect."""
        return f"/v1/models/{quote(self.model)}/rows"


def parse_target(url: str) -> Asked:
    """The server and the model of `http://host:port/NAME`, with or without `v1/models/` before the name."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        hint = "a key is named by `--key-from`, never typed"
        raise UserError(Problem("P116", "the address has a user or a password in it", "trimtab ask", hint))
    names = [part for part in parts.path.split("/") if part not in ("", "v1", "v2", "models", "rows", "infer")]
    if parts.scheme not in ("http", "https") or not parts.hostname or len(names) != 1:
        hint = "for example `http://127.0.0.1:8080/churn`"
        raise UserError(Problem("P116", f"`{url}` is not the address of a model", "trimtab ask", hint))
    return Asked(f"{parts.scheme}://{parts.netloc}", names[0])


def ask(target: Asked, rows: Sequence[dict[str, Any]], access: Access = _NOBODY) -> dict[str, Any]:
    """The server's answer: {"model", "version", "id", "rows"}; raises what the server says, or that there is none."""
    with _post(target, rows, _JSON, access) as response:
        return _whole(response, target, access)


def listen(target: Asked, rows: Sequence[dict[str, Any]], access: Access = _NOBODY) -> Iterator[Event]:
    """Each part as it arrives, ("part", {"rows"}), then ("end", what a whole answer says beside its rows).

    Raises what `ask` raises, also between two parts; UserError P127 for a model that has one answer and no parts.
    """
    where = f"{target.base}{target.path}"
    with _post(target, rows, _JSON | {"accept": _EVENTS}, access) as response:
        if response.status >= http.HTTPStatus.BAD_REQUEST or response.headers.get_content_type() != _EVENTS:
            _whole(response, target, access)
        if not response.chunked:
            what = f"model `{target.model}` has no parts: it gives its whole answer at once"
            raise UserError(Problem("P127", what, where, "ask it without `--stream`"))
        for name, data in events(response):
            if name == "error":
                raise _refusal(OWN_FAULT, data, target, access)
            if name == "part" and not isinstance(data.get("rows"), list):
                continue  # of a later version of ours
            yield name, data
            if name == "end":
                return
    what = "the answer broke off: it has no end"
    raise OutsideError(Problem("P119", what, where, "the log of the server may say why"))


def _whole(response: http.client.HTTPResponse, target: Asked, access: Access) -> dict[str, Any]:
    """The JSON of an ordinary answer; raises what it says, if that is an error."""
    status = response.status
    try:
        answer = json.loads(response.read())
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or (status < http.HTTPStatus.BAD_REQUEST and "rows" not in answer):
        what = f"what answers at {target.base} is no trimtab: status {status}, no JSON of ours"
        raise OutsideError(Problem("P119", what, f"{target.base}{target.path}", "see `--url`"))
    if status >= http.HTTPStatus.BAD_REQUEST:
        hint = _hint(status, response.headers.get("retry-after", ""), access)
        raise _refusal(status, {"hint": hint, **answer}, target, access)
    return answer


@contextmanager
def _post(
    target: Asked, rows: Sequence[dict[str, Any]], headers: dict[str, str], access: Access
) -> Iterator[http.client.HTTPResponse]:
    """The answer, to be read; OutsideError P117 when nobody listens, P119 when the connection breaks."""
    body = json.dumps({"rows": list(rows)}, ensure_ascii=False).encode()
    where = f"{target.base}{target.path}"
    try:
        connection = _connection(target, access)
        try:
            connection.request("POST", target.path, body, headers | access.headers)
            yield connection.getresponse()
        finally:
            connection.close()
    except ConnectionRefusedError:
        what = f"no server listens at {target.base}"
        raise OutsideError(Problem("P117", what, where, f"`trimtab serve {target.model}`")) from None
    except ssl.SSLCertVerificationError as error:
        what = f"the server's certificate is not taken: {error.verify_message}"
        raise OutsideError(Problem("P119", what, where, "`--ca FILE` names a private authority")) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        what = f"the server did not answer: {access.hidden(said).lower()}"
        hint = "`--client-cert FILE` shows it who asks" if "CERTIFICATE_REQUIRED" in said else ""
        raise OutsideError(Problem("P119", what, where, hint)) from None


def _connection(target: Asked, access: Access) -> http.client.HTTPConnection:
    parts = urlsplit(target.base)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S, context=access.tls)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)


def _hint(status: int, retry_after: str, access: Access) -> str:
    """What to do about a refusal whose answer has no hint."""
    if status == http.HTTPStatus.UNAUTHORIZED and access.credential is None:
        return "set `TRIMTAB_API_KEY`, or say where the key is: `--key-from file:PATH`"
    return f"it may be asked again in {retry_after} s" if retry_after.isdecimal() else ""


def _refusal(status: int, answer: dict[str, Any], target: Asked, access: Access) -> TrimtabError:
    """The server's error as ours: the same code, one problem a fault; the caller's fault below 500."""
    code = str(answer.get("code", "P118"))
    problems = [_of_fault(code, fault) for fault in answer.get("faults") or []]
    if not problems:
        what, hint = str(answer.get("error", f"status {status}")), str(answer.get("hint", ""))
        problems = [Problem(code, what, f"{target.base}{target.path}", hint)]
    shown = (Problem(*map(access.hidden, (one.code, one.what, one.where, one.hint))) for one in problems)
    return (OutsideError if status >= OWN_FAULT else UserError)(*shown)


def _of_fault(code: str, fault: dict[str, Any]) -> Problem:
    """One fault of a row as a problem."""
    row = fault.get("row")
    where = f"column `{fault.get('column')}`" + ("" if row is None else f", row {row}")
    return Problem(code, str(fault.get("what", "")), where, str(fault.get("hint", "")))
