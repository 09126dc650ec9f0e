"""`trimtab package`: the project's model, preparation code and golden rows as one proved bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from trimtab.cli.options import json_option, store_at, store_option
from trimtab.cli.show import fact, out_json, say
from trimtab.project import Project, read_project

if TYPE_CHECKING:
    from trimtab.bundle.recipe import Recipe

__all__ = ["command", "recipe_of"]


@click.command("package")
@store_option
@click.option("--name", "alias", metavar="ALIAS", help="Name this bundle `NAME:ALIAS` as well.")
@json_option
def command(store_folder: Path | None, alias: str | None, as_json: bool) -> None:
    """Package the model of trimtab.toml as a bundle and prove it.

    The bundle is loaded in a clean process that sees nothing else, and must answer the golden rows as the model
    does here. Exit status 1 says that it did not.
    """
    from trimtab.bundle.build import package

    project = read_project(Path.cwd())
    store = store_at(store_folder)
    bundle = package(recipe_of(project), store, _quiet if as_json else fact)
    if alias:
        store.tag(bundle.name, alias, bundle.digest)
    if as_json:
        names = {"name": bundle.name, "digest": bundle.digest, "folder": str(bundle.folder), "alias": alias}
        out_json(names | {"signature": bundle.manifest.signature, "flavour": bundle.manifest.flavour})
    elif alias:
        say(f"`{bundle.name}:{alias}` is this bundle now")


def recipe_of(project: Project) -> Recipe:
    """What the project file asks to be packaged."""
    from trimtab.bundle.recipe import Recipe

    model = project.model
    return Recipe(
        name=project.name,
        root=project.folder,
        model=model.path,
        prepare=model.prepare,
        sample=model.golden,
        flavour=model.flavour,
        method=model.method,
        include=model.include,
        golden_rows=model.rows,
        rtol=model.rtol,
        atol=model.atol,
        inputs=project.inputs,
        outputs=project.outputs,
        lock=model.lock,
        metrics=model.metrics,
        data=model.data,
    )


def _quiet(word: str, text: str) -> None:
    """The lines for people, where a program reads."""
    say(f"{word:<10} {text}")
