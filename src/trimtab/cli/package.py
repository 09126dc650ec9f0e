"""`trimtab package`: the project's model and preparation code as one proved bundle."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from trimtab.cli.handing import hand_on, hand_on_option, must_hand_on
from trimtab.cli.options import json_option, store_at, store_option
from trimtab.cli.show import fact, out_json
from trimtab.project import Project, read_project

if TYPE_CHECKING:
    from trimtab.bundle.build import Recipe

__all__ = ["command", "recipe_of"]


@click.command("package")
@click.option("--compile/--no-compile", "compiled", default=None, help="Whether to make a native form of the model.")
@hand_on_option
@store_option
@json_option
def command(store_folder: Path | None, *, compiled: bool | None, hand_on_digest: bool, as_json: bool) -> None:
    """Package the model of this folder's trimtab.toml, and prove it.

    The bundle is loaded, and its golden rows are replayed, in a process that sees nothing else. Where the model has a
    native form that answers 100,000 made-up rows as the model does, that form goes into the bundle and is served.
    """
    if hand_on_digest:
        must_hand_on(os.environ)
    project = read_project(Path.cwd())
    from trimtab.bundle.build import package

    said: dict[str, str] = {}

    def tell(topic: str, text: str) -> None:
        said[topic] = f"{said[topic]}\n{text}" if topic in said else text
        if not as_json:
            fact(topic, text)

    recipe = recipe_of(project)
    if compiled is not None:
        recipe = replace(recipe, compile=compiled)
    bundle = package(recipe, store_at(store_folder), tell)
    if hand_on_digest:
        hand_on(bundle.digest, os.environ)
    if as_json:
        out_json({"name": bundle.name, "digest": bundle.digest, "folder": str(bundle.folder), "said": said})


def recipe_of(project: Project) -> Recipe:
    """The recipe that a project file describes."""
    from trimtab.bundle.build import Recipe

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
        log=project.log,
        lock=model.lock,
        metrics=model.metrics,
        data=model.data,
        container=model.container,
        compile=model.compile,
    )
