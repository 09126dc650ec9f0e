"""`trimtab pipeline`: written, compared, printed; a file of somebody else stays."""

import json
from pathlib import Path

import pytest

TOML = """\
name = "m"
[model]
path = "model:predict"
[release]
record = "git"
[env.dev]
branch = "main"
[pipeline]
by = "commit"
"""
FILE = ".github/workflows/trimtab.yml"


@pytest.fixture
def project(here: Path) -> Path:
    (here / "trimtab.toml").write_text(TOML)
    (here / ".git").mkdir()
    (here / "requirements").mkdir()
    (here / "requirements/release.txt").write_text("")
    return here


def test_it_is_written_and_then_the_same(project, type_in):
    assert type_in("pipeline") == (0, f"written    {FILE}\n", "")
    assert type_in("pipeline") == (0, f"same       {FILE}\n", "")
    assert type_in("pipeline", "--check") == (0, f"same       {FILE}\n", "")
    assert [path.name for path in (project / FILE).parent.iterdir()] == ["trimtab.yml"]


def test_what_is_printed_is_what_is_written(project, type_in):
    assert type_in("pipeline", "--print", "azure").out.startswith("# Rendered by `trimtab pipeline`")
    printed = type_in("pipeline", "--print", "github").out
    assert not (project / FILE).exists()
    type_in("pipeline")
    assert (project / FILE).read_text() == printed


def test_a_file_that_differs_is_shown_and_fails(project, type_in):
    type_in("pipeline")
    (project / "trimtab.toml").write_text(TOML.replace("main", "trunk"))
    said = type_in("pipeline", "--check")
    assert said.status == 1
    assert "-      - main\n+      - trunk\n" in said.out
    assert "error[P497]" in said.err
    as_json = json.loads(type_in("pipeline", "--check", "--json").out)
    assert [one["path"] for one in as_json["files"] if "trunk" in one["diff"]] == [FILE]
    assert "trunk" not in (project / FILE).read_text(), "nothing was written"


def test_a_file_that_is_missing_differs_too(project, type_in):
    said = type_in("pipeline", "--check")
    assert said.status == 1
    assert f"--- {FILE}\n+++ rendered\n" in said.out
    assert not (project / FILE).exists()


@pytest.mark.parametrize("text", ["name: ci\n", "", "\xff"])
def test_a_file_that_somebody_else_wrote_stays(project, type_in, text):
    (project / FILE).parent.mkdir(parents=True)
    (project / FILE).write_text(text, encoding="latin-1")
    said = type_in("pipeline")
    assert said.status == 2
    assert "error[P498]" in said.err
    assert (project / FILE).read_text(encoding="latin-1") == text
    assert type_in("pipeline", "--force").status == 0
    assert (project / FILE).read_text().startswith("# Rendered")


def test_both_kinds_and_from_a_folder_of_the_repository(project, type_in, monkeypatch):
    below = project / "models/m"
    below.mkdir(parents=True)
    (below / "trimtab.toml").write_text(TOML + 'kinds = ["github", "azure", "github"]\n')
    monkeypatch.chdir(below)
    assert type_in("pipeline").out == f"written    {FILE}\nwritten    azure-pipelines.yml\n"
    assert "working-directory: models/m\n" in (project / FILE).read_text()


def test_a_lock_that_is_not_there_is_said(project, type_in):
    (project / "requirements/release.txt").unlink()
    said = type_in("pipeline")
    assert said.status == 0
    assert "`requirements/release.txt`" in said.err


def test_what_cannot_be_rendered_leaves_nothing(project, type_in):
    (project / "trimtab.toml").write_text(TOML.replace('record = "git"', 'record = "local"'))
    said = type_in("pipeline")
    assert said.status == 2
    assert "error[P496]" in said.err
    assert not (project / ".github").exists()
