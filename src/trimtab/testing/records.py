"""Holds a record of releases against what `Record` promises: order, who was first, files, and killed writers."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from trimtab.bundle.evidence import Evidence
from trimtab.release.ledger.lines import Entry
from trimtab.release.record.record import MovedError, Record

__all__ = ["check_record"]

_FILE: Final = "environments/check/churn.json"
_DIGEST: Final = f"sha256:{'c' * 64}"
_RACING: Final = 4


def check_record(make: Callable[[], Record], read: Callable[[str], str | None], kills: int = 3) -> None:
    """AssertionError that names every promise which is not kept.

    make: each call gives another handle of one record, which is empty at first, as another process would have it.
    read: the text of one of its files as everybody sees it, None for one that is not there. kills: how many writers
    are killed; each takes about half a second.
    """
    faults: list[str] = []
    if make().entries():
        faults.append("it is not empty at first")
    _check_order(make, read, faults)
    _check_stale(make, read, faults)
    _check_race(make, faults)
    _check_documents(make, faults)
    for number in range(kills):
        _check_killed(make, read, random.Random(number), faults)  # noqa: S311 # when to kill is no secret
    assert not faults, "\n".join(faults)  # noqa: S101


def _last(record: Record) -> str:
    entries = record.entries()
    return entries[-1].digest if entries else ""


def _check_order(make: Callable[[], Record], read: Callable[[str], str | None], faults: list[str]) -> None:
    one, other = make(), make()
    mine = [
        record.append(
            "checked", "check/churn", {"turn": turn, "text": "ä\n", "half": 0.5}, _last(record), {_FILE: f"{turn}\n"}
        )
        for turn, record in enumerate((one, other, one))
    ]
    seen = list(other.entries())
    if seen[-3:] != mine or seen != list(one.entries()) or seen != list(make().entries()):
        faults.append("two handles do not see the same entries in the same order")
    if not _follows(seen):
        faults.append("an entry does not hold the digest of the one before it")
    if read(_FILE) != "2\n":
        faults.append("the files of the last entry are not what is read")


def _follows(entries: Sequence[Entry]) -> bool:
    before = ["", *(entry.digest for entry in entries)]
    return all(entry.before == before[at] and entry.number == at for at, entry in enumerate(entries))


def _check_stale(make: Callable[[], Record], read: Callable[[str], str | None], faults: list[str]) -> None:
    record = make()
    count = len(record.entries())
    for after in ("", record.entries()[0].digest, "0" * 64):
        try:
            record.append("checked", "check/stale", {}, after, {_FILE: "stale\n"})
        except MovedError:
            continue
        faults.append(f"an entry was appended after `{after[:8]}`, which is not the last one")
    if len(make().entries()) == count and read(_FILE) == "stale\n":
        faults.append("a file was written without its entry")
    try:
        record.append("checked", "check/away", {}, _last(record), {"../away.json": ""})
    except ValueError:
        return
    faults.append("a file was written outside of the record")


def _check_race(make: Callable[[], Record], faults: list[str]) -> None:
    """Of several who have seen the same, one is first. The clock may stand still: same words, same time."""
    seen = _last(make())

    def race(record: Record) -> Entry | None:
        try:
            return record.append("checked", "check/race", {}, seen, {})
        except MovedError:
            return None

    with ThreadPoolExecutor(_RACING) as pool:
        won = [entry for entry in pool.map(race, [make() for _ in range(_RACING)]) if entry is not None]
    if len(won) != 1 or make().entries()[-1] != won[0]:
        faults.append(f"of {_RACING} who had seen the same entry, {len(won)} were told that theirs comes next")


def _check_documents(make: Callable[[], Record], faults: list[str]) -> None:
    documents = [Evidence("application/json", b'{"number":%d}' % number) for number in range(_RACING)]
    with ThreadPoolExecutor(_RACING) as pool:
        list(pool.map(lambda one: make().keep(_DIGEST, [one, documents[0]]), documents))
    found = make().documents(_DIGEST)
    if len(found) != len(documents) or set(found) != set(documents):
        faults.append(f"of {len(documents)} documents kept at once, {len(found)} are there")
    if found != make().documents(_DIGEST) or make().documents(f"sha256:{'d' * 64}"):
        faults.append("documents change their order, or are of another bundle")


def _check_killed(
    make: Callable[[], Record], read: Callable[[str], str | None], chance: random.Random, faults: list[str]
) -> None:
    """A writer is killed at any moment: what it was told is there, and files are those of the last entry."""
    told, tell = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child does nothing with our threads
        child = os.fork()
    if child == 0:
        os.close(told)
        _write_on(make(), tell)
    os.close(tell)
    with os.fdopen(told) as lines:
        first = lines.readline()
        time.sleep(chance.random() * 0.4)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        acknowledged = {line.strip() for line in (first, *lines) if line.endswith("\n")}
    entries, text = _settled(make(), read)
    if not acknowledged or not acknowledged <= {entry.digest for entry in entries}:
        faults.append("an entry is gone whose writer was told that it is there")
    written = [entry.body for entry in entries if entry.about == "check/killed"]
    if not _follows(entries) or not written or text != json.dumps(written[-1]):
        faults.append("after a kill, the file is not that of the last entry")


def _write_on(record: Record, tell: int) -> None:
    """Until it is killed."""
    number = 0
    try:
        while True:
            body = {"number": number, "writer": os.getpid()}
            entry = record.append("checked", "check/killed", body, _last(record), {_FILE: json.dumps(body)})
            os.write(tell, f"{entry.digest}\n".encode())
            number += 1
    finally:
        os._exit(1)


def _settled(record: Record, read: Callable[[str], str | None]) -> tuple[list[Entry], str | None]:
    """What is there when nothing that the killed one started changes it any more."""
    entries: list[Entry] = []
    text = None
    for _ in range(50):
        before, entries, text = entries, list(record.entries()), read(_FILE)
        if entries == before:
            break
        time.sleep(0.2)
    return entries, text
