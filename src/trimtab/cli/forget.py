"""`trimtab forget`: a person's rows go from the journal, with all that was said of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from trimtab.cli.knowledge import count
from trimtab.cli.logged import Text, journal_at, journal_option
from trimtab.cli.options import json_option, project_here
from trimtab.cli.show import fact, harmless, out_json, say

if TYPE_CHECKING:
    from trimtab.journal.privacy.forget import Forgot
    from trimtab.journal.privacy.keys import Keys

__all__ = ["command"]


@click.command("forget")
@click.argument("subject", type=Text())
@journal_option
@click.option(
    "--secret", type=click.Path(path_type=Path), metavar="FILE",
    help="The secret that the journal shares with others, if not the project's.",
)  # fmt: skip
@json_option
def command(subject: str, folder: Path | None, secret: Path | None, *, as_json: bool) -> None:
    """Make the journal forget a person: their rows, and the truth and feedback about them, go from every file.

    SUBJECT is the value that they have in the column that `subject` in `[server.log]` names; `-` reads it from the
    standard input, so that it is in no list of processes. What is asked later stays. A tombstone says that it was done.
    """
    from trimtab.journal.folder import open_folder
    from trimtab.journal.privacy.forget import forget

    person = sys.stdin.readline().rstrip("\r\n") if subject == "-" else subject
    place, _ = journal_at(folder)
    found = open_folder(place, create=False)
    keys = _keys_of(place, folder, secret)
    if not as_json:
        _warn()
    done = forget(found, keys, person)
    if as_json:
        out_json(_plain(done))
    else:
        _show(done)
    if (left := done.unfinished()) is not None:
        raise left


def _keys_of(place: Path, folder: Path | None, secret: Path | None) -> Keys:
    """The keys that the journal has: none are made."""
    from trimtab.journal.folder import Folder
    from trimtab.journal.privacy import keyfile
    from trimtab.journal.privacy.keys import open_keys

    path = place / keyfile.NAME
    if keyfile.read(path) is None:
        raise keyfile.fault("the journal has no keys, so nobody can be told apart", path)
    project = project_here() if folder is None else None
    own = None if project is None or project.server.journal is None else project.server.journal.secret
    shared = secret or own
    return open_keys(Folder(place), None if shared is None else keyfile.secret_in(shared))


def _warn() -> None:
    project = project_here()
    if project is not None and project.server.journal is not None and not project.server.journal.subject:
        say("no `subject` in `[server.log]`: rows that were logged so are nobody's, and stay")


def _plain(done: Forgot) -> dict[str, object]:
    return {
        "tombstone": str(done.path),
        "subject": done.tombstone.subject,
        "rows": done.rows,
        "truth": done.records("truth"),
        "feedback": done.records("feedback"),
        "done": done.tombstone.done,
        "waits": list(done.tombstone.waits),
    }


def _show(done: Forgot) -> None:
    for endpoint, days in sorted(done.rows.items()):
        rows = count(sum(days.values()), "row", "rows")
        fact("forgotten", f"{rows} of {harmless(endpoint)} on {count(len(days), 'day', 'days')}")
    if not done.rows:
        fact("forgotten", "no row: nothing is there of that subject")
    for stream in ("truth", "feedback"):
        if entries := done.records(stream):
            fact(stream, count(entries, "entry", "entries"))
    fact("tombstone", harmless(str(done.path)))
