"""`trimtab package`: the recipe that a project file describes; the packaging itself is in tests/system."""

from pathlib import Path

import pytest

from trimtab.bundle.making.recipe import Recipe
from trimtab.cli.package import recipe_of
from trimtab.project import read_project
from trimtab.project.values import ModelPart, Project


def test_a_project_says_all_that_a_recipe_needs(project):
    recipe = recipe_of(read_project(project))
    assert (recipe.name, recipe.root, recipe.model) == ("churn", project, "own_model:predict")
    assert (recipe.sample, recipe.golden_rows) == (project / "sample.jsonl", 3)


def test_every_knob_of_the_model_reaches_the_recipe():
    model = ModelPart(
        Path("/p/m"), "a:b", "sklearn", "transform", Path("/p/s"), ("*.csv",), 7, 0.5, 0.25, "off", {"auc": 0.9},
        (Path("/p/d"),),
    )  # fmt: skip
    inputs, outputs = {"x": {"low": 0}}, {"y": {"high": 1}}
    assert recipe_of(Project(Path("/p/trimtab.toml"), "m", model, inputs, outputs)) == Recipe(
        name="m", root=Path("/p"), model=Path("/p/m"), prepare="a:b", sample=Path("/p/s"), flavour="sklearn",
        method="transform", include=("*.csv",), golden_rows=7, rtol=0.5, atol=0.25, inputs=inputs, outputs=outputs,
        lock="off", metrics={"auc": 0.9}, data=(Path("/p/d"),),
    )  # fmt: skip


def test_the_defaults_of_both_are_the_same():
    plain = recipe_of(Project(Path("/p/trimtab.toml"), "m", ModelPart("a:b")))
    assert plain == Recipe(name="m", root=Path("/p"), model="a:b")


@pytest.mark.usefixtures("here")
def test_a_folder_without_a_project_file_is_exit_2(type_in):
    said = type_in("package")
    assert (said.status, said.out) == (2, "")
    assert "error[P101]" in said.err


def test_what_is_wrong_with_the_model_is_said_before_a_store_is_made(type_in, project):
    (project / "own_model.py").write_text("import nothing_of_that_name\n")
    said = type_in("package")
    assert said.status == 2
    assert "nothing_of_that_name" in said.err
    assert list((project / ".trimtab").glob("bundles/*/*")) == []
