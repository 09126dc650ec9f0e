"""Bodies and their JSON, before anybody asks what they mean."""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeVar

import msgspec

from trimtab.server.dialects.huge import huge_number
from trimtab.server.faults import refused
from trimtab.server.wire import Headers, Request

__all__ = ["checked_id", "decode", "patience_of", "patience_s", "refuse_duplicates", "require_type"]

T = TypeVar("T")
# up to the end where none closes it, or else it would be looked for again from every quote within
_TEXT: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_ID_LIMIT: Final = 128
_TIMEOUT: Final = b"x-request-timeout-ms"
_DIGITS: Final = 9
_QUOTED: Final = 100


def patience_of(http: Request, taken: frozenset[bytes]) -> float | None:
    """`require_type` and `patience_s`, once for all requests of the same head."""
    noted = http.notes.get(taken)
    if noted is None:
        require_type(http.headers, taken)
        noted = http.notes[taken] = (patience_s(http.headers),)
    (seconds,) = noted
    return seconds


def require_type(headers: Headers, taken: frozenset[bytes]) -> None:
    """Refuses a body that says it is something else; one that says nothing is taken (Triton's client says nothing)."""
    kind = headers.get(b"content-type")
    if kind is None or kind in taken:
        return
    name, _, parameters = kind.lower().partition(b";")
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    if name.strip() not in taken or charset not in (b"", b"charset=utf-8"):
        listed = ", ".join(f"`{name.decode()}`" for name in sorted(taken))
        hint = "-H 'content-type: application/json' is what curl needs"
        raise refused("P314", f"content type `{_quoted(kind)}` is not taken, only {listed}", hint=hint)


def _quoted(value: bytes) -> str:
    return value[:_QUOTED].decode("latin-1")


def decode(decoder: msgspec.json.Decoder[T], body: bytes | bytearray | memoryview) -> T:
    """The value of a JSON body; raises UserError P310, whatever the bytes are."""
    try:
        return decoder.decode(body)
    except UnicodeDecodeError:
        raise refused("P310", "the body is not UTF-8") from None
    except RecursionError:
        raise refused("P310", "the body is nested too deeply") from None
    except msgspec.ValidationError as error:
        found = huge_number(bytes(body)) if "out of range" in str(error) else None
        if found is not None:
            raise refused("P310", f"the number `{found[0]}` is out of range", found[1]) from None
        raise refused("P310", f"the body does not fit: {error}") from None
    except msgspec.DecodeError as error:
        what = "the body is empty" if not bytes(body[:1]) else f"the body is no JSON: {error}"
        raise refused("P310", what) from None


def refuse_duplicates(body: bytes | bytearray | memoryview, keys: int) -> None:
    """Refuses valid JSON in which an object has a key twice; `keys` are those that the caller has seen.

    Each key has one colon, so as many colons as keys means that none was lost; text may add colons, then it is cut out.
    """
    raw = bytes(body)
    if raw.count(b":") == keys or _TEXT.sub(b"", raw).count(b":") == keys:
        return
    try:
        json.loads(raw, object_pairs_hook=_unique, parse_int=str)
    except _TwiceError as error:
        raise refused("P310", f"an object has the key `{error.args[0][:_QUOTED]}` twice") from None
    except (RecursionError, ValueError):
        raise refused("P310", "the body is nested too deeply or is no JSON") from None


class _TwiceError(Exception):
    """A key that was given twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        seen: set[str] = set()
        raise _TwiceError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value] # add returns None
    return unique


def patience_s(headers: Headers) -> float | None:
    """How long the caller says it waits, in seconds; None if it does not say. Raises UserError P310 for no number."""
    given = headers.get(_TIMEOUT)
    if given is None:
        return None
    if not given.isdigit() or len(given) > _DIGITS or int(given) == 0:
        raise refused("P310", f"`{_TIMEOUT.decode()}` is no number of milliseconds", hint="say it as `250`")
    return int(given) / 1000


def checked_id(given: object, own: str) -> str:
    """The caller's id if it is printable ASCII and short, `own` if there is none; raises UserError P310."""
    if given is None or given == "":
        return own
    if not isinstance(given, str) or len(given) > _ID_LIMIT or not (given.isascii() and given.isprintable()):
        raise refused("P310", f"`id` must be printable ASCII of at most {_ID_LIMIT} characters")
    return given
