"""A record of releases on this machine: a ledger, the store's evidence, and files below one folder.

An entry and its files are there together, or neither is: what is to be written lies in `pending.json` before the entry
is appended. Whoever comes next sees by the ledger whether it was, and writes the files or forgets them.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final

from trimtab.bundle.evidence import Evidence, evidence_of, keep_evidence
from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.core.replacement import Replacement, sync_folder
from trimtab.release.ledger.ledger import RECOVERED, Ledger
from trimtab.release.ledger.lines import OPENING, Entry

__all__ = ["PENDING", "LocalRecord"]

PENDING: Final = "pending.json"
_LOCK: Final = "record.lock"
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class LocalRecord:
    """Obeys `Record`; any number of processes may have it."""

    def __init__(self, folder: Path, store_root: Path, clock: Callable[[], float] = time.time) -> None:
        """folder: of the ledger. store_root: of the store, which has the evidence. Nothing is read or made yet."""
        self.folder, self._store = folder, store_root
        self.ledger = Ledger(folder, clock)

    def entries(self) -> Sequence[Entry]:
        """See `Record`."""
        if (self.folder / PENDING).exists():
            with self._alone():
                self._settle()
        return self.ledger.entries()

    def append(self, kind: str, about: str, body: Mapping[str, Any], after: str, files: Mapping[str, str]) -> Entry:
        """See `Record`. OutsideError P479 for a folder that cannot be written to. ValueError for a path outside."""
        for name in files:
            _must_be_inside(name)
        with self._alone():
            self._settle()
            for name in files:
                self._must_not_lead_out(self.folder / name)
            if files:
                pending = {"after": after, "kind": kind, "about": about, "body": body, "files": dict(files)}
                self._write(self.folder / PENDING, json.dumps(pending))
            entry = self.ledger.append(kind, about, body, after)
            self._settle()
            return entry

    def documents(self, digest: str) -> tuple[Evidence, ...]:
        """See `Record`."""
        return evidence_of(self._store, digest)

    def keep(self, digest: str, documents: Iterable[Evidence]) -> None:
        """See `Record`."""
        keep_evidence(self._store, digest, documents)

    def _settle(self) -> None:
        """Whatever lies there is written if its entry is in the ledger, and forgotten if it is not."""
        path = self.folder / PENDING
        try:
            pending = _pending_in(path.read_bytes())
        except FileNotFoundError:
            return
        except ValueError as error:
            what = f"what was to be written cannot be read: {error}"
            raise UserError(Problem("P479", what, str(path), f"rm {path}")) from None
        if _is_in(pending, self.ledger.entries()):
            for name, text in pending["files"].items():
                self._write(self.folder / name, text)
        path.unlink()
        sync_folder(self.folder)

    def _write(self, path: Path, text: str) -> None:
        self._must_not_lead_out(path)
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        with Replacement(path) as draft:
            draft.file.write(text.encode())
            draft.commit(overwrite=True)

    def _must_not_lead_out(self, path: Path) -> None:
        """OSError where a folder of the record is a link to another place."""
        for one in [self.folder / part for part in path.relative_to(self.folder).parents][:-1]:
            if one.is_symlink():
                raise OSError(errno.ELOOP, f"`{one}` is a symbolic link")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self.folder.mkdir(0o700, parents=True, exist_ok=True)
            file = os.open(self.folder / _LOCK, _FLAGS, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            finally:
                os.close(file)
        except OSError as error:
            what = f"the record cannot be kept: {(error.strerror or str(error)).lower()}"
            hint = "make room, or name another folder: `--ledger DIR`"
            raise OutsideError(Problem("P479", what, str(self.folder), hint)) from error


def _pending_in(data: bytes) -> Mapping[str, Any]:
    """What was to be written. ValueError for what nobody wrote so."""
    found = json.loads(data)
    kinds = {"after": str, "kind": str, "about": str, "body": dict, "files": dict}
    if not isinstance(found, dict) or any(not isinstance(found.get(key), kind) for key, kind in kinds.items()):
        raise ValueError("it has another form")
    for name, text in found["files"].items():
        _must_be_inside(name)
        if not isinstance(text, str):
            raise ValueError(f"`{name}` is no text")
    return found


def _is_in(pending: Mapping[str, Any], entries: Sequence[Entry]) -> bool:
    """Whether the entry that follows the one it was to follow is the one that was to be appended."""
    numbers = {entry.digest: entry.number for entry in entries}
    if pending["after"] and pending["after"] not in numbers:
        return False
    rest = entries[numbers[pending["after"]] + 1 :] if pending["after"] else entries
    first = next((one for one in rest if one.kind not in (OPENING, RECOVERED)), None)
    wanted = (pending["kind"], pending["about"], json.loads(json.dumps(pending["body"])))
    return first is not None and (first.kind, first.about, first.body) == wanted


def _must_be_inside(name: str) -> None:
    parts = PurePosixPath(name).parts
    if len(parts) < 2 or ".." in parts or name.startswith("/") or name != "/".join(parts):  # noqa: PLR2004
        raise ValueError(f"`{name}` is no path of a file in a folder of the record")
