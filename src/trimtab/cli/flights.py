"""`trimtab flights`: which flights there were, what was decided in one and why, and a word in one that is on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import airfield_of, control_option, ledger_at, ledger_option
from trimtab.cli.flights_policy import policy
from trimtab.cli.options import json_option
from trimtab.cli.show import aligned, fact, harmless, out, out_json, say
from trimtab.core.errors import OutsideError, Problem

if TYPE_CHECKING:
    from trimtab.ops.flights.standing import Standing
    from trimtab.release.flight.states import Asked

__all__ = ["command"]

_DONE: Final = {"pause": "paused", "resume": "resumed", "abort": "aborted", "promote": "promoted"}


@click.group("flights", invoke_without_command=True)
@ledger_option
@json_option
@click.pass_context
def command(ctx: click.Context, folder: Path | None, *, as_json: bool) -> None:
    """List flights, show one, or say a word in one that is on."""
    if ctx.invoked_subcommand is not None:
        return
    from trimtab.ops.flights.book import Book

    found = list(Book(ledger_at(folder)).flights().values())
    if as_json:
        out_json({"flights": [_plain(one) for one in found]})
    elif not found:
        say("no flights")
    else:
        names = ("flight", "kind", "challenger", "began", "state")
        rows = [(one.flight, one.begun.plan.kind, one.begun.challenger, _time(one.began), _state(one)) for one in found]
        out(harmless(aligned(names, rows)))


@command.command("show")
@click.argument("flight")
@ledger_option
@click.option("--page", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Write an HTML page.")
@click.option("--by", default="", metavar="COLUMN", help="Compare parts of the requests too, from the journal.")
@click.option(
    "--journal", type=click.Path(path_type=Path), default=None, metavar="DIR", help="Compare by that journal."
)
@json_option
def show(flight: str, folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Show what was decided in a flight, when, and on what evidence; and how its two arms compare.

    FLIGHT is its id, or as much of it as no other id begins with.
    """
    from trimtab.cli.compared import compared, unseen, write_page
    from trimtab.cli.decided import lines
    from trimtab.ops.flights.act import is_mirrored
    from trimtab.ops.flights.book import Book
    from trimtab.ops.readout.mirrored import said as said_of
    from trimtab.ops.readout.words import lines as readout_lines

    book = Book(ledger_at(folder))
    found = book.known(flight)
    entries = book.ledger.entries(found.flight)
    readout = compared(found, entries, said["journal"], said["by"])
    mirrored = unseen(found, said["journal"]) if is_mirrored(found.begun.plan) else None
    if said["page"] is not None and readout is not None:
        write_page(readout, said["page"])
        say(f"wrote      {said['page']}")
    if as_json:
        keys = ("number", "time", "kind", "body")
        plain: dict[str, Any] = {"readout": None if readout is None else readout.plain()}
        plain |= {"shadow": mirrored.plain()} if mirrored is not None else {}
        out_json(_plain(found) | {"entries": [{key: getattr(entry, key) for key in keys} for entry in entries]} | plain)
        return
    compares = () if readout is None else readout_lines(readout)
    for topic, text in (*lines(found, entries), *compares, *(() if mirrored is None else said_of(mirrored))):
        fact(topic, harmless(text))


@command.command("verify")
@ledger_option
@json_option
def check(folder: Path | None, *, as_json: bool) -> None:
    """Hold every line of the ledger against the one before it.

    That lines are missing at the end only shows who has kept the digest of the last one elsewhere.
    """
    ledger = ledger_at(folder)
    entries = ledger.entries()
    last = entries[-1].digest if entries else ""
    if as_json:
        out_json({"entries": len(entries), "last": last, "torn": ledger.torn})
        return
    fact("verified", f"{len(entries)} entries, the last is {last}" if last else "no entries")
    if ledger.torn:
        say(f"torn       {ledger.torn} bytes of a line that was never finished; the next entry takes them away")


def _word(asked: Asked, doc: str) -> None:
    """One verb of a person, which takes the endpoint."""

    @command.command(asked, help=doc)
    @click.argument("endpoint")
    @control_option
    @ledger_option
    @access_options
    @json_option
    def say_it(endpoint: str, control: str, folder: Path | None, *, as_json: bool, **said: Any) -> None:
        from trimtab.ops.flights.fly import ask

        verb = f"trimtab flights {asked}"
        standing, done = ask(airfield_of(folder, control, said, verb), endpoint, asked)
        if not done and asked != "resume":
            what = f"nobody has taken it up yet: flight `{standing.flight}` is {standing.phase}"
            hint = "it is done as soon as the server answers whoever directs the flight"
            raise OutsideError(Problem("P429", what, verb, hint))
        if as_json:
            out_json(_plain(standing) | {"done": done})
        elif done:
            outcome = standing.ended.outcome if standing.ended else _DONE[asked]
            fact(outcome, f"flight `{standing.flight}` at `{endpoint}`")
        else:
            say(f"nobody directs `{standing.flight}`: `trimtab fly --resume --endpoint {endpoint}` goes on with it")


_word("pause", "Stay at this step until `resume`, whatever is proved; a broken limit still goes back.")
_word("resume", "Go on at the step where the flight was paused.")
_word("abort", "Roll back: the champion answers everything, the challenger is unloaded.")
_word("promote", "Make the challenger the champion now, whatever is proved.")


command.add_command(policy)


def _plain(one: Standing) -> dict[str, Any]:
    return {
        "flight": one.flight, "endpoint": one.begun.endpoint, "kind": one.begun.plan.kind,
        "challenger": one.challenger or one.begun.challenger, "champion": one.champion, "began": one.began,
        "phase": one.phase, "step": one.step, "share": one.share,
        "outcome": one.ended.outcome if one.ended else None, "why": one.ended.why if one.ended else "",
    }  # fmt: skip


def _state(one: Standing) -> str:
    if one.ended is not None:
        return one.ended.outcome
    return f"{one.phase}, {100 * one.share:g} %" if one.share else one.phase


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
