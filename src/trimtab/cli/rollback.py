"""`trimtab rollback`: an environment back to what was live there before, bundle and settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import ledger_option
from trimtab.cli.options import json_option, store_option
from trimtab.cli.release import show_end
from trimtab.cli.releasing import environment_of, means_of, teller, yard_of

__all__ = ["command"]

_VERB: Final = "trimtab rollback"


@click.command("rollback")
@click.argument("environment")
@click.option("--to", default="", metavar="RELEASE", help="Such as `r7`; the one before what is live if not said.")
@ledger_option
@store_option
@access_options
@json_option
def command(
    environment: str, to: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any
) -> None:
    """Put an environment back to a release that was live there: its bundle and its settings.

    It asks for no evidence but that, and is no flight. What is under way there, and nobody is at work on, is given up.
    """
    from trimtab.ops.release.rollback import rollback

    yard = yard_of(folder, store_folder, _VERB)
    place = environment_of(yard.project, environment, _VERB)

    means = means_of(yard, place, said, teller(as_json=as_json))
    show_end(rollback(place.name, yard.project.name, to, means), as_json=as_json)
