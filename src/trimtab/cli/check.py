"""`trimtab check`: whether the project file is in order, and whether a bundle is what it was when it was packaged."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from trimtab.cli.options import bundle_of, json_option, store_at, store_option
from trimtab.cli.show import fact, out_json, size_text
from trimtab.core.errors import Problem, UserError
from trimtab.project import PROJECT_FILE, Project, read_project

__all__ = ["command"]


@click.command("check")
@click.argument("bundle", required=False)
@store_option
@json_option
def command(bundle: str | None, store_folder: Path | None, as_json: bool) -> None:
    """Check the project file and a bundle.

    Without BUNDLE: the project file and the files it names, then the latest bundle of the project. Every digest is
    verified, and the golden rows are replayed in a clean process; exit status 1 says that they came out otherwise.
    """
