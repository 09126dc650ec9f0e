"""`trimtab simulate`: a plan played against described or recorded traffic, before anybody is exposed to it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.logged import Text, journal_at, since_option, tell_damage
from trimtab.cli.options import json_option, project_here
from trimtab.cli.planned import plan_in, plan_options
from trimtab.cli.show import fact, harmless, out, out_json, say
from trimtab.cli.worlds import world_in, world_options

if TYPE_CHECKING:
    from trimtab.ops.simulate.play import Runs
    from trimtab.ops.simulate.report import Report
    from trimtab.ops.simulate.simulate import Cast
    from trimtab.project import Project
    from trimtab.release.flight.plan import Plan

__all__ = ["command"]

_MORE: Final = 2  # processes at most, beside whatever else runs here


@click.command("simulate")
@world_options
@click.option(
    "--journal", "folder", type=click.Path(path_type=Path), metavar="DIR",
    help="Recorded traffic of that journal in place of --rate, --daily, --errors and --latency.",
)  # fmt: skip
@click.option("--endpoint", type=Text(), default="", metavar="NAME", help="Whose traffic; the project's if not said.")
@since_option
@plan_options
@click.option("--suggest", is_flag=True, help="Look for steps, watch time and minimum that keep to --risk.")
@click.option(
    "--risk", default="bad=30,wrong=5%,within=1h", show_default=True, metavar="TEXT",
    help="Bad answers in 9 of 10 flights, odds of a wrong decision, time to promotion.",
)  # fmt: skip
@click.option(
    "--days",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    help="Flights begin over so many.",
)
@click.option("--runs", type=click.IntRange(1), default=1000, show_default=True, help="Flights of each challenger.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same again with the same seed.")
@click.option("--page", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Write an HTML page.")
@json_option
def command(folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Play a plan against traffic, on a clock that does not wait: odds of a wrong decision, and what it costs.

    The plan is that of [flight] and [limits], as far as no option says otherwise. The challenger is flown as it is
    described, and once more as if it were the champion: a bad one should go back soon, a healthy one should not.
    """
    from trimtab.ops.simulate.simulate import simulate

    project = project_here()
    plan = plan_in(said, _own_plan(project))
    cast = _cast(said, folder, said["endpoint"] or (project.name if project else ""))
    begin = time.monotonic()
    if said["suggest"]:
        plan = _suggested(plan, cast, said, as_json=as_json)
    report = simulate(plan, cast, _runs(said))
    if said["page"] is not None:
        _write(report, said["page"])
    if as_json:
        out_json(report.plain())
    else:
        _show(report)
        flights = sum(len(scene.flights) for scene in report.scenes)
        say(f"took       {flights:,} flights in {time.monotonic() - begin:.1f} s")


def _own_plan(project: Project | None) -> Plan:
    from trimtab.release.flight.plan import Plan

    return Plan() if project is None else project.flight


def _runs(said: dict[str, Any]) -> Runs:
    from trimtab.ops.simulate.play import Runs
    from trimtab.server.threads import cores

    return Runs(said["runs"], said["days"], said["seed"], 0.0, max(min(int(cores()), _MORE), 1))


def _cast(said: dict[str, Any], folder: Path | None, endpoint: str) -> Cast:
    """Who flies: as described, or recorded traffic with the challenger's fault laid over it."""
    from trimtab.ops.simulate.simulate import Cast
    from trimtab.ops.simulate.source import Described

    if folder is None:
        world = world_in(said)
        return Cast(Described(world), Described(world.healthy))
    from trimtab.journal.folder import open_folder
    from trimtab.journal.query.session import OpenJournal, Wanted
    from trimtab.journal.query.sources import Period
    from trimtab.ops.simulate.logged import recording_of
    from trimtab.ops.simulate.recorded import Fault, Recorded

    place, _ = journal_at(folder)
    period = Period(said["since"], None)
    with OpenJournal(open_folder(place, create=False), Wanted(period, endpoint)) as journal:
        recording = recording_of(journal, endpoint, period)
        tell_damage(journal.damage)
    factor, own = said["challenger_latency"]
    slower = factor or own / float(sorted(recording.seconds)[len(recording.seconds) // 2])
    recorded = Recorded(recording, Fault(said["challenger_errors"], slower, said["disagreement"]), said["callers"])
    text = f"{len(recording.times):,} requests of `{endpoint}` recorded over {recording.length_s / 86400:.3g} days"
    return Cast(recorded, recorded.healthy, text)


def _suggested(plan: Plan, cast: Cast, said: dict[str, Any], *, as_json: bool) -> Plan:
    """The plan that keeps to the risk; its lines for trimtab.toml are data, unless JSON is."""
    from trimtab.ops.simulate.suggest import flight_lines, parse_risk, suggest

    found = suggest(plan, cast, parse_risk(said["risk"]), _runs(said), lambda topic, text: say(f"{topic:<10} {text}"))
    if not as_json:
        out("\n".join([*flight_lines(found), ""]))
    return found


def _show(report: Report) -> None:
    from trimtab.ops.simulate.words import lines

    for topic, text in lines(report):
        fact(topic, harmless(text))


def _write(report: Report, path: Path) -> None:
    from trimtab.ops.replay.gate import write_page
    from trimtab.ops.simulate.page import page

    write_page(path, page(report))
    say(f"wrote      {path}")
