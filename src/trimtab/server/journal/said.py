"""What callers say of answers that they got: a request to the records that are kept of it, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

import msgspec

from trimtab.core.check import Fault
from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.entries import Kind, Speaker, entries_of
from trimtab.journal.truth.faults import EntriesError, EntryFault
from trimtab.journal.truth.ownership import Tags, require_owner
from trimtab.journal.truth.records import record_of
from trimtab.server.dialects.body import decode, refuse_duplicates, require_type
from trimtab.server.dialects.coding import Inflation, is_coded
from trimtab.server.faults import FaultyError, refused
from trimtab.server.wire import Answer, Request

__all__ = ["LONGEST", "kept", "records_of"]

T = TypeVar("T", Truth, Feedback)
LONGEST: Final = 4 * 2**20  # bytes of a body: what is read at once, in some milliseconds
_TYPES: Final = frozenset({b"application/json"})
_JSON: Final = msgspec.json.Decoder()
_CODES: Final = {"P940": "P354", "P941": "P351"}
_encode: Final = msgspec.json.Encoder().encode


def records_of(kind: Kind[T], http: Request, speaker: Speaker, keys: Tags, now: float) -> list[dict[str, Any]]:
    """What is to be kept in the stream of that kind; now: seconds since 1970.

    Raises UserError: P310, P314, P315 for a body that cannot be read, P354 for entries that are wrong, P351 for ids of
    answers that the speaker was not given.
    """
    body = _body_of(http)
    alone = isinstance(body, dict)
    try:
        entries = entries_of(kind, body, speaker, now)
        require_owner(keys, entries, speaker, alone=alone)
    except EntriesError as error:
        problems = error.faults.problems(_CODES[error.problems[0].code])
        faults = [_plain(fault) for fault in error.faults.named]
        raise FaultyError(problems, faults) from None
    return [record_of(entry) for entry in entries]


def kept(records: Iterable[object]) -> Answer:
    """The answer, once they are kept."""
    return Answer(200, _encode({"kept": sum(1 for _ in records)}))


def _body_of(http: Request) -> Any:
    require_type(http.headers, _TYPES)
    if is_coded(http):
        inflation = Inflation(http, LONGEST)
        while (whole := inflation.step()) is None:
            pass
        http = whole
    if len(http.body) > LONGEST:
        raise refused("P315", f"the body is longer than {LONGEST} bytes", hint="send the entries in parts")
    body = decode(_JSON, http.body)
    objects = [one for one in (body if isinstance(body, list) else [body]) if isinstance(one, dict)]
    refuse_duplicates(http.body, sum(map(len, objects)))
    return body


def _plain(fault: EntryFault) -> Fault:
    return Fault(fault.key, fault.entry if isinstance(fault.entry, int) else None, fault.what, fault.hint)
