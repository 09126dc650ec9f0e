"""`trimtab flights policy`: what another division of the requests would have brought, from those that were divided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from trimtab.cli.logged import Text, journal_at, journal_option, since_option, tell_damage, until_option, where_option
from trimtab.cli.options import json_option
from trimtab.cli.show import fact, harmless, out_json

__all__ = ["policy"]


@click.command("policy")
@click.argument("endpoint", type=Text())
@where_option
@click.option(
    "--reward", type=Text(), default="errors", show_default=True, metavar="WHAT",
    help='`errors`, `seconds`, or a condition or number of columns, as "truth = out_label".',
)  # fmt: skip
@click.option(
    "--unit", type=click.Choice(("request", "principal")), default="request", show_default=True,
    help="Who was divided: requests, or their callers.",
)  # fmt: skip
@journal_option
@since_option
@until_option
@json_option
def policy(endpoint: str, folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Estimate what a policy that was not flown would have brought: the challenger where --where holds.

    Rests on the requests of flights that the journal has, and on the probability by which each came to its arm.
    """
    from trimtab.journal.folder import open_folder
    from trimtab.journal.query.session import OpenJournal, Wanted
    from trimtab.journal.query.sources import Period
    from trimtab.ops.readout.policy import Wish, lines, unflown

    place, truth = journal_at(folder)
    period = Period(said["since"], said["until"])
    by = "principal" if said["unit"] == "principal" else "id"
    with OpenJournal(open_folder(place, create=False), Wanted(period, endpoint, truth)) as journal:
        found = unflown(journal, Wish(endpoint, said["where"], said["reward"], period, by))
        tell_damage(journal.damage)
    if as_json:
        out_json(found.plain())
        return
    for topic, text in lines(found):
        fact(topic, harmless(text))
