"""Options of the verbs that read a journal, and what they stand for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.options import Duration, project_here
from trimtab.cli.show import harmless, say

if TYPE_CHECKING:
    from trimtab.journal.query.session import OpenJournal, Wanted
    from trimtab.journal.truth.join import Policy
    from trimtab.server.journal.settings import JournalSettings

__all__ = [
    "Moment", "Text", "journal_at", "journal_option", "know_names", "opened", "period_options", "tell_damage",
    "until_option",
]  # fmt: skip

_HERE: Final = "journal"
_SHOWN: Final = 5
_NAMING: Final = re.compile(r"\b(token|subject)\s*\(", re.IGNORECASE)

journal_option = click.option(
    "--journal", "folder", type=click.Path(path_type=Path), metavar="DIR",
    help="The journal, if not the project's, or `journal` here.",
)  # fmt: skip


class Moment(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """Seconds since 1970, UTC, of a time, or of so long ago."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """`2h`, `7d`: so long ago; `2026-07-01`, `2026-07-01T10:00+02:00`: then, in UTC where no offset is said."""
        if isinstance(value, float):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return max(time.time() - Duration().convert(value, param, ctx), 0.0)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        try:
            return moment.timestamp()
        except (OverflowError, ValueError):
            self.fail(f"`{value}` is in no year that there is", param, ctx)


class Text(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic for the type checker only
    """Text that a journal may hold: what the terminal sent as bytes that are no UTF-8 is none."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The same text."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail("this is no UTF-8 text", param, ctx)
        return value


since_option = click.option(
    "--since", type=Moment(), metavar="TIME", help="Not before: `2h`, `7d` ago, or a time such as `2026-07-01T10:00`."
)
until_option = click.option("--until", type=Moment(), metavar="TIME", help="Before that time, as for --since.")
revision_option = click.option(
    "--revision", type=Text(), default="", metavar="DIGEST", help="Answered by that bundle; the first digits will do."
)
where_option = click.option(
    "--where", type=Text(), default="", metavar="CONDITION",
    help='A condition on the columns, as "in_age > 30 AND out_p < 0.1"; inputs begin with in_, outputs with out_.',
)  # fmt: skip


def period_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which journal, and which of its rows: --journal, --since, --until, --revision, --where."""
    for option in (where_option, revision_option, until_option, since_option, journal_option):
        command = option(command)
    return command


@contextmanager
def opened(folder: Path | None, endpoint: str, said: Mapping[str, Any]) -> Iterator[tuple[OpenJournal, Wanted]]:
    """The journal that these options mean, with the names that their condition asks for; then what is damaged is told.

    Nothing but its own folder can be read from it.
    """
    from trimtab.journal.folder import open_folder
    from trimtab.journal.query.duck import DuckSettings
    from trimtab.journal.query.session import OpenJournal, Wanted
    from trimtab.journal.query.sources import Period

    place, truth = journal_at(folder)
    found = open_folder(place, create=False)
    wanted = Wanted(Period(said["since"], said["until"]), endpoint, truth)
    with OpenJournal(found, wanted, DuckSettings(folders=(found.path,))) as journal:
        know_names(journal, folder, said["where"])
        yield journal, wanted
        tell_damage(journal.damage)


def journal_at(said: Path | None) -> tuple[Path, Policy]:
    """The folder of the journal that a command line means, and which of contradicting truths counts in it."""
    own = _settings(said)
    if own is not None:
        return own.folder, own.truth
    return (said or Path(_HERE)).absolute(), "last"


def _settings(said: Path | None) -> JournalSettings | None:
    """What the project says of its journal, if that one is meant."""
    project = project_here() if said is None else None
    return None if project is None else project.server.journal


def know_names(journal: OpenJournal, said: Path | None, where: str) -> None:
    """Lets a condition that asks for it have the names that this journal gives to values and people."""
    if _NAMING.search(where) is None:
        return
    own = _settings(said)
    if own is not None and own.secret is not None:
        from trimtab.server.journal.make import Journal

        journal.know(Journal(own).keys)
    else:
        from trimtab.journal.privacy.keys import open_keys

        journal.know(open_keys(journal.folder))


def tell_damage(damage: Sequence[str]) -> None:
    """What could not be read, as talk: the first few, and how many there are."""
    for one in damage[:_SHOWN]:
        say(f"damaged    {harmless(one)}")
    if len(damage) > _SHOWN:
        say(f"damaged    {len(damage) - _SHOWN} more")
