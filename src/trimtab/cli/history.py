"""`trimtab history`: what was released when, why, who said yes, and on which evidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from trimtab.cli.aloft import ledger_option
from trimtab.cli.options import json_option, store_option
from trimtab.cli.released import loud, plain_release, release_line
from trimtab.cli.releasing import environment_of, yard_of
from trimtab.cli.show import harmless, out, out_json, say

if TYPE_CHECKING:
    from trimtab.release.history import Release

__all__ = ["command"]

_VERB: Final = "trimtab history"
_SHOWN: Final = 6  # documents of a release that are named; `--json` names all
_WIDE: Final = 100  # letters of a finding


@click.command("history")
@click.argument("environment", required=False, default="")
@ledger_option
@store_option
@json_option
def command(environment: str, folder: Path | None, store_folder: Path | None, *, as_json: bool) -> None:
    """Show every release of an environment, or of all, the oldest first; each entry is held against the one before."""
    from trimtab.release.history import releases_of

    yard = yard_of(folder, store_folder, _VERB)
    if environment:
        environment_of(yard.project, environment, _VERB)
    entries = yard.record.entries()
    found = [one for one in releases_of(entries).values() if environment in ("", one.begun.environment)]
    last = entries[-1].digest if entries else ""
    if as_json:
        out_json({"releases": [plain_release(one) for one in found], "entries": len(entries), "last": last})
        return
    for one in found:
        for line in _lines(one):
            out(harmless(line))
    say(f"verified   {len(entries)} entries, the last is {last}" if last else "no releases")


def _lines(release: Release) -> Iterator[str]:
    begun = release.begun
    yield f"{begun.environment:<10} {release_line(release)}"
    pad = " " * 11
    source = f", {begun.source.ref or 'commit'} {begun.source.commit[:12]}" if begun.source.commit else ""
    source += ", with changes that no commit holds" if begun.source.dirty else ""
    taken = f", taken over by {release.by}" if release.by != begun.by else ""
    yield f"{pad}by {begun.by}{taken}{source}"
    findings = "; ".join(f"{one.name} {one.verdict} {_cut(one.why)}" for one in begun.judgement.findings)
    yield f"{pad}gate {begun.judgement.outcome}" + (f": {findings}" if findings else "")
    if begun.evidence:
        more = f" and {len(begun.evidence) - _SHOWN} more" if len(begun.evidence) > _SHOWN else ""
        yield f"{pad}evidence " + ", ".join(one[:12] for one in begun.evidence[:_SHOWN]) + more
    lines: list[str] = []
    loud(release, lines.append)
    yield from (f"{pad}{line}" for line in lines)


def _cut(text: str) -> str:
    """The beginning of what is long; `--json` has all of it."""
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 3]}..."
