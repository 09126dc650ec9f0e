"""`trimtab log`: what was asked and answered, from the journal; as it arrives, too."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.logged import Text, journal_at, opened, period_options, tell_damage
from trimtab.cli.logstats import show_sealed, show_stats
from trimtab.cli.logtable import LogTable, json_line, people_want, rows_of
from trimtab.cli.options import json_option
from trimtab.cli.show import harmless, out, say

if TYPE_CHECKING:
    import pyarrow as pa

    from trimtab.journal.query import OpenJournal
    from trimtab.journal.query.listing import Listing
    from trimtab.journal.query.session import Wanted

__all__ = ["command"]

_LIMIT: Final = 50
_PAUSE_S: Final = 0.5


class _Status(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """A status of HTTP, or all that begin with the same digit."""

    name = "status"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`404`, `5xx`."""
        from trimtab.journal.query.filter import is_status

        if not is_status(value):
            self.fail(f"`{value}` is neither a status such as `404` nor `5xx`", param, ctx)
        return value


@click.command("log")
@click.argument("endpoint", required=False, default="", type=Text())
@period_options
@click.option("--arm", type=Text(), metavar="NAME", help="Of that arm of a flight.")
@click.option("--principal", type=Text(), metavar="NAME", help="Asked by that caller.")
@click.option("--id", "id_", type=Text(), default="", metavar="ID", help="That one, by its id or its caller's own.")
@click.option("--status", type=_Status(), metavar="STATUS", help="Answered so, as `404` or `5xx`.")
@click.option("--errors", is_flag=True, help="Only what failed.")
@click.option("--columns", type=Text(), default="", metavar="NAME,...", help="Only these columns, in this order.")
@click.option(
    "--limit", type=click.IntRange(0), default=_LIMIT, show_default=True, metavar="N",
    help="The newest N rows; 0 for all of them.",
)  # fmt: skip
@click.option("--follow", "-f", is_flag=True, help="Go on with what arrives, until interrupted.")
@click.option("--stats", is_flag=True, help="Count by endpoint and revision instead, and say what is on the disk.")
@click.option("--seal", is_flag=True, help="Only turn what servers have finished writing into Parquet.")
@json_option
def command(endpoint: str, folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """List what was asked and answered, a line for each row of a request, the newest last.

    Nothing is read but the journal's own folder, whatever a condition says. With --json each row is a JSON object on a
    line of its own.
    """
    from trimtab.journal.folder import open_folder

    if said["follow"] and (said["until"] is not None or said["stats"] or said["seal"]):
        raise click.UsageError("--follow goes on for ever, and not with --until, --stats or --seal")
    if said["seal"]:
        show_sealed(open_folder(journal_at(folder)[0], create=False), as_json=as_json)
        return
    with opened(folder, endpoint, said) as (journal, wanted):
        listing = _listing(journal, wanted, said)
        if said["stats"]:
            show_stats(journal, listing.filter, as_json=as_json)
        else:
            _list(journal, listing, said, as_json=as_json)


def _listing(journal: OpenJournal, wanted: Wanted, said: dict[str, Any]) -> Listing:
    """What the options ask for, examined as far as the columns are not needed for it."""
    from trimtab.journal.query.filter import Filter
    from trimtab.journal.query.listing import Listing

    condition = journal.condition(said["where"]) if said["where"] else None
    chosen = Filter(
        wanted.period, wanted.endpoint, said["revision"], said["arm"], said["principal"], said["id_"],
        said["status"] or "", said["errors"], condition,
    )  # fmt: skip
    return Listing(chosen, tuple(name for name in said["columns"].split(",") if name))


def _list(journal: OpenJournal, listing: Listing, said: dict[str, Any], *, as_json: bool) -> None:
    from trimtab.journal.query.listing import everything, followed, newest

    printer = _Printer(listing, as_json=as_json, goes_on=said["follow"] or not said["limit"])
    if said["limit"]:
        table, more = newest(journal, listing, said["limit"])
        printer.show(table)
        if more:
            listed = "row is" if said["limit"] == 1 else f"{said['limit']} rows are"
            say(f"only the newest {listed} listed, --limit 0 lists all")
    else:
        for table in everything(journal, listing):
            printer.show(table)
    if said["follow"]:
        for table in followed(journal, listing, _pause):
            printer.show(table)
            tell_damage(journal.damage)
            journal.damage.clear()
    elif not printer.rows:
        say(_nothing(journal, listing.filter.endpoint))


def _pause() -> bool:
    time.sleep(_PAUSE_S)
    return True


def _nothing(journal: OpenJournal, endpoint: str) -> str:
    """That there is nothing, and where there is something if the endpoint is not known."""
    from trimtab.journal.query.sources import endpoints

    known = [] if not endpoint else endpoints(journal.folder)
    if not known or endpoint in known:
        return "no interactions"
    return f"no interactions of `{endpoint}`; there are of {', '.join(f'`{harmless(one)}`' for one in known)}"


class _Printer:
    """Prints rows as they come, for people or for programs."""

    def __init__(self, listing: Listing, *, as_json: bool, goes_on: bool) -> None:
        """goes_on: more rows may follow the first ones."""
        self.rows = 0
        self._listing, self._as_json, self._goes_on = listing, as_json, goes_on
        self._table: LogTable | None = None

    def show(self, table: pa.Table) -> None:
        """Some rows more, maybe none."""
        if not table.num_rows:
            return
        self.rows += table.num_rows
        if self._as_json:
            out("\n".join(map(json_line, rows_of(table))))
            return
        if self._table is not None:
            out(self._table.text(table))
            return
        self._table = self._begin(table)
        out(self._table.text(table))
        if left := self._table.left_out:
            say(f"{left} more {'column does' if left == 1 else 'columns do'} not fit: --columns NAME,... or --json")

    def _begin(self, table: pa.Table) -> LogTable:
        if self._listing.columns:
            return LogTable(table.column_names)
        columns = people_want(table, all_of_them=self._goes_on)
        return LogTable(columns, shutil.get_terminal_size().columns if sys.stdout.isatty() else None)
