"""What the verbs of flights share: where the ledger is, where the control plane is, and who asks it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from trimtab.cli.access import access_of
from trimtab.cli.logged import journal_at
from trimtab.cli.show import say
from trimtab.core.errors import Problem, UserError

if TYPE_CHECKING:
    from trimtab.ops.flights.fly import Airfield
    from trimtab.ops.flights.server import Reach
    from trimtab.ops.flights.standing import Standing
    from trimtab.project import Project
    from trimtab.release.ledger.ledger import Ledger

__all__ = ["airfield_of", "control_of", "control_option", "endpoint_of", "ledger_at", "ledger_option"]

LEDGER: Final = "ledger"

ledger_option = click.option(
    "--ledger", "folder", type=click.Path(path_type=Path), metavar="DIR",
    help="Where releases and flights are written down, if not in `ledger` here.",
)  # fmt: skip
control_option = click.option(
    "--control", default="", metavar="URL", help="The server's control plane, if not that of `[server] admin` here."
)


def ledger_at(said: Path | None) -> Ledger:
    """The ledger that a command line means: beside trimtab.toml, if it names none."""
    from trimtab.release.ledger.ledger import Ledger

    return Ledger((said or Path(LEDGER)).absolute())


def control_of(said: str, project: Project | None, verb: str) -> str:
    """The address of the control plane; UserError P113 where nobody says it, P116 for one that is none."""
    from urllib.parse import urlsplit

    if not said and project is not None and project.server.admin is not None:
        scheme = "http" if project.server.tls_cert is None else "https"
        said = f"{scheme}://{project.server.admin_host}:{project.server.admin}"
    if not said:
        hint = "`trimtab serve --admin-port 8090` has one, at `--control http://127.0.0.1:8090`"
        raise UserError(Problem("P113", "`--control` is missing: where is the server's control plane?", verb, hint))
    parts = urlsplit(said)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise UserError(Problem("P116", f"`{said}` is no address", verb, "such as `http://127.0.0.1:8090`"))
    return f"{parts.scheme}://{parts.netloc}"


def endpoint_of(said: str, challenger: str, project: Project | None, verb: str) -> str:
    """The endpoint: as it is said, or the challenger's name, or the project's. UserError P113, P114 for no name."""
    from trimtab.bundle.manifest import NAME
    from trimtab.bundle.reference import parse_reference

    reference = parse_reference(challenger) if challenger else None
    found = said or (reference.name if reference else "") or (project.name if project else "")
    if not found:
        raise UserError(Problem("P113", "`--endpoint` is missing", verb, "the name that the champion is served by"))
    if not NAME.fullmatch(found):
        raise UserError(Problem("P114", f"`{found}` is no name of an endpoint", verb))
    return found


def airfield_of(folder: Path | None, control: str, said: Mapping[str, Any], verb: str) -> Airfield:
    """Flights of that ledger. control: in place of the server that a flight was begun at."""
    from trimtab.ops.flights.book import Book
    from trimtab.ops.flights.fly import Airfield
    from trimtab.ops.flights.quality import Quality
    from trimtab.ops.flights.server import Reach
    from trimtab.release.flight.decide import decide

    def reach(standing: Standing) -> Reach:
        url = control or standing.begun.control
        access = access_of(url, said, verb=verb)
        return Reach(url, access.headers, access.tls, access.hidden)

    place, policy = journal_at(None)
    quality = Quality(place, policy, tell=lambda why: say(f"no quality: {why}"))
    return Airfield(Book(ledger_at(folder)), decide, reach, quality)
