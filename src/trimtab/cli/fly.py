"""`trimtab fly`: a challenger beside the champion, under live traffic, until it is promoted or rolled back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import airfield_of, control_of, control_option, endpoint_of, ledger_option
from trimtab.cli.options import json_option, project_here
from trimtab.cli.planned import plan_in, plan_options
from trimtab.cli.show import complain, fact, harmless, is_plain, out_json, say
from trimtab.cli.through import gateway_options, settings_through, through, wait_for_the_end
from trimtab.core.errors import Problem, RefusedError, UserError

if TYPE_CHECKING:
    from trimtab.ops.flights.director import Seen
    from trimtab.ops.flights.standing import Standing
    from trimtab.project import Project
    from trimtab.release.ledger.flights import Begun

__all__ = ["command"]

_VERB: Final = "trimtab fly"


@click.command("fly")
@click.argument("challenger", required=False, default="")
@click.option("--endpoint", default="", metavar="NAME", help="Whose challenger; the challenger's name if not said.")
@control_option
@gateway_options
@click.option("--resume", is_flag=True, help="Go on with the flight that is on, as it was planned.")
@plan_options
@ledger_option
@access_options
@json_option
def command(challenger: str, endpoint: str, control: str, folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Fly a challenger beside the champion: more and more requests, while every limit is kept.

    CHALLENGER is a bundle in the server's store: `name:alias` or `sha256:...`. How it is flown and what it must keep to
    stands in `[flight]` and `[limits]` of trimtab.toml. Every decision is written down in `ledger`; whoever was
    interrupted types the same again. Exit status 1: it was rolled back.

    With --champion and --challenger a gateway flies two backends of any make, at the addresses where they are.
    """
    if said["champion"] or said["challenger_url"]:
        _fly_behind(challenger, endpoint, folder, said, as_json=as_json)
        return
    from trimtab.ops.flights.fly import fly

    if bool(challenger) == said["resume"]:
        raise click.UsageError("say which challenger is flown, or --resume to go on with the flight that is on")
    project = project_here()
    place = endpoint_of(endpoint, challenger, project, _VERB)
    begun = None if said["resume"] else _begun(place, challenger, control, project, said)
    field = airfield_of(folder, begun.control if begun else control, said, _VERB)
    with _watching(as_json=as_json) as tell:
        try:
            standing = fly(field, place, begun, tell)
        except KeyboardInterrupt:
            say(f"the flight is still on, and nobody looks: `trimtab fly --resume --endpoint {place}`")
            raise
    _tell_end(standing, as_json=as_json)


def _fly_behind(bundle: str, endpoint: str, folder: Path | None, said: dict[str, Any], *, as_json: bool) -> None:
    """Put a gateway in front of two backends, fly the challenger, and go on answering with what came out of it."""
    from trimtab.cli.aloft import ledger_at
    from trimtab.ops.flights.gateway import fly_behind
    from trimtab.server.gateway.choosing import check_split

    if bundle or said["resume"]:
        raise click.UsageError("a gateway flies what is at --challenger: no bundle, and no --resume")
    project = project_here()
    settings = settings_through(said, endpoint, ledger_at(folder).folder, project)
    place = f"http://{said['listen']}"
    begun = _begun(settings.name, str(settings.challenger), place, project, said)
    check_split(begun.plan.split)
    field = airfield_of(folder, place, said, _VERB)
    with through(settings, as_json=as_json) as running:
        refused: RefusedError | None = None
        if not running.promoted:
            with _watching(as_json=as_json) as tell:
                standing = fly_behind(field, running, begun, tell)
            try:
                _tell_end(standing, as_json=as_json)
            except RefusedError as error:
                refused = error
                if said["stay"]:
                    complain(error, as_json=as_json)
        if said["stay"]:
            wait_for_the_end(running, running.answers, as_json=as_json)
    if refused is not None:
        raise refused


def _begun(endpoint: str, challenger: str, control: str, project: Project | None, said: dict[str, Any]) -> Begun:
    from trimtab.ops.flights.book import here
    from trimtab.release.flight.check_plan import check_plan
    from trimtab.release.flight.plan import Plan
    from trimtab.release.ledger.flights import Begun

    plan = plan_in(said, Plan() if project is None else project.flight)
    if faults := check_plan(plan):
        raise UserError(*faults)
    return Begun(endpoint, challenger, control_of(control, project, _VERB), plan, here())


@contextmanager
def _watching(*, as_json: bool) -> Iterator[Callable[[Seen], None]]:
    """Lines, lines of JSON, or a picture with lines above it."""
    from trimtab.cli.flown import Lines, picture, plain_seen

    if as_json:
        yield Lines(lambda *_: None, lambda seen: out_json(plain_seen(seen)))
    elif is_plain(sys.stdout):
        yield Lines(_show)
    else:
        from rich.console import Console
        from rich.live import Live

        with Live(console=Console(highlight=False), transient=True, auto_refresh=False) as live:
            lines = Lines(lambda topic, text: live.console.print(f"{topic:<10} {harmless(text)}", markup=False))

            def tell(seen: Seen) -> None:
                lines(seen)
                live.update(picture(seen), refresh=True)

            yield tell


def _show(topic: str, text: str) -> None:
    fact(topic, harmless(text))


def _tell_end(standing: Standing, *, as_json: bool) -> None:
    """How it came out; RefusedError P420 for a challenger that was rolled back."""
    from trimtab.cli.flown import span

    ended, begun = standing.ended, standing.begun
    assert ended is not None  # noqa: S101  # `fly` ends with the flight
    if as_json:
        facts = {"flight": standing.flight, "outcome": ended.outcome, "why": ended.why, "endpoint": begun.endpoint}
        out_json(facts | {"champion": standing.champion, "challenger": standing.challenger})
    elif ended.outcome == "promoted":
        fact(
            "promoted",
            f"`{begun.endpoint}` is {_short(standing.challenger)} now, after {span(standing.last - standing.began)}",
        )
    elif ended.outcome == "finished":
        fact("finished", f"{ended.why}; `trimtab flights show {standing.flight}` compares the arms")
    if ended.outcome == "rolled back":
        if not as_json:
            fact(
                "rolled back",
                f"to {_short(standing.champion) or 'the champion'}, after {span(standing.last - standing.began)}",
            )
        raise RefusedError(_failed(standing))


def _short(name: str) -> str:
    """The beginning of a digest; an address whole."""
    return name[:15] if name.startswith("sha256:") else name


def _failed(standing: Standing) -> Problem:
    decided, begun = standing.decided, standing.begun
    ended_why = standing.ended.why if standing.ended else ""
    found = [] if decided is None else [one for one in decided.action.findings if one.verdict == "FAIL"]
    at = f" at {100 * begun.plan.steps[standing.step]:g} %" if standing.step >= 0 else ""
    where = f"limits.{found[0].measure}" if found else f"flight `{standing.flight}`"
    hint = f"`trimtab log {begun.endpoint} --arm challenger --errors` lists the requests"
    if not found:
        hint = f"`trimtab flights show {standing.flight}` shows what was known, and when"
    return Problem("P420", f"flight of `{begun.challenger}` failed{at}: {ended_why}", where, hint)
