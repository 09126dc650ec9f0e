"""`trimtab ask`: one question to a running server."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.access import Access, access_of, access_options
from trimtab.cli.client import Asked, ask, listen, parse_target
from trimtab.cli.options import bundle_of, json_option, project_here, store_at, store_option
from trimtab.cli.parts import Lines
from trimtab.cli.serving import port_of
from trimtab.cli.show import aligned, out, out_json
from trimtab.core.errors import Problem, UserError

if TYPE_CHECKING:
    from trimtab.bundle.read import Bundle

__all__ = ["command"]


@click.command("ask")
@click.argument("target", metavar="BUNDLE|URL")
@click.option(
    "--rows", default=None, metavar="FILE|-|JSON", help="JSON rows; the bundle's first golden row if not said."
)
@click.option("--url", default=None, metavar="URL", help="The server, if not the one of this machine.")
@click.option("--stream", is_flag=True, help="Show each part of the answer when it is there.")
@access_options
@store_option
@json_option
def command(
    target: str, rows: str | None, store_folder: Path | None, *, stream: bool, as_json: bool, **said: Any
) -> None:
    """Ask a running server, by column names.

    BUNDLE is what `trimtab serve` was given, a name or a folder; a URL such as `http://127.0.0.1:8080/churn` says the
    server too. The key or token that the server asks for comes from $TRIMTAB_API_KEY, $TRIMTAB_TOKEN or --key-from.
    """
    given = None if rows is None else _rows(rows)
    if "://" in target:
        if given is None:
            hint = """such as `--rows '[{"tenure": 3}]'`"""
            raise UserError(Problem("P113", "`--rows` is missing: a URL has no golden rows", "trimtab ask", hint))
        asked = parse_target(target)
    else:
        base = said["url"] or f"http://127.0.0.1:{port_of(None, project_here(), os.environ)}"
        name, given = _named(target, given, store_folder)
        asked = parse_target(f"{base.rstrip('/')}/{name}")
    access = access_of(asked.base, said)
    if stream:
        _follow(asked, given, access, as_json=as_json)
    else:
        _print(ask(asked, given, access), asked, as_json=as_json)


def _rows(text: str) -> list[dict[str, Any]]:
    """Rows from a file, from stdin or from the text itself: a list of objects, or one object."""
    where = "--rows"
    if text == "-":
        text, where = sys.stdin.read(), "standard input"
    elif not text.lstrip().startswith(("[", "{")):
        where = text
        try:
            text = Path(text).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise UserError(Problem("P115", f"`{where}` cannot be read: {said.lower()}", "--rows")) from None
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(Problem("P115", f"these rows are no JSON: {error}", where)) from None
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        hint = 'a list of objects by column name: `[{"tenure": 3}]`'
        raise UserError(Problem("P115", "these are no rows", where, hint))
    return rows


def _named(
    reference: str, given: list[dict[str, Any]] | None, store_folder: Path | None
) -> tuple[str, list[dict[str, Any]]]:
    """The name a bundle is served under, and the rows: its first golden row if none are given.

    A name with rows is taken at its word, so that it can be asked where the bundle is not.
    """
    from trimtab.bundle.read import MANIFEST
    from trimtab.bundle.reference import parse_reference

    wanted = parse_reference(reference)
    if given is not None and wanted is not None and wanted.name and not Path(reference, MANIFEST).is_file():
        return wanted.name, given
    bundle = bundle_of(reference, store_at(store_folder), None)
    return bundle.name, _golden_row(bundle) if given is None else given


def _golden_row(bundle: Bundle) -> list[dict[str, Any]]:
    """The first golden row of the bundle, as the rows dialect writes it."""
    from trimtab.server.endpoint import Endpoint
    from trimtab.server.examples import example_rows

    endpoint = Endpoint(bundle.name, bundle)
    endpoint.golden = bundle.golden()
    rows = example_rows(endpoint)
    if not rows:
        raise UserError(Problem("P113", "`--rows` is missing: the bundle has no golden rows", "trimtab ask"))
    return rows


def _print(answer: dict[str, Any], asked: Asked, *, as_json: bool) -> None:
    if as_json:
        out_json(answer | {"url": f"{asked.base}{asked.path}"})
        return
    rows = answer["rows"]
    names = list(rows[0]) if rows else []
    out(aligned(names, [[row[name] for name in names] for row in rows]) if rows else "no rows")


def _follow(asked: Asked, rows: list[dict[str, Any]], access: Access, *, as_json: bool) -> None:
    """Each part at once: as lines of a table, or each event as a line of JSON."""
    lines = Lines()
    for name, data in listen(asked, rows, access):
        if as_json:
            out_json({"event": name} | data | ({} if name == "part" else {"url": f"{asked.base}{asked.path}"}))
        elif name == "part":
            for line in lines.of(data["rows"]):
                out(line)
