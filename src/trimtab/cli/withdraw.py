"""`trimtab withdraw`: what is live in an environment is taken away, and nothing takes its place."""

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

_VERB: Final = "trimtab withdraw"


@click.command("withdraw")
@click.argument("environment")
@ledger_option
@store_option
@access_options
@json_option
def command(environment: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Take away what is live in an environment: what was asked is answered, then nothing runs there.

    It is in the history, with who did it; `trimtab rollback` brings it back. The bundle stays in the store.
    """
    from trimtab.ops.release.rollback import withdraw

    yard = yard_of(folder, store_folder, _VERB)
    place = environment_of(yard.project, environment, _VERB)

    means = means_of(yard, place, said, teller(as_json=as_json))
    show_end(withdraw(place.name, yard.project.name, means), as_json=as_json)
