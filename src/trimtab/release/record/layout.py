"""How a record looks as files in a repository: entries, one a file, that a person can review; and evidence."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from trimtab.bundle.evidence import LARGEST, Evidence
from trimtab.bundle.reference import DIGEST
from trimtab.core.errors import Problem, UserError
from trimtab.release.ledger.lines import BrokenError, Entry, line_of, read_lines

__all__ = [
    "ENVIRONMENTS", "EVIDENCE", "LEDGER", "document_of", "entries_of", "entry_path", "entry_text", "evidence_files",
    "evidence_folder", "must_be_ours", "number_of",
]  # fmt: skip

LEDGER: Final = "ledger"
ENVIRONMENTS: Final = "environments"
EVIDENCE: Final = "evidence"
_NAME: Final = re.compile(r"ledger/(\d{6,})-[a-z0-9.-]+\.json")
_ORDER: Final = ("number", "time", "kind", "about", "body", "before", "digest")


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    media_type: str
    data: str


def entry_path(entry: Entry) -> str:
    """`ledger/000042-release-begun-prod-churn.json`."""
    words = re.sub(r"[^a-z0-9.]+", "-", f"{entry.kind} {entry.about}".lower()).strip("-.")
    return f"{LEDGER}/{entry.number:06}-{words[:100] or 'entry'}.json"


def entry_text(entry: Entry) -> str:
    """The whole file; there is one form only, so that none can be changed without a trace."""
    facts = {key: getattr(entry, key) for key in _ORDER}
    plain = json.dumps(facts, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return msgspec.json.format(plain, indent=2) + "\n"  # ten times as fast as `indent` of json, and the same text


def number_of(path: str) -> int:
    """Of the entry that has this path. BrokenError for a file that is none."""
    found = _NAME.fullmatch(path)
    if found is None:
        raise BrokenError(-1, f"has a file beside it that is none: `{path[:100]}`")
    return int(found[1])


def entries_of(files: Iterable[tuple[str, bytes]], last: Entry | None = None) -> list[Entry]:
    """The entries of files in their order, each held against the one before. BrokenError."""
    entries: list[Entry] = []
    for path, data in files:
        number = number_of(path)
        try:
            entry = Entry(**json.loads(data))
            found = read_lines(line_of(entry), last)
        except BrokenError:
            raise
        except (ValueError, TypeError, RecursionError, AttributeError):
            raise BrokenError(number, "is no entry of a ledger") from None
        if len(found.entries) != 1 or data != entry_text(entry).encode() or path != entry_path(entry):
            raise BrokenError(number, "is not written as trimtab writes it")
        last = found.entries[0]
        entries.append(last)
    return entries


def evidence_folder(digest: str) -> str:
    """Where what is said of a bundle lies. UserError P489 for what is no digest."""
    if not DIGEST.fullmatch(digest):
        raise UserError(Problem("P489", f"`{digest[:100]}` is no digest of a bundle", EVIDENCE))
    return f"{EVIDENCE}/{digest.removeprefix('sha256:')}"


def evidence_files(digest: str, documents: Iterable[Evidence]) -> Mapping[str, str]:
    """The files of documents, by path. UserError P489 for one of more than `LARGEST` bytes."""
    folder, files = evidence_folder(digest), {}
    for one in documents:
        if len(one.data) > LARGEST:
            raise UserError(Problem("P489", f"a document has more than {LARGEST} bytes", digest))
        name = hashlib.sha256(one.media_type.encode() + b" " + one.data).hexdigest()
        kept = {"media_type": one.media_type, "data": base64.b64encode(one.data).decode()}
        files[f"{folder}/{name}.json"] = json.dumps(kept, indent=2) + "\n"
    return files


def document_of(path: str, data: bytes) -> Evidence:
    """What is in the file. UserError P489 for one that nobody wrote so."""
    try:
        kept = msgspec.json.decode(data, type=_Kept)
        return Evidence(kept.media_type, base64.b64decode(kept.data, validate=True))
    except (msgspec.MsgspecError, ValueError) as error:
        hint = f"take it away by a commit: git rm {path}"
        raise UserError(Problem("P489", f"evidence cannot be read: {error}", path, hint)) from None


def must_be_ours(files: Mapping[str, Any]) -> None:
    """ValueError for a path that leaves the record's folders, or would write into the ledger."""
    for name in files:
        parts = PurePosixPath(name).parts
        plain = name == "/".join(parts) and not {"..", ".git"} & {part.lower() for part in parts}
        if len(parts) < 2 or not plain or name.startswith("/") or parts[0] == LEDGER or not name.isprintable():  # noqa: PLR2004
            raise ValueError(f"`{name}` is no path of a file in a folder of the record")
