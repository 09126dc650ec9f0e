"""`trimtab export`: answered rows, with what turned out to be so, as a file to train the next model from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.logged import Text, opened, period_options
from trimtab.cli.logtable import json_line, shown
from trimtab.cli.options import json_option
from trimtab.cli.show import fact, out, say, size_text

if TYPE_CHECKING:
    from trimtab.journal.query.export import Exported

__all__ = ["command"]


@click.command("export")
@click.argument("endpoint", required=False, default="", type=Text())
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A Parquet or CSV file."
)
@period_options
@click.option(
    "--truth", type=click.Choice(["required", "optional", "none"]), default="optional", show_default=True,
    help="Whether rows of which no truth is known are left out, or truth altogether.",
)  # fmt: skip
@click.option("--feedback", is_flag=True, help="Also what people said of the answers.")
@click.option("--inputs", "only_inputs", is_flag=True, help="Nothing but the inputs: a sample for packaging.")
@click.option("--overwrite", is_flag=True, help="Replace an output that is there.")
@json_option
def command(endpoint: str, output: Path, folder: Path | None, *, as_json: bool, **said: Any) -> None:
    """Write the rows that were answered, by time, for retraining.

    Inputs keep their names; each output is `prediction_NAME`; `truth` is what turned out to be so, and `weight` what
    the row stands for, where only a share was logged. In a CSV, text that a spreadsheet would take for a formula gets
    an apostrophe ahead of it.
    """
    from trimtab.journal.query.export import Exporting, export
    from trimtab.journal.query.filter import Filter

    with opened(folder, endpoint, said) as (journal, wanted):
        chosen = Filter(wanted.period, endpoint, said["revision"])
        exporting = Exporting(chosen, said["truth"], said["feedback"], said["only_inputs"], said["overwrite"])
        done = export(journal, said["where"], output, exporting)
    if as_json:
        out(json_line(asdict(done) | {"output": str(output)}))
    else:
        _show(done, output)


def _show(done: Exported, output: Path) -> None:
    told = "" if done.with_truth is None else f", {done.with_truth} with truth"
    period = f"{shown('time', done.first)} to {shown('time', done.last)}"
    fact("exported", f"{'1 row' if done.rows == 1 else f'{done.rows} rows'} of {done.endpoint}{told}, {period}")
    for wanted, name in done.moved.items():
        say(f"moved      `{wanted}` is an input, so ours is `{name}`")
    fact("wrote", f"{output}  {size_text(output.stat().st_size)}")
