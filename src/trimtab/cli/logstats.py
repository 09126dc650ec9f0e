"""`trimtab log --stats` and `--seal`: what a journal holds, counted, and what becomes Parquet."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from trimtab.cli.logtable import json_line, shown
from trimtab.cli.show import aligned, fact, harmless, out, say, size_text
from trimtab.core.errors import OutsideError

if TYPE_CHECKING:
    from trimtab.journal.folder import Folder
    from trimtab.journal.query import OpenJournal
    from trimtab.journal.query.filter import Filter
    from trimtab.journal.ship.standing import Standing

__all__ = ["show_sealed", "show_stats"]

_COLUMNS = ("endpoint", "revision", "interactions", "rows", "failed", "first", "last", "ms p50", "ms p99")


def show_stats(journal: OpenJournal, wanted: Filter, *, as_json: bool) -> None:
    """The counts of the wanted interactions, what is on the disk, and what is still to be shipped."""
    from trimtab.journal.query.stats import stats
    from trimtab.journal.ship.standing import shipping_status

    found, shipping = stats(journal, wanted), shipping_status(journal.folder.path)
    if as_json:
        out(json_line({**asdict(found), "shipping": [asdict(one) for one in shipping]}))
        return
    if found.counts:
        rows = [
            (
                one.endpoint, shown("revision", one.revision), one.interactions, one.rows, one.failed,
                shown("time", one.first), shown("time", one.last), _ms(one.median_s), _ms(one.p99_s),
            )
            for one in found.counts
        ]  # fmt: skip
        out(f"{aligned(_COLUMNS, rows)}\n")
    else:
        say("no interactions")
    fact("sealed", f"{_count(found.files, 'file')}  {size_text(found.file_bytes)}")
    fact("not yet", f"{_count(found.segments, 'segment')}  {size_text(found.segment_bytes)}")
    for lost in found.lost:
        count = "some" if lost.count is None else str(lost.count)
        fact("not kept", f"{count} until {shown('time', lost.last)}: {shown('', lost.why)}")
    for one in shipping:
        _show_shipping(one)


def _show_shipping(one: Standing) -> None:
    there = f"{harmless(one.destination)}  {_count(one.shipped, 'file')} there"
    waits = f", {one.waiting} waiting ({size_text(one.waiting_bytes)})" if one.waiting else ""
    lost = f", {one.lost_files} removed before they were" if one.lost_files else ""
    fact("shipped", there + waits + lost)
    if one.problem is not None:
        fact("failing", f"{_count(one.failures, 'time')}: {harmless(one.problem.what)}")


def show_sealed(folder: Folder, *, as_json: bool) -> None:
    """Seal what nobody writes to any more, and say what that was."""
    from trimtab.journal.privacy.expire import expire
    from trimtab.journal.privacy.sweep import clean
    from trimtab.journal.seal.alone import alone
    from trimtab.journal.seal.seal import seal

    done = seal(folder)
    with alone(folder.path) as mine:
        if mine:  # what was just sealed may hold rows of people who are forgotten, or of another day by now
            clean(folder)
            expire(folder)
    if as_json:
        out(json_line(asdict(done)))
    elif done.busy:
        say("another process is sealing this journal now")
    else:
        fact(
            "sealed",
            f"{_count(done.segments, 'segment')} into {_count(done.files, 'file')}: {_count(done.lines, 'row')}",
        )
        if done.held:
            fact("held", f"{_count(done.held, 'segment')} that a server writes to")
        for one in done.damaged:
            fact("damaged", f"{harmless(one.segment)}: {one.bytes} bytes in {_count(one.stretches, 'place')}")
    if done.problems:
        raise OutsideError(*done.problems)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else float(f"{seconds * 1000:.3g}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
