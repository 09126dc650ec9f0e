"""`trimtab approve`: a person says yes to a bundle in an environment, or no, with a key."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.aloft import ledger_option
from trimtab.cli.evidenced import plain, summary
from trimtab.cli.keys import credentials_of, key_options
from trimtab.cli.options import json_option, store_option
from trimtab.cli.releasing import Yard, by, environment_of, yard_of
from trimtab.cli.show import fact, harmless, out_json

if TYPE_CHECKING:
    from trimtab.ops.evidence.approving import Asked, Said
    from trimtab.ops.evidence.listing import Listed
    from trimtab.release.environments import Environment
    from trimtab.release.ledger.lines import Entry

__all__ = ["command"]

_VERB: Final = "trimtab approve"


@click.command("approve")
@click.argument("environment", metavar="ENV")
@click.argument("bundle", required=False, default="")
@key_options(required=True)
@click.option("--comment", default="", metavar="TEXT", help="Why; kept with it.")
@click.option("--no", "refuse", is_flag=True, help="Say no, or take back a yes.")
@ledger_option
@store_option
@json_option
def command(
    environment: str, bundle: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any
) -> None:
    """Say yes to a bundle in an environment of trimtab.toml, for its gate; what one says yes to is shown.

    BUNDLE is as for `release`: without it, what is live in the environment before, or the project's latest. The yes is
    for this digest and this environment, and kept where everybody's release finds it. Only `approvers` count, each
    with a key: `keys/NAME.pub`, one of `[trust]`, or a certificate.
    """
    from trimtab.ops.evidence.approving import must_ask, say_so

    yard = yard_of(folder, store_folder, _VERB)
    place = environment_of(yard.project, environment, _VERB)
    must_ask(place)
    by_key = credentials_of(said["key"], said["certificate"], said["chain"])
    asked, name = _asked(yard, place, bundle)
    now = time.time()
    seen = _evidence(asked, now)
    if not as_json:
        _show(asked, name, seen, now)
    facts = {"comment": said["comment"], "commit": asked.source.commit, "seen": [one.document for one in seen]}
    word = say_so(asked, by_key, now, by(), facts, yes=not said["refuse"])
    if as_json:
        out_json(_plain(asked, name, word) | {"evidence": [plain(one) for one in seen]})
        return
    fact("no" if said["refuse"] else "yes", harmless(f"{word.word.signer}, key {word.word.key}"))
    fact("approvals", harmless(word.approvals.why))


def _asked(yard: Yard, place: Environment, reference: str) -> tuple[Asked, str]:
    """What is asked about, and the bundle's name; a digest whose bundle is elsewhere is one too."""
    from trimtab.bundle.reference import DIGEST
    from trimtab.ops.evidence.approving import Asked
    from trimtab.release.history import came_from, past_of
    from trimtab.release.promotion.values import Source

    project, store = yard.project, yard.store
    entries = yard.record.entries()
    live = past_of(entries, place.after, project.name).live if place.after else None
    reference = _whole(entries, reference) or (live.bundle if live is not None else project.name)
    if DIGEST.fullmatch(reference) and not store.folder(reference).is_dir():
        return Asked(project, place, yard.record, store.root, reference, came_from(entries, reference)), project.name
    found = store.resolve(reference)
    made = found.manifest.source
    source = Source(made.commit, author=_author(yard, made.commit), dirty=made.dirty)
    return Asked(project, place, yard.record, store.root, found.digest, source), found.name


def _whole(entries: Sequence[Entry], reference: str) -> str:
    """In full, where the record knows one bundle of these first digits, which need not be here; else as it is typed."""
    from trimtab.bundle.reference import parse_reference
    from trimtab.release.history import releases_of

    said = parse_reference(reference) if reference else None
    if said is None or not said.digits:
        return reference
    known = {one.begun.wanted.bundle for one in releases_of(entries).values()}
    found = [digest for digest in known if digest.startswith(f"sha256:{said.digits}")]
    return found[0] if len(found) == 1 else reference


def _author(yard: Yard, commit: str) -> str:
    """Who wrote the commit, as far as git knows here."""
    from trimtab.core.errors import TrimtabError
    from trimtab.release.source.git import Git
    from trimtab.release.source.refs import COMMIT

    try:
        asked = ("show", "--no-patch", "--format=%ae", commit)
        return Git(yard.project.folder).ask(*asked) if COMMIT.fullmatch(commit) else ""
    except TrimtabError:
        return ""


def _evidence(asked: Asked, now: float) -> tuple[Listed, ...]:
    from trimtab.ops.evidence.listing import documents_of, listed

    documents = documents_of(asked.record, asked.root, asked.digest)
    return listed(asked.project, asked.root, documents, asked.digest, now)


def _show(asked: Asked, name: str, seen: tuple[Listed, ...], now: float) -> None:
    commit = asked.source.commit
    dirty = ", packaged from files that no commit holds" if asked.source.dirty else ""
    fact("bundle", harmless(f"{name}@{asked.digest}"))
    fact("commit", harmless(f"{commit}{dirty}") if commit else "none: neither the bundle nor the record says")
    fact("for", asked.environment.name)
    counted = [one.found for one in seen if one.found is not None and asked.environment.name in one.counts_in]
    # the last word of each: what was found anew stands in place of what was found before
    last = {(one.kind, one.signer if one.kind == "approval" else ""): one for one in counted}
    for one in last.values():
        fact(one.kind, harmless(summary(one, now)))
    if older := len(counted) - len(last):
        fact("older", f"{older}, of kinds that were found out anew; `trimtab evidence` lists them")
    if uncounted := sum(asked.environment.name not in one.counts_in for one in seen):
        fact("uncounted", f"{uncounted}, which `trimtab evidence` names")


def _plain(asked: Asked, name: str, said: Said) -> dict[str, Any]:
    from trimtab.bundle.trust.examine import name_of

    return {
        "environment": asked.environment.name, "name": name, "digest": asked.digest, "commit": asked.source.commit,
        "yes": said.word.verdict == "PASS", "signer": said.word.signer, "key": said.word.key,
        "document": name_of(said.document),
        "approvals": {"verdict": said.approvals.verdict, "why": said.approvals.why},
    }  # fmt: skip
