"""The two arms of a flight, compared: what `trimtab flights show` says beside what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from trimtab.cli.logged import journal_at, tell_damage
from trimtab.core.errors import UserError

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal
    from trimtab.journal.query.sources import Period
    from trimtab.journal.truth.join import Policy
    from trimtab.ops.flights.standing import Standing
    from trimtab.ops.readout.mirrored import Mirrored
    from trimtab.ops.readout.readout import Readout
    from trimtab.release.ledger.lines import Entry

__all__ = ["compared", "unseen", "write_page"]


def compared(standing: Standing, entries: Sequence[Entry], folder: Path | None, by: str) -> Readout | None:
    """By the ledger; by the journal, if one is named or parts are asked for. None where nothing can be compared."""
    from trimtab.ops.readout.looks import looks_of_entries
    from trimtab.ops.readout.readout import readout

    alpha = standing.begun.plan.alpha
    if folder is not None or by:
        return _of_journal(standing, folder, by)
    try:
        return readout(standing.flight, looks_of_entries(entries), alpha)
    except UserError:
        return None


def _of_journal(standing: Standing, folder: Path | None, by: str) -> Readout:
    from trimtab.ops.readout.logged import Asked, answers_of, parts_of
    from trimtab.ops.readout.looks import looks_of_answers
    from trimtab.ops.readout.readout import readout

    with _opened(standing, journal_at(folder)) as (journal, endpoint, period):
        answers, column = answers_of(journal, Asked(endpoint, period, by=by))
    parts = parts_of(answers, column, by) if by else {}
    return readout(standing.flight, looks_of_answers(answers), standing.begun.plan.alpha, parts)


def unseen(standing: Standing, folder: Path | None) -> Mirrored | None:
    """What a shadow answered otherwise, and for whom, where a journal has it."""
    from trimtab.ops.readout.logged import Asked
    from trimtab.ops.readout.mirrored import mirrored

    place = journal_at(folder)
    if folder is None and not place[0].is_dir():
        return None
    with _opened(standing, place) as (journal, endpoint, period):
        return mirrored(journal, Asked(endpoint, period))


@contextmanager
def _opened(standing: Standing, place: tuple[Path, Policy]) -> Iterator[tuple[OpenJournal, str, Period]]:
    """The journal at the time of the flight, its endpoint and its time; then what is damaged is told."""
    from trimtab.journal.folder import open_folder
    from trimtab.journal.query.session import OpenJournal, Wanted
    from trimtab.journal.query.sources import Period

    endpoint, period = standing.begun.endpoint, Period(standing.began, standing.last)
    with OpenJournal(open_folder(place[0], create=False), Wanted(period, endpoint, place[1])) as journal:
        yield journal, endpoint, period
        tell_damage(journal.damage)


def write_page(found: Readout, path: Path) -> None:
    """The page in its place."""
    from trimtab.ops.readout.page import page
    from trimtab.ops.replay.gate import write_page as write

    write(path, page(found))
