"""`trimtab status`: what runs in each environment, as its target says, beside what was released."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import ledger_option
from trimtab.cli.flown import span
from trimtab.cli.options import json_option, store_option
from trimtab.cli.released import loud, named, plain_release, time_text
from trimtab.cli.releasing import environment_of, means_of, yard_of
from trimtab.cli.show import fact, harmless, out_json
from trimtab.release.ledger.plain import plain_of

if TYPE_CHECKING:
    from trimtab.ops.release.status import Here

__all__ = ["command"]

_VERB: Final = "trimtab status"
_SOON_S: Final = 86400.0  # before evidence no longer counts


@click.command("status")
@click.argument("environment", required=False, default="")
@ledger_option
@store_option
@access_options
@json_option
def command(environment: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Ask each environment's target what runs there, and say where that is not what was released."""
    from trimtab.ops.release.status import look

    yard = yard_of(folder, store_folder, _VERB)
    project = yard.project
    places = [environment_of(project, environment, _VERB)] if environment else list(project.environments.values())
    found = [look(one, project.name, means_of(yard, one, said, lambda *_: None)) for one in places]
    now = time.time()
    if as_json:
        out_json({"environments": [_plain(one, now) for one in found]})
        return
    for here in found:
        for topic, text in _lines(here, now):
            fact(topic, harmless(text))


def _lines(here: Here, now: float) -> Iterator[tuple[str, str]]:
    name = here.environment.name
    if here.status is None:
        yield name, f"its target does not answer: {here.why}"
    elif here.status.live is None:
        yield name, "nothing runs"
    else:
        state = "ready" if here.status.ready else "not ready"
        yield name, f"{named(here.status.live)}  {state}  {here.status.address}".rstrip()
        yield from (("", f"{one.bundle[:15]} {one.state}: {one.why}") for one in here.status.revisions if one.why)
    if (last := here.past.newest) is not None:
        done = {"rollback": f"rolled back to {last.begun.to}", "withdraw": "withdrawn"}.get(last.begun.why, "released")
        yield "", f"{done} as {last.name} by {last.begun.by} {span(max(now - last.ended_at, 0.0))} ago"
        lines: list[str] = []
        loud(last, lines.append)
        yield from (("", line) for line in lines)
    yield from (("", f"differs: {text}") for text in here.differs)
    if (way := here.past.under_way) is not None:
        steps = f", {way.steps[-1]}" if way.steps else ""
        yield "", f"under way: {way.name}, {named(way.begun.wanted)}, by {way.by} since {time_text(way.began)}{steps}"
    for one in here.ends:
        left = one.at - now
        if left < _SOON_S:
            yield "", f"evidence `{one.name}` " + (f"holds for {span(left)} more" if left > 0 else "is too old by now")


def _plain(here: Here, now: float) -> dict[str, Any]:
    status, past, last = here.status, here.past, here.past.newest
    return {
        "environment": here.environment.name, "well": here.is_well, "why": here.why,
        "live": plain_of(status.live) if status and status.live else None,
        "revisions": plain_of(status.revisions) if status else [], "ready": bool(status and status.ready),
        "address": status.address if status else "", "differs": list(here.differs),
        "released": plain_release(last) if last else None,
        "age_s": max(now - last.ended_at, 0.0) if last else None,
        "under_way": plain_release(past.under_way) if past.under_way else None,
        "evidence_ends": [{"kind": one.name, "at": one.at} for one in here.ends],
    }  # fmt: skip
