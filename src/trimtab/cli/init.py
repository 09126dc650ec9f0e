"""`trimtab init`: a trimtab.toml for a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from trimtab.cli.options import json_option
from trimtab.cli.show import fact, out_json, say
from trimtab.core.errors import Problem, UserError
from trimtab.project import PROJECT_FILE
from trimtab.project.files import file_fault, is_reference, source_fault
from trimtab.project.keys import KEYS
from trimtab.project.parse import Wrong, parse
from trimtab.project.write import project_text

if TYPE_CHECKING:
    from trimtab.core.signature import Field

__all__ = ["command"]

_KEYS = {key.path: key for key in KEYS}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the command line asks for."""

    name: str
    model: str
    prepare: str | None
    sample: str | None


@click.command("init")
@click.argument("name")
@click.option("--model", required=True, metavar="PATH", help="The trained model: a file, a folder, or `module:attr`.")
@click.option("--prepare", metavar="M:F", help="The function that prepares rows, as `module:function`.")
@click.option("--sample", metavar="FILE", help="Rows the model was trained on: Parquet, CSV or JSON lines.")
@click.option("--force", is_flag=True, help="Write over a trimtab.toml that is there.")
@json_option
def command(name: str, model: str, prepare: str | None, sample: str | None, force: bool, as_json: bool) -> None:  # noqa: PLR0913  # one a flag
    """Write a trimtab.toml for a trained model.

    The sample gives the signature, which can be edited in the file, and the golden rows that every copy of the
    bundle must answer as the model does here.
    """
    here = Path.cwd()
    wish = _Wish(name, model, prepare, sample)
    _refuse_faults(wish, here, force=force)
    flavour, fields = _found(wish, here)
    columns = [_plain(field) for field in fields]
    text = project_text(name, {"path": model, "prepare": prepare, "golden": sample}, columns)
    (here / PROJECT_FILE).write_text(text, "utf-8")
    if as_json:
        out_json({"file": str(here / PROJECT_FILE), "flavour": flavour, "inputs": columns})
        return
    fact("model", f"{model}  {flavour}")
    if fields:
        fact("signature", ", ".join(map(str, fields)))
    fact("wrote", PROJECT_FILE)
    say("next: `trimtab package`" if fields else "next: name a sample of rows as `golden`, then `trimtab package`")


def _refuse_faults(wish: _Wish, here: Path, *, force: bool) -> None:
    """UserError with everything that is wrong with the command line."""
    checks: list[tuple[str, object]] = [
        ("NAME", parse(_KEYS["name"], wish.name)),
        ("--model", None if is_reference(wish.model) else source_fault(here / wish.model, wish.model)),
        ("--prepare", wish.prepare and parse(_KEYS["model.prepare"], wish.prepare)),
        ("--sample", wish.sample and file_fault(here / wish.sample, wish.sample)),
    ]
    problems = [
        Problem(wrong.code, wrong.what, f"trimtab init {flag}", wrong.hint)
        for flag, wrong in checks
        if isinstance(wrong, Wrong)
    ]
    if (here / PROJECT_FILE).exists() and not force:
        problems.append(Problem("P115", f"`{PROJECT_FILE}` is there already", str(here), "`--force` writes over it"))
    if problems:
        raise UserError(*problems)


def _found(wish: _Wish, here: Path) -> tuple[str, Sequence[Field]]:
    """The model's flavour, and its inputs as the sample shows them, or as the model itself says."""
    from trimtab.bundle.modelsource import find_source
    from trimtab.bundle.recipe import Recipe
    from trimtab.bundle.rows import own_fields
    from trimtab.bundle.sample import read_sample

    model = wish.model if is_reference(wish.model) and not (here / wish.model).exists() else here / wish.model
    source = find_source(Recipe(name=wish.name, root=here, model=model))
    sample = here / wish.sample if wish.sample else source.sample
    if sample is not None:
        return source.flavour, read_sample(sample).fields
    return source.flavour, source.fields or own_fields(source.source)[0]


def _plain(field: Field) -> dict[str, Any]:
    """What a user may want to edit of a column; the rest is taken from the sample again when packaging."""
    from trimtab.core.signature import field_to_plain

    plain = field_to_plain(field)
    plain.pop("frame", None)
    if plain["shape"] == [-1]:
        del plain["shape"]
    return plain
