"""`trimtab score`: a file of rows in, a Parquet file of answers out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import rich_click as click

from trimtab.cli.options import env_option, json_option, project_here, store_at, store_option, trusted_bundle
from trimtab.cli.show import fact, is_plain, out_json, size_text

__all__ = ["command"]


@click.command("score")
@click.argument("bundle")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="A Parquet file.")
@click.option("--keep", multiple=True, metavar="COLUMN|all", help="Input columns to copy before the answers.")
@click.option("--refused", type=click.Path(path_type=Path), default=None, metavar="FILE", help="List bad rows here.")
@click.option("--overwrite", is_flag=True, help="Replace an output that is there.")
@click.option(
    "--nulls",
    multiple=True,
    metavar="WORD",
    help='CSV cells that mean null, instead of those that pandas reads so (empty, "NA", "null", ...); "" is empty.',
)
@click.option("--batch-rows", type=click.IntRange(1), default=8192, show_default=True, help="Rows predicted at once.")
@env_option
@store_option
@json_option
def command(  # noqa: PLR0913, PLR0917  # one parameter an option is how click hands them over
    bundle: str,
    file: Path,
    output: Path,
    keep: tuple[str, ...],
    refused: Path | None,
    nulls: tuple[str, ...],
    batch_rows: int,
    env: str,
    store_folder: Path | None,
    *,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Score a Parquet, CSV or JSON lines file in bounded memory.

    One row out for each row in, in order. A row that the signature refuses stops the run, unless --refused names a file
    for it. A CSV cell is null where pandas' read_csv says so, as in the sample: --nulls "" lets "NA" be a word.
    """
    found = trusted_bundle(bundle, store_at(store_folder), project_here(), env)
    from trimtab.batch.score import ScoreOptions, score
    from trimtab.core.nulls import CSV_NULLS

    with _progress() as progress:
        options = ScoreOptions(
            keep="all" if keep == ("all",) else keep,
            refused=refused,
            overwrite=overwrite,
            batch_rows=batch_rows,
            nulls=nulls or CSV_NULLS,
            progress=progress,
        )
        report = score(found.load(alone=True), found.signature, file, output, options)
    if as_json:
        counts = {"rows": report.rows, "refused": report.refused, "seconds": report.seconds}
        out_json(counts | {"bundle": found.digest, "output": str(output)})
        return
    fact("scored", f"{_rows(report.rows)} in {report.seconds:.1f} s, {report.rows_per_s:.0f} rows/s")
    if report.refused:
        fact("refused", f"{_rows(report.refused)}, listed in {refused}")
    fact("wrote", f"{output}  {size_text(output.stat().st_size)}")


def _rows(count: int) -> str:
    """`1 row`, `2 rows`."""
    return "1 row" if count == 1 else f"{count} rows"


@contextmanager
def _progress() -> Iterator[Callable[[int, int | None], None] | None]:
    """A bar on a terminal, nothing elsewhere."""
    if is_plain(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True))
    with bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
