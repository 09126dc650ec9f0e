"""`trimtab release`: a bundle into an environment, past its gate, and flown there if that is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import ledger_option
from trimtab.cli.options import json_option, store_option, trusted_bundle
from trimtab.cli.released import loud, named, plain_plan, plain_release, plan_lines
from trimtab.cli.releasing import bring, by, environment_of, means_of, teller, yard_of
from trimtab.cli.show import fact, harmless, out_json, say
from trimtab.core.errors import OutsideError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trimtab.cli.releasing import Yard
    from trimtab.ops.release.means import Means
    from trimtab.ops.release.plan import Plan, Wish
    from trimtab.release.environments import Environment
    from trimtab.release.history import Release

__all__ = ["command", "show_plan", "sorted_out", "wish_of"]

_VERB: Final = "trimtab release"


@click.command("release")
@click.argument("bundle", required=False, default="")
@click.option(
    "--to", "environment", default="", metavar="ENV", help="The environment, if it is not named in place of a bundle."
)
@click.option("--bundle", "other", default="", metavar="BUNDLE", help="The bundle, as in its place.")
@click.option("--ref", default="", metavar="REF", help="Branch or tag that is released, if not what is checked out.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done, and whether the gate lets it.")
@click.option("--emergency", default="", metavar="REASON", help="Past the gate and without a flight; recorded, loudly.")
@click.option(
    "--by",
    "means",
    type=click.Choice(["target", "commit"]),
    default="target",
    help="`commit`: only say what is wanted, on the branch of releases; `trimtab reconcile` applies it.",
)
@click.option("--branch", default="", metavar="NAME", help="With `--by commit`: on a new branch, for people to merge.")
@click.option("--resume", is_flag=True, help="Go on with what is under way.")
@ledger_option
@store_option
@access_options
@json_option
def command(
    bundle: str, environment: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any
) -> None:
    """Release a bundle to an environment of trimtab.toml: plan, gate, apply, flight, record.

    BUNDLE is `name:alias`, `name@sha256:...` or `sha256:...`; without it, what is live in the environment before, or
    the project's latest. Whoever was interrupted types the same again. Exit status 1: the gate or the flight said no,
    and what was live is live.
    """
    bundle, environment = sorted_out(bundle or said["other"], environment, resume=said["resume"])
    if said["branch"] and said["means"] != "commit":
        raise click.UsageError("a branch to be merged is for commits: `--by commit --branch NAME`")
    yard = yard_of(folder, store_folder, _VERB)
    place = environment_of(yard.project, environment, _VERB)
    tell, watch = _talkers(as_json=as_json)
    means = means_of(yard, place, said, tell, watch)
    if said["resume"]:
        _resume(yard, place, means, as_json=as_json)
        return
    wish = wish_of(yard, place, bundle, said)
    if said["dry_run"]:
        _dry(wish, means, as_json=as_json)
        return
    if said["means"] == "commit":
        _commit(wish, means, said["branch"], as_json=as_json)
        return
    _release(wish, means, as_json=as_json)


def _commit(wish: Wish, means: Means, branch: str, *, as_json: bool) -> None:
    from trimtab.ops.release.commit import by_commit
    from trimtab.ops.release.records import must_be_git

    planned = (lambda _: None) if as_json else show_plan
    done = by_commit(wish, means, must_be_git(means.record), branch, planned)
    if as_json:
        out_json({"branch": done.where, "path": done.path, "commit": done.commit, "merged": done.merged})
        return
    fact("committed", f"{done.path} on {done.where}, {done.commit[:12]}")
    todo = "`trimtab reconcile` applies it" if done.merged else "it is wanted once the branch is merged"
    fact("then", todo)


def sorted_out(bundle: str, environment: str, *, resume: bool = False) -> tuple[str, str]:
    """Bundle and environment: one word alone is an environment, since a bundle can be done without."""
    if bundle and not environment:
        return "", bundle
    if not environment:
        raise click.UsageError("say the environment: `trimtab release prod`, or `trimtab release BUNDLE --to prod`")
    if resume and bundle:
        raise click.UsageError("what is under way has its bundle: no BUNDLE with --resume")
    return bundle, environment


def _talkers(*, as_json: bool) -> tuple[Callable[[str, str], None], Any]:
    """For what is done, and for the looks of a flight."""
    from trimtab.cli.flown import Lines

    tell = teller(as_json=as_json)
    return tell, Lines(tell)


def wish_of(yard: Yard, place: Environment, bundle: str, said: Mapping[str, Any]) -> Wish:
    """What is to be released. bundle: as it was typed, empty for what is live before, or the latest. said: options."""
    from trimtab.bundle.reference import DIGEST
    from trimtab.ops.release.plan import Wish
    from trimtab.ops.release.wanted import wanted_of
    from trimtab.release.promotion.values import Candidate
    from trimtab.release.source.source import edited, source_of

    project = yard.project
    reference = bundle or _default(yard, place)
    if DIGEST.fullmatch(digest := reference.removeprefix(f"{project.name}@")):
        bring(yard, digest)
    found = trusted_bundle(reference, yard.store, project, place.name)
    source = source_of(project.folder, said["ref"], place.tag, project.release.remote or "origin")
    if project.release.record == "git":
        source = replace(source, edited=edited(project.folder))
    made = found.manifest.source
    candidate = Candidate(
        found.name, found.digest, made.commit, made.dirty, source, by(), said["emergency"].strip()
    )  # fmt: skip
    return Wish(place, wanted_of(place, project.name, found.digest), candidate)


def _default(yard: Yard, place: Environment) -> str:
    """What is live in the environment before, since the same bytes move on; else the latest."""
    from trimtab.release.history import past_of

    if place.after and (live := past_of(yard.record.entries(), place.after, yard.project.name).live) is not None:
        return live.bundle
    return yard.project.name


def _dry(wish: Wish, means: Means, *, as_json: bool) -> None:
    from trimtab.ops.release.plan import must_pass, plan

    found = plan(wish, means)
    if as_json:
        out_json(plain_plan(found))
    else:
        show_plan(found)
    must_pass(found)


def show_plan(found: Plan) -> None:
    """Field by field, and what the gate says."""
    for topic, text in plan_lines(found):
        fact(topic, harmless(text))


def _release(wish: Wish, means: Means, *, as_json: bool) -> None:
    from trimtab.ops.release.release import release

    def planned(found: Plan) -> None:
        if not as_json:
            show_plan(found)
        if found.judgement.outcome == "emergency":
            say(f"EMERGENCY  past the gate of `{wish.environment.name}`: {harmless(found.judgement.emergency)}")

    with _left_under_way(wish.environment.name):
        done = release(wish, means, planned)
    if done.release is None:
        if as_json:
            out_json(
                {
                    "release": None,
                    "outcome": "unchanged",
                    "wanted": plain_plan(done.plan)["wanted"] if done.plan else None,
                }
            )
        else:
            fact("unchanged", f"{named(wish.wanted)} is live in `{wish.environment.name}`, and nothing differs")
        return
    show_end(done.release, as_json=as_json)


def _resume(yard: Yard, place: Environment, means: Means, *, as_json: bool) -> None:
    from trimtab.ops.release.release import resume

    with _left_under_way(place.name):
        show_end(resume(place.name, yard.project.name, means), as_json=as_json)


@contextmanager
def _left_under_way(environment: str) -> Iterator[None]:
    """Says how it goes on, where something outside failed or somebody typed Ctrl-C."""
    try:
        yield
    except (OutsideError, KeyboardInterrupt):
        say(f"if a release is under way now, `trimtab release {environment} --resume` goes on with it")
        raise


def show_end(release: Release, *, as_json: bool) -> None:
    """How a release came out well."""
    begun = release.begun
    loud(release, lambda text: say(harmless(text)))
    if as_json:
        out_json(plain_release(release))
        return
    word = {"rollback": "rolled back", "withdraw": "withdrawn"}.get(begun.why, "released")
    side = "from" if begun.why == "withdraw" else "to"
    seconds = max(release.ended_at - release.began, 0.0)
    fact(word, f"{named(begun.wanted)} {side} `{begun.environment}` as {release.name}, in {seconds:.1f} s")
