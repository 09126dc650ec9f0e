"""`trimtab init`: a project file that says what was found, or nothing at all."""

import json

import pytest

from trimtab.project import read_project

WORDS = ("init", "churn", "--model", "own_model:predict")


@pytest.fixture
def bare(project):
    """The model and its sample, without a project file."""
    (project / "trimtab.toml").unlink()
    return project


def test_what_is_written_reads_back(type_in, bare):
    said = type_in(*WORDS, "--sample", "sample.jsonl")
    assert said == (0, "flavour    python\nsignature  x FP64\nwrote      trimtab.toml\n", "next: `trimtab package`\n")
    project = read_project(bare)
    assert (project.name, project.model.path, project.model.golden) == (
        "churn", "own_model:predict", bare / "sample.jsonl",
    )  # fmt: skip
    assert project.inputs["x"]["dtype"] == "FP64"


def test_without_a_sample_there_is_no_signature(type_in, bare):
    said = type_in(*WORDS, "--json")
    plain = json.loads(said.out)
    assert plain == {"file": str(bare / "trimtab.toml"), "name": "churn", "flavour": "python", "inputs": []}
    assert said.err == ""
    assert read_project(bare).inputs == {}


def test_a_file_that_is_there_is_kept_unless_told(type_in, project):
    before = (project / "trimtab.toml").read_text()
    said = type_in(*WORDS)
    assert said.status == 2
    assert "error[P121]" in said.err
    assert (project / "trimtab.toml").read_text() == before
    assert type_in(*WORDS, "--force").status == 0
    assert (project / "trimtab.toml").read_text() != before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("init", "No Name", "--model", "own_model:predict"), "P1"),
        (("init", "churn", "--model", "gone.joblib"), "P108"),
        ((*WORDS, "--sample", "gone.csv"), "P108"),
        ((*WORDS, "--prepare", "no function"), "P1"),
        (("init", "churn"), "P113"),
    ],
)
def test_what_is_wrong_is_exit_2_and_writes_nothing(type_in, bare, words, code):
    before = sorted(path.name for path in bare.iterdir())
    said = type_in(*words)
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}" in said.err
    assert sorted(path.name for path in bare.iterdir()) == before
