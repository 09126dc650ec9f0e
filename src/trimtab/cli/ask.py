"""`trimtab ask`: rows to a running server, answers back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import rich_click as click

from trimtab.cli.client import Asked, ask, parse_target
from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.serving import port_of
from trimtab.cli.show import aligned, out, out_json
from trimtab.core.errors import Problem, UserError
from trimtab.project import Project
from trimtab.project.files import file_fault

__all__ = ["command"]


@click.command("ask")
@click.argument("bundle", required=False, metavar="[BUNDLE|URL]")
@click.option("--rows", metavar="FILE|-|JSON", help="The rows, as JSON objects; the bundle's first golden row if absent.")
@click.option("--url", metavar="URL", help="Where the server is, if not where `trimtab serve` puts it.")
@store_option
@json_option
def command(bundle: str | None, rows: str | None, url: str | None, store_folder: Path | None, as_json: bool) -> None:
    """Ask a running server.

    Rows are one JSON object by column name, a list of them, or one a line; `-` reads them from standard input.
    """
    project = project_here()
    target = _target(bundle, url, project)
    asked = _rows(rows) if rows else [_golden_row(bundle, store_folder, project)]
    answer = ask(target, asked)
    if as_json:
        out_json(answer)
        return
    answered: list[dict[str, Any]] = answer["rows"]
    names = list(answered[0]) if answered else []
    out(aligned(names, [[row.get(name) for name in names] for row in answered]))


def _target(bundle: str | None, url: str | None, project: Project | None) -> Asked:
    """The model that the command line means: one of the server that `trimtab serve` would start, if it names none."""
    if bundle and "://" in bundle:
        return parse_target(bundle)
    if bundle is None and project is None:
        raise UserError(Problem("P113", "`BUNDLE` is missing", "trimtab ask", "`trimtab ask --help` shows its use"))
    name = Path(bundle).name if bundle and os.sep in bundle else bundle or (project.name if project else "")
    name = name.partition("@")[0].partition(":")[0]
    base = url.rstrip("/") if url else f"http://127.0.0.1:{port_of(None, project, os.environ)}"
    return parse_target(f"{base}/{name}")


def _rows(given: str) -> list[dict[str, Any]]:
    """The rows of `--rows`; P116 for what is none, with the line."""
    where = "--rows"
    if given == "-":
        text, where = sys.stdin.read(), "standard input"
    elif given.lstrip().startswith(("{", "[")):
        text = given
    else:
        if wrong := file_fault(Path(given), given):
            raise UserError(Problem(wrong.code, wrong.what, "trimtab ask --rows", wrong.hint))
        text, where = Path(given).read_text(), given
    found = _parsed(text, where)
    rows = found if isinstance(found, list) else found.get("rows", [found]) if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        hint = 'for example `--rows \'{"tenure": 12}\'`'
        raise UserError(Problem("P116", "the rows are no JSON objects by column name", where, hint))
    return rows


def _parsed(text: str, where: str) -> Any:
    """The value of JSON text, or of JSON lines as a list."""
    try:
        return json.loads(text)
    except ValueError as error:
        whole = error
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        if len(lines) > 1:
            return [json.loads(line) for line in lines]
    except ValueError:
        pass
    place = f"{where}:{whole.lineno}:{whole.colno}" if isinstance(whole, json.JSONDecodeError) else where
    raise UserError(Problem("P116", f"the rows are no JSON: {whole.args[0].partition(':')[0].lower()}", place))


def _golden_row(bundle: str | None, store_folder: Path | None, project: Project | None) -> dict[str, Any]:
    """The first golden row of the bundle as the rows dialect has it."""
    if bundle and "://" in bundle:
        raise UserError(Problem("P113", "`--rows` is missing: a URL has no golden rows", "trimtab ask"))
    found = bundle_of(bundle, store_at(store_folder), project)
    if found.manifest.golden is None:
        raise UserError(Problem("P113", f"`--rows` is missing: `{found.name}` has no golden rows", "trimtab ask"))
    body = json.loads((found.folder / "golden" / "request.json").read_text())
    return {tensor["name"]: first_row(tensor) for tensor in body["inputs"]}


def first_row(tensor: dict[str, Any]) -> Any:
    """The value of the first row of a tensor, as deep as its axes."""
    shape, data = tensor["shape"], tensor["data"]
    if len(data) == shape[0]:
        return data[0]
    value = data[: len(data) // shape[0]]
    for size in reversed(shape[2:]):
        value = [value[start : start + size] for start in range(0, len(value), size)]
    return value
