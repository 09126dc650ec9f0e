from pathlib import Path

import pytest

from trimtab.bundle.making.recipe import Recipe, included, recipe_faults
from trimtab.core.errors import UserError


@pytest.fixture
def project(tmp_path):
    for name in ("model.joblib", "sample.parquet", "lookup/a.csv", "lookup/b.csv", ".venv/c.csv", "train.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def recipe(root, **changed):
    return Recipe(**{"name": "churn", "root": root, "model": root / "model.joblib", **changed})


def test_a_recipe_in_order_has_no_faults(project):
    assert (
        recipe_faults(
            recipe(project, prepare="feat.prepare:clean", sample=project / "sample.parquet", include=("lookup/*.csv",))
        )
        == []
    )


def test_every_fault_is_named_at_once(project):
    faults = recipe_faults(
        recipe(
            project,
            name="Churn!",
            model=project / "modle.joblib",
            prepare="prepare.py",
            sample=project / "lookup",
            include=("none/*.csv", "../secret"),
            data=(project / "gone.csv",),
            golden_rows=0,
            rtol=float("nan"),
            lock="pylokc",
        )
    )
    assert sorted(fault.code for fault in faults) == ["P282"] * 5 + ["P283"] * 5
    hints = {fault.what: fault.hint for fault in faults}
    assert hints["model `modle.joblib` does not exist"] == "did you mean `model.joblib`?"
    assert hints["there is no lock `pylokc`"] == "did you mean `pylock`?"
    assert hints["prepare `prepare.py` is not `module:name`"] == "name the module as an import does: `prepare:name`"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("prepare", "`prepare:name`, such as `prepare:clean`"),
        ("src/feat/prep.py:clean", "name the module as an import does: `src.feat.prep:name`"),
        ("prepare:", "`prepare:name`, such as `prepare:clean`"),
    ],
)
def test_a_function_in_another_form_is_shown_the_right_one(project, word, hint):
    (fault,) = recipe_faults(recipe(project, prepare=word))
    assert fault.hint == hint


def test_a_model_may_be_a_reference_an_object_or_an_mlflow_folder(project):
    (project / "lookup" / "MLmodel").write_text("")
    for model in ("model:predict", object(), project / "lookup"):
        assert recipe_faults(recipe(project, model=model)) == []
    (fault,) = recipe_faults(recipe(project, model="model"))
    assert fault.code == "P283"


def test_a_model_folder_that_is_not_mlflows_is_refused(project):
    (fault,) = recipe_faults(recipe(project, model=project / "lookup"))
    assert fault.what == "model `lookup` is a folder"


@pytest.mark.usefixtures("modes_count")
def test_a_file_that_may_not_be_read_is_named(project):
    (project / "model.joblib").chmod(0)
    (fault,) = recipe_faults(recipe(project))
    assert "cannot be read" in fault.what


def test_a_project_folder_that_is_not_there_is_the_only_fault_of_files():
    (fault,) = recipe_faults(recipe(Path("/no/such/folder"), include=("*.csv",)))
    assert fault.code == "P282"


def test_included_files_keep_their_place_and_environments_are_not_searched(project):
    assert list(included(project, ("**/*.csv",))) == ["lookup/a.csv", "lookup/b.csv", "train.csv"]


def test_a_link_that_leads_out_of_the_project_is_not_taken(project, tmp_path_factory):
    secret = tmp_path_factory.mktemp("home") / "key.csv"
    secret.write_text("secret")
    (project / "lookup" / "key.csv").symlink_to(secret)
    assert "lookup/key.csv" not in included(project, ("lookup/*.csv",))


@pytest.mark.parametrize("pattern", ["/etc/*", "../x", "a/../../x", "", " "])
def test_a_pattern_that_leads_out_of_the_project_is_refused(project, pattern):
    with pytest.raises(UserError, match="leads out of the project"):
        included(project, (pattern,))


def test_what_is_secret_by_its_name_is_passed_over_by_a_pattern_and_refused_alone(project):
    (project / ".env").write_text("X=1")
    (project / "lookup/tls.pem").write_text("-----BEGIN PRIVATE KEY-----")
    (project / "lookup/ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    assert list(included(project, ("lookup/*",))) == ["lookup/a.csv", "lookup/b.csv", "lookup/ca.pem"]
    with pytest.raises(UserError) as caught:
        included(project, ("lookup/tls.pem", ".env"))
    assert [problem.code for problem in caught.value.problems] == ["P250", "P250"]
    assert [fault.code for fault in recipe_faults(recipe(project, include=(".env",)))] == ["P250"]
