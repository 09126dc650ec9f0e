"""The entries of a flight as lines: what was decided, when, and on what evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeAlias, assert_never

from trimtab.cli.flown import span, step_line
from trimtab.ops.flights.standing import Standing
from trimtab.release.ledger.flights import Applied, Begun, Decided, Ended, Note, Resumed, note_of
from trimtab.release.ledger.lines import Entry

__all__ = ["lines"]

Line: TypeAlias = tuple[str, str]


def lines(standing: Standing, entries: Iterable[Entry]) -> Iterator[Line]:
    """Topic and text of each: the time since the flight began stands first."""
    begun = standing.begun
    yield "flight", f"{standing.flight}, {datetime.fromtimestamp(standing.began, UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield "endpoint", f"{begun.endpoint} at {begun.control}"
    yield "challenger", f"{begun.challenger} {standing.challenger}".rstrip()
    if standing.champion:
        yield "champion", standing.champion
    yield "plan", _plan(begun)
    for entry in entries:
        note = note_of(entry)
        if note is not None:
            for text in _said(note):
                yield f"+{span(entry.time - standing.began)}", text


def _plan(begun: Begun) -> str:
    plan = begun.plan
    steps = ", ".join(f"{100 * step:g} %" for step in plan.steps)
    return (
        f"{plan.kind} {steps}, {span(plan.watch_s)} each, given up after {span(plan.give_up_s)}, alpha {plan.alpha:g}"
    )


def _said(note: Note) -> Iterator[str]:
    match note:
        case Begun(by=by):
            yield f"begun by {by}" if by else "begun"
        case Decided(action, strata, wish):
            if wish is not None:
                yield f"{wish.by or 'somebody'} asks to {wish.asked}"
            if strata and action.findings:
                yield step_line(strata[-1], action.findings)
            yield f"{action.do}: {action.why}" if action.why else action.do
        case Applied(do=do, share=share):
            yield f"done: {do}, {100 * share:g} %"
        case Resumed(by=by):
            yield f"gone on with by {by}" if by else "the server answers again"
        case Ended(outcome, why):
            yield f"{outcome}: {why}" if why else outcome
        case _:
            assert_never(note)
