"""What an application says of the answers it was given: what turned out to be so, and what a person thinks of them.

The standard library is enough, and nothing else of trimtab is imported: this file may be copied into an application.

    client = Client("https://models.example", key=os.environ["TRIMTAB_API_KEY"])
    client.truth(answer_id, True)
    client.feedback(answer_id, score=0, comment="the plan was cancelled in May")

Every call may be made again: what a server has heard before counts once. So calls that get no answer are repeated.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

__all__ = ["BATCH", "Client", "Patience", "SayingError"]

Scalar: TypeAlias = bool | int | float | str
When: TypeAlias = datetime | float | str | None
BATCH: Final = 500  # entries of one request
_BYTES: Final = 1 << 20  # and about the bytes of its body
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_LOST: Final = (OSError, http.client.HTTPException)  # no answer came; TLS that is not trusted is told apart
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST: Final = 1 << 20  # bytes of an answer that are read
_CALM_S: Final = 30.0  # the longest wait before a further try, whatever the server asks for


@dataclass(frozen=True)
class Patience:
    """How long to wait and how often to try. timeout_s: for each try. pause_s: before the second; it doubles.

    sleep and chance (0 to 1) are those of the process.
    """

    timeout_s: float = 10.0
    tries: int = 4
    pause_s: float = 0.2
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class SayingError(Exception):
    """It is not known to be kept. status: of the server's answer, 0 for none. code: the server's own, such as `P354`.

    faults: what is wrong with which entry: {"column": the key, "row": the entry's number, "what": ...}.
    """

    def __init__(
        self, what: str, status: int = 0, code: str = "", hint: str = "", faults: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        """what: in words."""
        super().__init__(what + (f" ({code})" if code else "") + (f"; {hint}" if hint else ""))
        self.what, self.status, self.code, self.hint, self.faults = what, status, code, hint, tuple(faults)


class Client:
    """Speaks with one server; any thread may call, and connections are kept for the next call."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        patience: Patience | None = None,
        insecure: bool = False,
    ) -> None:
        """url: of the server, without a path of its own or with the one it is behind. key: an API key or a token.

        tls: for an authority of your own, or a client certificate. insecure: send the key over plain HTTP to another
        machine, readable by whoever is in between. Raises ValueError for an address that is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise ValueError("the address of a server is wanted, such as https://models.example")
        if key is not None and (not key.isascii() or not key.isprintable() or not key or " " in key):
            raise ValueError("the key is not one line of printable ASCII")
        if key is not None and parts.scheme == "http" and not insecure and parts.hostname not in _HERE:
            raise ValueError(f"the key would go to {parts.hostname} in the open: use https, or say insecure=True")
        self._host, self._base = parts.hostname, parts.path.rstrip("/")
        self._headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
        self._patience = patience or Patience()
        self._open: Callable[[], http.client.HTTPConnection] = partial(
            http.client.HTTPConnection, parts.hostname, parts.port, timeout=self._patience.timeout_s
        )
        if parts.scheme == "https":
            tls = tls or ssl.create_default_context()
            self._open = partial(http.client.HTTPSConnection, *self._open.args, **self._open.keywords, context=tls)
        self._idle: deque[http.client.HTTPConnection] = deque()
        self._owner = os.getpid()

    def truth(
        self,
        id: str,  # noqa: A002 - the word of the API
        value: Scalar,
        *,
        row: int = 0,
        name: str = "truth",
        time: When = None,
    ) -> None:
        """What turned out to be so. id: of the answer, or what the request was called. row: of the request.

        name: which truth, where there are several. time: since when it is known; else when the server hears it.
        Raises SayingError where it is not kept.
        """
        self._said("/v1/truth", _json({"id": id, "value": value, "row": row, "name": name, "time": time}))

    def truths(self, entries: Iterable[Mapping[str, Any]]) -> int:
        """Many of them, as dicts of the arguments of `truth`; how many were kept.

        They go in parts of at most BATCH entries, each kept as a whole or not at all. `faults` of a SayingError count
        from the first of all entries; what was sent before is kept, and may be sent again.
        """
        kept, parts, size = 0, list[bytes](), 0
        for entry in entries:
            parts.append(_json(entry))
            size += len(parts[-1])
            if len(parts) == BATCH or size > _BYTES:
                kept += self._list(parts, kept)
                parts, size = [], 0
        return kept + self._list(parts, kept)

    def feedback(  # noqa: PLR0913 - the words of the API
        self,
        id: str,  # noqa: A002 - the word of the API
        *,
        score: float | None = None,
        label: Scalar | None = None,
        comment: str | None = None,
        correction: Scalar | None = None,
        row: int = 0,
        time: When = None,
    ) -> None:
        """What a person thinks of an answer: at least one of score (0 bad, 1 good), label, comment, correction.

        correction: what the answer should have been. Raises SayingError where it is not kept.
        """
        said = {"score": score, "label": label, "comment": comment, "correction": correction}
        self._said("/v1/feedback", _json({"id": id, "row": row, "time": time} | said))

    def close(self) -> None:
        """Lets go of connections; the next call opens another one."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closed."""
        self.close()

    def _list(self, parts: list[bytes], before: int) -> int:
        if parts:
            self._said("/v1/truth", b"[" + b",".join(parts) + b"]", before)
        return len(parts)

    def _said(self, path: str, body: bytes, before: int = 0) -> None:
        """Sends it until there is an answer, or no more patience. before: entries that went before in other parts."""
        patience, pause_s = self._patience, self._patience.pause_s
        for left in range(patience.tries - 1, -1, -1):
            try:
                status, after_s, answer = self._post(path, body)
            except ssl.SSLCertVerificationError as error:
                raise SayingError(f"the server's certificate is not taken: {error.verify_message}") from error
            except _LOST as error:
                if not left:
                    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
                    raise SayingError(f"no answer from {self._host}: {why}") from error
                after_s = 0.0
            else:
                if status < http.HTTPStatus.MULTIPLE_CHOICES:
                    return
                if status not in _AGAIN or not left:
                    raise _refused(status, answer, before)
            patience.sleep(max(min(after_s, _CALM_S), pause_s * (0.5 + patience.chance())))
            pause_s = min(2 * pause_s, _CALM_S)

    def _post(self, path: str, body: bytes) -> tuple[int, float, Any]:
        """Status, seconds that the server asks to wait, and its JSON."""
        if self._owner != os.getpid():  # forked: the connections are our parent's
            self._idle, self._owner = deque(), os.getpid()
        with suppress(IndexError, *_LOST):
            return self._ask(self._idle.pop(), path, body)  # the server may have closed it meanwhile
        return self._ask(self._open(), path, body)

    def _ask(self, connection: http.client.HTTPConnection, path: str, body: bytes) -> tuple[int, float, Any]:
        try:
            connection.request("POST", f"{self._base}{path}", body, self._headers)
            response = connection.getresponse()
            text = response.read(_LONGEST)
            keeps = response.isclosed() and not response.will_close
        except BaseException:
            connection.close()
            raise
        if keeps:
            self._idle.append(connection)
        else:
            connection.close()
        wait = response.headers.get("retry-after", "")
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        return response.status, float(wait) if wait.isdecimal() and wait.isascii() else 0.0, answer


def _json(entry: Mapping[str, Any]) -> bytes:
    """The entry without what is not said; ValueError or TypeError for what JSON has no word for."""
    plain = {key: value for key, value in entry.items() if value is not None}
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, default=_plain).encode()


def _plain(value: Any) -> Any:
    """A time, or a number of numpy, as JSON has it."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("the time has no zone: datetime.now(UTC) has one")
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"`{type(value).__name__}` is neither a boolean, a number, a text nor a time")


def _refused(status: int, answer: Any, before: int) -> SayingError:
    """The server's refusal, its faults counted from the first entry of the call."""
    said = answer if isinstance(answer, dict) else {}
    found = said.get("faults")
    faults = [dict(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    for one in faults:
        if isinstance(one.get("row"), int):
            one["row"] += before
    what = str(said.get("error") or f"status {status}, and no word of ours why")
    return SayingError(what, status, str(said.get("code", "")), str(said.get("hint", "")), faults)
