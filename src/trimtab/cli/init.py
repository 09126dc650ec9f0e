"""`trimtab init`: a trimtab.toml that says what was found, to be edited by hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import rich_click as click

from trimtab.cli.options import json_option
from trimtab.cli.show import fact, out_json, say
from trimtab.core.errors import Problem, UserError
from trimtab.project import PROJECT_FILE, project_of
from trimtab.project.write import project_text

__all__ = ["command"]


@click.command("init")
@click.argument("name")
@click.option("--model", required=True, metavar="PATH|MODULE:ATTR", help="The trained model.")
@click.option("--prepare", default="", metavar="MODULE:FUNCTION", help="What turns raw rows into the model's input.")
@click.option("--sample", default="", metavar="FILE", help="Raw rows: Parquet, CSV or JSON lines.")
@click.option("--force", is_flag=True, help="Replace a trimtab.toml that is there.")
@json_option
def command(name: str, model: str, prepare: str, sample: str, *, force: bool, as_json: bool) -> None:
    """Write a trimtab.toml for a trained model.

    The signature is read from the sample and written out, so that it can be edited.
    """
    path = Path.cwd() / PROJECT_FILE
    if path.exists() and not force:
        raise UserError(Problem("P121", f"`{PROJECT_FILE}` is there already", str(path), "`--force` replaces it"))
    given = {"path": model, "prepare": prepare, "golden": sample}
    project_of(project_text(name, given), path, files=True)  # names every fault before anything is written
    fields = _fields(Path.cwd() / sample) if sample else []
    flavour = _flavour(model)
    text = project_text(name, given, fields)
    project_of(text, path, files=True)
    _write(path, text)
    if as_json:
        out_json({"file": str(path), "name": name, "flavour": flavour, "inputs": fields})
        return
    fact("flavour", flavour)
    if fields:
        fact("signature", ", ".join(f"{field['name']} {field['dtype']}" for field in fields))
    fact("wrote", PROJECT_FILE)
    say("next: `trimtab package`")


def _fields(sample: Path) -> list[dict[str, Any]]:
    """What the sample shows of each column, as the file says it."""
    from trimtab.bundle.sample.read import read_sample
    from trimtab.core.signature import field_to_plain

    return [field_to_plain(field) for field in read_sample(sample).fields]


def _flavour(model: str) -> str:
    """The flavour that can package the model; UserError when none can."""
    from trimtab.bundle.making.model import find_source
    from trimtab.bundle.making.recipe import Recipe
    from trimtab.project.files import is_reference

    source: Path | str = model if is_reference(model) else Path.cwd() / model
    return find_source(Recipe(name="init", root=Path.cwd(), model=source)).flavour


def _write(path: Path, text: str) -> None:
    """The whole file or none of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
