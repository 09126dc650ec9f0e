"""A replay as a story: what is needed, what was recorded, what the candidate says, what is different, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from trimtab.bundle.read import Bundle
from trimtab.core.errors import Problem, RefusedError
from trimtab.ops.replay.answers import Answers, replayed, was_recorded
from trimtab.ops.replay.comparable import check_wanted
from trimtab.ops.replay.compare import compare
from trimtab.ops.replay.decision import rules_of
from trimtab.ops.replay.findings import report_of
from trimtab.ops.replay.needs import require
from trimtab.ops.replay.past import Past
from trimtab.ops.replay.player import Player
from trimtab.ops.replay.recorded import Recorded
from trimtab.ops.replay.report import Report
from trimtab.ops.replay.rows import Rows, asked, gather
from trimtab.ops.replay.sides import Sides, endpoint_of, sides_of
from trimtab.ops.replay.timing import Timing, timing_of
from trimtab.ops.replay.wishes import Wishes

__all__ = ["replay"]

Tell: TypeAlias = Callable[[str, str], None]
_ALONE: Final = 200  # rows that are asked one by one to see how long that takes


def replay(
    candidate: Bundle,
    journal: Recorded,
    wishes: Wishes,
    against: Bundle | None = None,
    past: Past = lambda _: None,
    tell: Tell = lambda *_: None,
) -> Report:
    """Ask the candidate what was asked then, and say what comes out otherwise.

    against: in place of what was answered. past: what is known of the bundles that answered. Raises UserError for what
    cannot be replayed or compared, RefusedError (P974) for a bundle that does not answer.
    """
    endpoint = endpoint_of(journal.endpoints(), wishes.endpoint, candidate.name)
    parts, types = journal.parts(endpoint), journal.columns(endpoint)
    sides = sides_of(candidate, against, parts, types)
    require(sides.needs, parts, types, wishes.without)
    wanted = wishes.wanted(candidate)
    check_wanted(wanted, sides.fields)
    rows = gather(journal, endpoint, sides.columns(parts, types), wishes.most)
    tell("recorded", f"{len(rows):,} rows of {rows.interactions:,} interactions")
    before = _before(sides, rows, wishes, tell)
    after, timing = _after(candidate, rows, wishes, tell)
    were = sides.were(rows.table["revision"].unique().to_pylist(), past)
    rules = rules_of(sides.fields, before.outputs, wanted, were)
    return report_of(endpoint, sides.noting(rules, were), rows, compare(rules, before, after), timing)


def _before(sides: Sides, rows: Rows, wishes: Wishes, tell: Tell) -> Answers:
    if sides.against is None:
        return was_recorded(rows.table, sides.fields, rows.answered)
    with Player(sides.against, wishes.call_s, "baseline") as player:
        return _played(player, sides.against, rows, wishes, lambda done: tell("baseline", f"{done:,} rows"))


def _after(candidate: Bundle, rows: Rows, wishes: Wishes, tell: Tell) -> tuple[Answers, Timing | None]:
    with Player(candidate, wishes.call_s) as player:
        answers = _played(player, candidate, rows, wishes, lambda done: tell("replayed", f"{done:,} rows"))
        return answers, _timed(player, candidate, rows, answers, wishes) if wishes.timing else None


def _timed(player: Player, candidate: Bundle, rows: Rows, answers: Answers, wishes: Wishes) -> Timing | None:
    some = rows.table.take(np.linspace(0, len(rows) - 1, min(_ALONE, len(rows))).astype(int))
    single = [player.play(judged.table) for _, judged in asked(some, candidate.signature, 1, wishes.without)]
    then = (rows.table["rows"].to_numpy() == 1) & rows.answered
    alone = [call for one in single for call in one.calls]
    return timing_of(answers.calls, alone, rows.table["seconds"].to_numpy()[then])


def _played(player: Player, bundle: Bundle, rows: Rows, wishes: Wishes, told: Callable[[int], None]) -> Answers:
    """The bundle's answers to all rows; where it has none for any of them, there is nothing to compare."""
    answers = replayed(player, asked(rows.table, bundle.signature, wishes.batch, wishes.without), len(rows), told)
    if not answers.has.any():
        place, failure = next(iter(answers.failed.items()))
        what = f"it answers none of the first {len(answers.failed):,} recorded rows: {failure.kind}: {failure.said}"
        where = f"{bundle.name}@{bundle.digest}, {rows.table['id'][place]} row {rows.table['row'][place]}"
        raise RefusedError(Problem("P974", what, where, "`trimtab check` replays its golden rows"))
    return answers
