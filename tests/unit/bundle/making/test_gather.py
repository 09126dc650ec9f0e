"""What user code raises while a bundle is made; recording itself is in test_build.py."""

from pathlib import Path

import pytest

from trimtab.bundle.code.local import importing, project_of
from trimtab.bundle.making.gather import gather, running_user_code
from trimtab.bundle.making.model import find_source
from trimtab.bundle.making.recipe import Recipe
from trimtab.core.errors import Problem, RefusedError, UserError


@pytest.fixture
def project(tmp_path):
    (tmp_path / "own_gather.py").write_text(
        "def clean(data): return data\n\n\ndef predict(data): return data\n\n\n"
        "def fail():\n    raise KeyError('gone')\n"
    )
    return project_of(tmp_path)


def run(what, project, function):
    with running_user_code(what, project, 60):
        function()


def leave(status):
    raise SystemExit(status)


def test_what_user_code_raises_is_told_with_its_own_lines(project):
    with importing(project):
        import own_gather

        with pytest.raises(UserError) as caught:
            run("it fails", project, own_gather.fail)
    (problem,) = caught.value.problems
    place = project.root / "own_gather.py"
    assert (problem.code, problem.where) == ("P284", f"{place}:8")
    assert problem.what == f"it fails: KeyError: 'gone'\n  {place}:8 in fail"


def test_leaving_the_process_is_an_error_too_and_ours_pass(project):
    with pytest.raises(UserError, match="SystemExit: 3"):
        run("it fails", project, lambda: leave(3))
    refused = RefusedError(Problem("P1", "no"))
    with pytest.raises(RefusedError) as caught:
        run("it fails", project, lambda: (_ for _ in ()).throw(refused))
    assert caught.value is refused


def gathered(project, **said):
    plain = {"name": "m", "root": project.root, "model": "own_gather:predict", "sample": {"x": [1.0]}}
    wanted = Recipe(**plain | said)
    with importing(project):
        return gather(wanted, find_source(wanted), project)


def test_the_parts_are_loaded_in_this_process(project):
    parts = gathered(project, prepare="own_gather:clean")
    assert (parts.flavour.name, parts.prepare(3), parts.rows.table.height) == ("python", 3, 1)
    assert gathered(project).prepare is None


@pytest.mark.parametrize(
    ("prepare", "hint"),
    [
        ("own_gather:claen", "did you mean `clean`?"),
        ("own_gone.deep:clean", "is `own_gone/deep.py` below the project folder?"),
    ],
)
def test_a_preparation_that_is_not_there_names_the_nearest(project, prepare, hint):
    with pytest.raises(UserError) as caught:
        gathered(project, prepare=prepare)
    assert [(problem.code, problem.hint) for problem in caught.value.problems] == [("P241", hint)]


def test_everything_that_is_wrong_is_said_at_once(project):
    with pytest.raises(UserError) as caught:
        gathered(project, model="own_gather:gone", prepare="own_gather:gone", sample=Path("gone.csv"))
    assert [problem.code for problem in caught.value.problems] == ["P217", "P241", "P272"]
