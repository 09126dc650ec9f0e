"""`trimtab truth`: what turned out to be so, from a file into the journal; and how much is known by now."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.knowledge import as_json_document, count, shown
from trimtab.cli.logged import journal_at, journal_option, tell_damage
from trimtab.cli.options import json_option
from trimtab.cli.show import fact, out, out_json
from trimtab.core.errors import Problem, UserError

if TYPE_CHECKING:
    from trimtab.journal.truth.join import Policy
    from trimtab.ops.truth.bring import Brought

__all__ = ["command"]

_WHERE: Final = "trimtab truth"
_ID: Final = "id"
_COLUMN: Final[dict[str, Any]] = {"type": str, "metavar": "COLUMN"}
_KINDS: Final = {"text": "texts", "number": "numbers", "boolean": "booleans"}


class _Name(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """The name of a truth."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The same text."""
        from trimtab.journal.truth.checks import WrongError
        from trimtab.journal.truth.checks import name as checked

        try:
            return checked(value, 0.0)
        except WrongError as error:
            self.fail(f"{error.what}: {error.hint}", param, ctx)


@click.command("truth")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--id", "of", default=_ID, show_default=True, **_COLUMN, help="Ids of answers, or of your requests.")
@click.option("--value", default="value", show_default=True, **_COLUMN, help="What turned out to be so.")
@click.option("--row", default="", **_COLUMN, help="Row of the request, from 0; `row` if the file has it.")
@click.option("--time", "when", default="", **_COLUMN, help="Since when it is known; `time` if the file has it.")
@click.option(
    "--by",
    default="",
    metavar="COLUMN[=in_COLUMN]",
    help="Find the answers by an input, such as an order number, in place of ids.",
)
@click.option("--name", type=_Name(), default="truth", show_default=True, help="Which truth, where there are several.")
@click.option("--text", is_flag=True, help="Values of a CSV file are text, whatever they look like.")
@click.option("--status", is_flag=True, help="Show how much is known by now.")
@journal_option
@json_option
def command(file: Path | None, folder: Path | None, *, status: bool, as_json: bool, **said: Any) -> None:  # fmt: skip
    """Say what turned out to be so, from a Parquet, CSV or JSON lines file: an answer's id and a value a row.

    A file with a fault changes nothing. What was said before counts once, so a run that was interrupted is run again.
    """
    if (file is None) == (not status):
        what = "a file is missing" if file is None else "`--status` takes no file"
        raise UserError(Problem("P113" if file is None else "P114", what, _WHERE, f"`{_WHERE} --help` shows its use"))
    place, policy = journal_at(folder)
    if file is None:
        _status(place, policy, as_json=as_json)
        return
    brought = _bring(file, place, **said)
    if as_json:
        out_json({"entries": brought.entries, "empty": brought.empty, "lost": brought.lost, "journal": str(place)})
        return
    kind = f", values are {_KINDS[brought.kind]}" if file.suffix.lower() == ".csv" else ""
    fact("kept", f"{count(brought.entries, 'entry', 'entries')} of `{said['name']}`{kind}")
    if brought.empty:
        fact("empty", f"{count(brought.empty, 'row', 'rows')} without a value")
    if brought.lost:
        fact("lost", f"{count(brought.lost, 'row', 'rows')} that no answer was found for")


def _bring(  # noqa: PLR0913 - one parameter an option
    file: Path, place: Path, *, of: str, value: str, row: str, when: str, by: str, name: str, text: bool
) -> Brought:
    from trimtab.journal.folder import open_folder
    from trimtab.journal.truth.entries import Speaker
    from trimtab.ops.truth.bring import Said, bring
    from trimtab.ops.truth.keeping import keeping
    from trimtab.ops.truth.source import Columns, open_source

    key, _, column = by.partition("=")
    if key and (row or of != _ID):
        raise UserError(Problem("P114", "`--by` finds ids and rows itself", _WHERE, "leave `--id` and `--row` out"))
    folder = open_folder(place, create=False)
    source = open_source(file, Columns(of, value, row, when, key))
    said = Said(Speaker(f"uid:{os.getuid()}", operator=True), time.time(), name, text)
    with ExitStack() as stack:
        find = None
        if key:
            from trimtab.journal.query.session import open_journal
            from trimtab.ops.truth.find import finder

            find = finder(stack.enter_context(open_journal(place)), column or f"in_{key}")
        return bring(source, said, stack.enter_context(keeping(folder)), find)


def _status(place: Path, policy: Policy, *, as_json: bool) -> None:
    from trimtab.journal.query.session import open_journal
    from trimtab.journal.truth.readout import read_out

    with open_journal(place) as journal:
        found = journal.asked(("interactions", "truth", "feedback"), lambda duck: read_out(duck, policy))
        tell_damage(journal.damage)
    if as_json:
        out_json(as_json_document(found))
    else:
        out(shown(found))
