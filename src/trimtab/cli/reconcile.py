"""`trimtab reconcile`: brings what runs to what the branch of releases wants, once or for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import ledger_option
from trimtab.cli.options import Duration, json_option, store_option, trusted_bundle
from trimtab.cli.releasing import bring, environment_of, means_of, yard_of
from trimtab.cli.show import fact, harmless, out_json, say
from trimtab.core.errors import Problem, TrimtabError

if TYPE_CHECKING:
    from trimtab.cli.releasing import Yard
    from trimtab.core.deployment import Deployment
    from trimtab.ops.reconcile.turn import Claim, Reach, Turn
    from trimtab.ops.release.plan import Wish
    from trimtab.release.environments import Environment

__all__ = ["command"]

_VERB: Final = "trimtab reconcile"
_WORDS: Final = {
    "released": "released what is wanted", "repaired": "put back what was released", "same": "is as it is wanted",
    "differs": "differs", "waits": "waits", "refused": "refused", "failed": "failed",
}  # fmt: skip
_OUTSIDE: Final = 3


@click.command("reconcile")
@click.argument("environment", required=False, default="")
@click.option("--once", is_flag=True, help="One turn; exit status 1 if something was refused or differs.")
@click.option("--every", "every_s", default=30.0, type=Duration(), metavar="DURATION", help="How often; 30s.")
@click.option("--report", is_flag=True, help="Say what differs, and change nothing.")
@ledger_option
@store_option
@access_options
@json_option
def command(environment: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Bring local and container targets to what `environments/` on the branch of releases wants, and keep them there.

    What was changed by hand is put back. What the gate of an environment refuses is not applied, whoever merged it.
    Where the remote or a target is away, what runs goes on running. Without ENVIRONMENT: all of trimtab.toml.
    """
    from trimtab.ops.reconcile.loop import Pace, alone, keep_on
    from trimtab.ops.reconcile.turn import turn

    yard = yard_of(folder, store_folder, _VERB)
    names = [environment] if environment else list(yard.project.environments)
    places = [environment_of(yard.project, name, _VERB) for name in names]
    reaches = [(place, _reach(yard, place, said)) for place in places]

    def turns() -> list[Turn]:
        return [turn(place, yard.project.name, reach, report=said["report"]) for place, reach in reaches]

    shown = partial(_show, as_json=as_json)
    with alone(yard.ledger):
        if said["once"]:
            found = turns()
            shown(found)
            raise SystemExit(_status(found))
        keep_on(turns, Pace(said["every_s"], time.sleep, random.random), shown)


def _reach(yard: Yard, place: Environment, said: dict[str, Any]) -> Reach:
    from trimtab.ops.reconcile.turn import Reach
    from trimtab.ops.release.records import must_be_git

    record = must_be_git(yard.record)
    means = means_of(yard, place, said, lambda topic, text: say(f"{topic:<10} {harmless(text)}"))
    return Reach(record, means, partial(_wish, yard, record.tip.remote), partial(bring, yard))


def _wish(yard: Yard, remote: str, place: Environment, wanted: Deployment, claim: Claim) -> Wish:
    from trimtab.ops.release.plan import Wish
    from trimtab.release.promotion.values import Candidate
    from trimtab.release.source.source import edited, source_at

    found = trusted_bundle(wanted.bundle, yard.store, yard.project, place.name)
    made = found.manifest.source
    source = claim.source or source_at(yard.project.folder, made.commit, place.branch, place.tag, remote)
    source = replace(source, edited=edited(yard.project.folder))
    candidate = Candidate(
        found.name, found.digest, made.commit, made.dirty, source, claim.by, claim.emergency
    )  # fmt: skip
    return Wish(place, wanted, candidate)


def _status(turns: Sequence[Turn]) -> int:
    came = {one.came for one in turns}
    return _OUTSIDE if "failed" in came else 1 if came & {"refused", "differs"} else 0


def _show(turns: Sequence[Turn], *, as_json: bool) -> None:
    if as_json:
        out_json({"environments": [_plain(one) for one in turns]})
        return
    for one in turns:
        fact(one.environment, _WORDS[one.came])
        for text in one.why:
            fact("", harmless(text))
        if one.problems:
            say(str(TrimtabError(*one.problems)))


def _plain(turn: Turn) -> dict[str, Any]:
    return {
        "environment": turn.environment, "came": turn.came, "why": list(turn.why),
        "problems": [_problem(one) for one in turn.problems],
    }  # fmt: skip


def _problem(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "what": problem.what, "where": problem.where, "hint": problem.hint}
