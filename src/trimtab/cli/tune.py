"""`trimtab tune`: the settings under which a bundle answers most on this machine within a latency goal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.options import json_option, project_here, store_at, store_option, trusted_bundle
from trimtab.cli.show import aligned, fact, out, out_json, say
from trimtab.core.errors import Problem, UserError
from trimtab.project import PROJECT_FILE, Project, ServerPart
from trimtab.project.edit import server_lines, with_server

if TYPE_CHECKING:
    from trimtab.ops.tune.report import Report

__all__ = ["command"]

_SHOWN = 8  # settings in the table


@click.command("tune")
@click.argument("bundle", required=False)
@click.option("--goal", default=None, metavar="p99=20ms", help="Latency to keep; by the time of a call if not said.")
@click.option("--budget", default="2m", show_default=True, metavar="TIME", help="Time that this run may take.")
@click.option("--rows", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Rows in a request.")
@click.option(
    "--connections", type=click.IntRange(1, 1024), default=64, show_default=True, help="Most that ask at once."
)
@click.option(
    "--price", default=None, metavar="0.20/h", help="An hour of this machine: shows what a million rows cost."
)
@click.option("--svg", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Draw the settings into it.")
@click.option("--write", is_flag=True, help="Write the best settings into trimtab.toml.")
@click.option("--fresh", is_flag=True, help="Forget what an earlier run has measured.")
@store_option
@json_option
def command(bundle: str | None, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Find processes, workers, threads, batching and engine for a bundle, by trying them on this machine.

    BUNDLE is as for `serve`. Servers with each setting are loaded in turns with the bundle's golden rows, from this
    machine. A run that was ended, however, goes on next time. Exit status 1: no setting keeps the goal.
    """
    from trimtab.ops.tune.report import missed
    from trimtab.ops.tune.subject import subject_of
    from trimtab.ops.tune.tune import Place, tune
    from trimtab.ops.tune.wishes import Wishes, parse_budget, parse_goal, parse_price

    goal = None if said["goal"] is None else parse_goal(said["goal"])
    price = None if said["price"] is None else parse_price(said["price"])
    wishes = Wishes(goal, parse_budget(said["budget"]), said["rows"], said["connections"])
    project, store = project_here(), store_at(store_folder)
    subject = subject_of(trusted_bundle(bundle, store, project), store.root, wishes.rows)
    mine = project is not None and project.name == subject.bundle.name
    if said["write"] and not mine:
        what = f"no `{PROJECT_FILE}` of `{subject.bundle.name}` in this folder to write into"
        raise UserError(Problem("P126", what, str(Path.cwd()), "without `--write` the lines are printed"))
    state = store.root / "tune" / f"{subject.bundle.name}.json"
    part = project.server if project is not None and mine else ServerPart()
    report = tune(subject, wishes, Place(state, part, _teller(), fresh=said["fresh"]))
    if said["svg"] is not None:
        _draw(report, said["svg"], subject.bundle.name)
    if as_json:
        out_json(report.plain(price))
    else:
        _show(report, price)
    if report.best is None:
        raise missed(report)
    _put(report, project if said["write"] else None, as_json=as_json)


def _teller() -> Callable[[str, str], None]:
    return lambda topic, text: say(f"{topic:<10} {text}")


def _show(report: Report, price: float | None) -> None:
    """For a person: the calls, the settings, the picture, the best and what it is worth."""
    from trimtab.ops.tune.picture import text_picture
    from trimtab.ops.tune.report import million

    fact("calls", ", ".join(f"{rows} rows {seconds * 1e3:.3g} ms" for rows, seconds in report.curve.items()))
    fact("goal", str(report.goal))
    fact("tried", f"{len(report.space)} settings, {len(report.trials)} trials, {report.seconds:.0f} s: {report.why}")
    header = ("requests/s", "rounds", "goal", "setting")
    rows = [(round(row.per_s), row.turns, "kept" if row.keeps else "missed", str(row.setting)) for row in report.table]
    out(f"\n{aligned(header, rows[:_SHOWN])}")
    for name, fault in report.out.items():
        out(f"out: {name}: {fault}")
    out(f"\n{text_picture(report.points, report.goal.seconds, report.goal.quantile)}\n")
    if report.best is None:
        return
    fact("best", str(report.space[report.best]))
    if (gain := report.gain) is not None and report.best != 0:
        times = f"{gain[0]:.2f} times as many requests ({gain[1]:.2f}-{gain[2]:.2f})"
        fact("before", f"{report.space[0]}; the best has {times}, side by side")
    elif report.best == 0:
        fact("before", "the same: no other setting was shown to be better")
    if report.check is not None:
        latency = getattr(report.check, report.goal.quantile) * 1e3
        fact(
            "holds", f"{report.check.per_s:.0f} requests/s that come by chance, {report.goal.quantile} {latency:.3g} ms"
        )
    if (cost := million(price, report.sustained, report.rows_each)) is not None:
        fact("cost", f"{cost:.3g} for a million predictions")


def _draw(report: Report, path: Path, name: str) -> None:
    from trimtab.ops.tune.picture import svg

    title = f"{name}: requests a second against {report.goal.quantile}"
    try:
        path.write_text(svg(report.points, report.goal.seconds, report.goal.quantile, title))
    except OSError as error:
        raise UserError(Problem("P126", f"the picture cannot be written: {error.strerror}", str(path))) from None


def _put(report: Report, project: Project | None, *, as_json: bool) -> None:
    """The best setting into the file, or what to put there."""
    assert report.best is not None  # noqa: S101  # else the goal was missed
    keys = report.space[report.best].keys
    if project is None:
        if not as_json:
            out("\n".join([f"\nput into {PROJECT_FILE}:\n", "[server]", *server_lines(keys)]))
        return
    from trimtab.ops.tune.keep import replace_file

    replace_file(project.file, with_server(project.file.read_text("utf-8"), keys))
    if not as_json:
        fact("wrote", f"{project.file.name}: {', '.join(server_lines(keys))}")
