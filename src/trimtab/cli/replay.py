"""`trimtab replay`: recorded inputs through a candidate, and which decisions come out otherwise."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.logged import Moment, Text, journal_at, journal_option, tell_damage, until_option
from trimtab.cli.options import (
    Duration,
    env_option,
    json_option,
    project_here,
    store_at,
    store_option,
    trusted_bundle,
)
from trimtab.cli.show import fact, harmless, out_json, say

if TYPE_CHECKING:
    from trimtab.ops.replay.journal import Span
    from trimtab.ops.replay.report import Report
    from trimtab.ops.replay.wishes import Wishes

__all__ = ["command"]

_PAUSE_S: Final = 5.0
_SPAN: Final = re.compile(r"[0-9.]+[a-z]+")


class _Since(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """A time, or how long before the newest interaction."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`2026-05-01`: that time, in seconds since 1970; `7d`: so many seconds, below zero."""
        if isinstance(value, float):
            return value
        kind = Duration() if _SPAN.fullmatch(value) else Moment()
        seconds = kind.convert(value, param, ctx)
        return -seconds if isinstance(kind, Duration) else seconds


@click.command("replay")
@click.argument("candidate")
@journal_option
@click.option(
    "--endpoint", type=Text(), default="", metavar="NAME", help="Whose interactions; the candidate's name if not said."
)
@click.option(
    "--since", type=_Since(), default=None, metavar="7d|TIME",
    help="Not before that time; a span counts back from the newest interaction.",
)  # fmt: skip
@until_option
@click.option(
    "--sample", type=click.IntRange(1), default=1_000_000, show_default=True, metavar="N",
    help="At most so many interactions, drawn by their ids.",
)  # fmt: skip
@click.option("--against", default="", metavar="BUNDLE", help="Compare with this bundle, not with what was answered.")
@click.option("--threshold", multiple=True, metavar="OUTPUT=0.5", help="A number that decides at this value.")
@click.option("--decision", multiple=True, metavar="OUTPUT", help="The outputs that alone decide.")
@click.option(
    "--rtol", type=click.FloatRange(0), default=None, metavar="R", help="Numbers may be off by so much of them,"
)
@click.option(
    "--atol",
    type=click.FloatRange(0),
    default=None,
    metavar="A",
    help="and by so much besides; as golden rows if not said.",
)
@click.option("--without", multiple=True, metavar="INPUT", help="Replay it as null, since the journal has it not.")
@click.option("--at-most", default="", metavar="1%", help="Exit status 1 unless at most so many decisions change.")
@click.option("--page", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Write an HTML page.")
@click.option("--timing", is_flag=True, help="Say how long calls take, which is never the same twice.")
@click.option("--batch-rows", type=click.IntRange(1), default=4096, show_default=True, help="Rows asked at once.")
@click.option("--timeout", type=Duration(), default="60s", metavar="TIME", help="A call that takes longer hangs.")
@env_option
@store_option
@json_option
def command(candidate: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Ask a candidate what callers asked before: which decisions change, how many, and for whom.

    CANDIDATE is a name, `name:alias`, `name@sha256:...` or a folder; it runs in a process of its own, without network.
    The same journal gives the same report, byte for byte. Exit status 1: more change than --at-most allows.
    """
    from trimtab.journal.folder import open_folder
    from trimtab.ops.replay.journal import Logged
    from trimtab.ops.replay.past import past_in
    from trimtab.ops.replay.replay import replay
    from trimtab.ops.replay.wishes import parse_share

    limit = parse_share(said["at_most"]) if said["at_most"] else None
    wishes = _wishes(said)
    project, store = project_here(), store_at(store_folder)
    found = trusted_bundle(candidate, store, project, said["env"])
    against = trusted_bundle(said["against"], store, project, said["env"]) if said["against"] else None
    place, _ = journal_at(folder)
    with Logged(open_folder(place, create=False), _span(said)) as journal:
        report = replay(found, journal, wishes, against, past_in(store), _teller())
        tell_damage(journal.damage)
    if said["page"] is not None:
        _write(report, limit, said["page"])
    if as_json:
        out_json(report.plain(limit))
    else:
        _show(report, limit)
    if limit is not None:
        from trimtab.ops.replay.gate import require

        require(report, limit)


def _teller(clock: Callable[[], float] = time.monotonic) -> Callable[[str, str], None]:
    """Says how far it is, now and then."""
    last = clock()

    def tell(topic: str, text: str) -> None:
        nonlocal last
        if clock() - last >= _PAUSE_S:
            last = clock()
            say(f"{topic:<10} {text}")

    return tell


def _wishes(said: dict[str, Any]) -> Wishes:
    from trimtab.ops.replay.wishes import Wishes, parse_thresholds

    return Wishes(
        endpoint=said["endpoint"],
        thresholds=parse_thresholds(said["threshold"]),
        decides=said["decision"],
        rtol=said["rtol"],
        atol=said["atol"],
        without=said["without"],
        most=said["sample"],
        batch=said["batch_rows"],
        call_s=said["timeout"],
        timing=said["timing"],
    )


def _span(said: dict[str, Any]) -> Span:
    from trimtab.ops.replay.journal import Span

    since = said["since"]
    if since is not None and since <= 0:
        return Span(None, said["until"], -since)
    return Span(since, said["until"])


def _show(report: Report, limit: float | None) -> None:
    """For a person; what callers sent may be in it."""
    from trimtab.cli.replayed import lines

    for topic, text in lines(report, limit):
        fact(topic, harmless(text))


def _write(report: Report, limit: float | None, path: Path) -> None:
    from trimtab.ops.replay.gate import write_page
    from trimtab.ops.replay.page import page

    write_page(path, page(report, limit))
    say(f"wrote      {path}")
