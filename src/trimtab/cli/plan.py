"""`trimtab plan`: what a release would change, field by field, and what the gate would say; nothing is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import rich_click as click

from trimtab.cli.access import access_options
from trimtab.cli.aloft import ledger_option
from trimtab.cli.options import json_option, store_option
from trimtab.cli.release import show_plan, sorted_out, wish_of
from trimtab.cli.released import plain_plan
from trimtab.cli.releasing import environment_of, means_of, yard_of
from trimtab.cli.show import out_json

__all__ = ["command"]

_VERB: Final = "trimtab plan"


@click.command("plan")
@click.argument("bundle", required=False, default="")
@click.option(
    "--to", "environment", default="", metavar="ENV", help="The environment, if it is not named in place of a bundle."
)
@click.option("--ref", default="", metavar="REF", help="Branch or tag that is released, if not what is checked out.")
@ledger_option
@store_option
@access_options
@json_option
def command(
    bundle: str, environment: str, folder: Path | None, store_folder: Path | None, *, as_json: bool, **said: Any
) -> None:
    """Show what `trimtab release` would change in an environment, field by field, and what its gate would say.

    BUNDLE is as for `release`. Nothing is done, and the exit status is 0 whatever the gate says: `release --dry-run`
    ends with 1 where it would refuse.
    """
    from trimtab.ops.release.plan import plan

    bundle, environment = sorted_out(bundle, environment)
    yard = yard_of(folder, store_folder, _VERB)
    place = environment_of(yard.project, environment, _VERB)
    means = means_of(yard, place, said, lambda _topic, _text: None)
    found = plan(wish_of(yard, place, bundle, {**said, "emergency": ""}), means)
    if as_json:
        out_json(plain_plan(found))
    else:
        show_plan(found)
