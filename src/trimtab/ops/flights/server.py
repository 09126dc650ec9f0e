"""A server that flies, by the routes of its control plane."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.flights import FlightStatus
from trimtab.core.traffic import Traffic
from trimtab.release.ledger.plain import plain_of, value_of

__all__ = ["Reach", "ServerFlown"]

_LONG_S: Final = 120.0  # what waits for processes and disks
_LONGEST: Final = 1 << 24  # bytes of an answer
_NONE_ON: Final = "P362"
_JSON: Final = {"content-type": "application/json"}
_AGAIN: Final = frozenset({http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.REQUEST_TIMEOUT})


@dataclass(frozen=True, slots=True)
class Reach:
    """How a control plane is reached. url: scheme and address. headers: hold the credential.

    hidden: a text without it. timeout_s: for what is answered at once.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    hidden: Callable[[str], str] = str
    timeout_s: float = 5.0


class ServerFlown:
    """One flight on one endpoint. Every call may be said twice, so whoever has no answer says it again."""

    def __init__(self, reach: Reach, endpoint: str, flight: str, challenger: str = "") -> None:
        """challenger: its digest, where that is known. Nothing is asked yet."""
        self._reach, self._flight = reach, flight
        self._path = f"/v1/flights/{quote(endpoint, safe='')}"
        self._endpoint, self._challenger = endpoint, challenger

    def start(self, challenger: str) -> None:
        """Load that bundle beside the champion. UserError P361 names the flight that is on in its place."""
        self._ask("POST", self._path, {"flight": self._flight, "challenger": challenger}, _LONG_S)

    def status(self) -> FlightStatus | None:
        """What is known now; None where this flight is not on."""
        try:
            answer = self._ask("GET", self._path)
        except UserError as error:
            if error.problems[0].code == _NONE_ON:
                return None
            raise
        try:
            status = value_of(answer, FlightStatus)
        except ValueError as error:
            raise self._strange(f"this is no status of a flight: {error}") from None
        if status.traffic.flight != self._flight:
            return None
        self._challenger = status.challenger
        return status

    def steer(self, traffic: Traffic, lease_s: float) -> None:
        """See `Flown`."""
        self._ask("PUT", f"{self._path}/traffic", plain_of(traffic) | {"lease_s": lease_s})

    def promote(self) -> None:
        """See `Flown`. A server that knows nothing of it any more may have promoted it before: then all is well."""
        try:
            self._ask("POST", f"{self._path}/promote", {"flight": self._flight}, _LONG_S)
        except UserError as error:
            if error.problems[0].code != _NONE_ON or not self._is_champion():
                raise

    def end(self) -> None:
        """See `Flown`."""
        self._ask("DELETE", f"{self._path}?{urlencode({'flight': self._flight})}", wait_s=_LONG_S)

    def _is_champion(self) -> bool:
        """Whether the endpoint's name means the challenger, as far as it was ever known."""
        found = self._ask("POST", "/v2/repository/index", {})
        versions = [one.get("version", "") for one in found if one.get("name") == self._endpoint]
        digits = self._challenger.removeprefix("sha256:")
        if digits == self._challenger:
            return versions[:1] == [digits]  # no digest: the name of a revision, all of it
        return bool(versions and versions[0] and digits.startswith(versions[0]))

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, wait_s: float = 0.0) -> Any:
        """The JSON of the answer; raises what it says, if that is an error."""
        reach = self._reach
        text = None if body is None else json.dumps(body).encode()
        try:
            connection = self._connection(max(wait_s, reach.timeout_s))
            try:
                connection.request(method, path, text, _JSON | dict(reach.headers))
                response = connection.getresponse()
                status, data = response.status, response.read(_LONGEST)
            finally:
                connection.close()
        except ssl.SSLCertVerificationError as error:
            what = f"the control plane's certificate is not taken: {error.verify_message}"
            raise UserError(Problem("P428", what, reach.url, "`--ca FILE` names a private authority")) from None
        except (OSError, http.client.HTTPException) as error:
            said = getattr(error, "strerror", None) or str(error) or type(error).__name__
            what = f"the control plane does not answer: {reach.hidden(said).lower()}"
            hint = "`trimtab serve --admin-port` has one; `--control URL` says where it is"
            raise OutsideError(Problem("P428", what, reach.url, hint)) from None
        return self._said(status, data)

    def _connection(self, wait_s: float) -> http.client.HTTPConnection:
        parts = urlsplit(self._reach.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, parts.port, timeout=wait_s, context=self._reach.tls)
        return http.client.HTTPConnection(host, parts.port, timeout=wait_s)

    def _said(self, status: int, data: bytes) -> Any:
        try:
            answer = json.loads(data) if data else {}
        except ValueError:
            answer = None
        if status < http.HTTPStatus.MULTIPLE_CHOICES and answer is not None:
            return answer
        if not isinstance(answer, dict) or "error" not in answer:
            raise self._strange(f"status {status}, no JSON of ours")
        hide = self._reach.hidden
        problem = Problem(
            str(answer.get("code", "P428")),
            hide(str(answer["error"])),
            self._reach.url,
            hide(str(answer.get("hint", ""))),
        )
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR or status in _AGAIN:
            raise OutsideError(problem)
        raise UserError(problem)

    def _strange(self, what: str) -> OutsideError:
        said = f"what answers there is no control plane that flies: {what}"
        return OutsideError(Problem("P428", said, self._reach.url, "see `--control`"))
