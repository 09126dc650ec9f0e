import pytest

from trimtab.bundle.code.local import project_of
from trimtab.bundle.proof.prove import Failure, Mismatch, Proof
from trimtab.bundle.proof.words import refusal


@pytest.fixture
def project(tmp_path):
    (tmp_path / "lookup").mkdir()
    (tmp_path / "lookup" / "a.csv").write_text("")
    (tmp_path / "prepare.py").write_text("")
    return project_of(tmp_path)


def told(proof, project, folder="/bundle"):
    from pathlib import Path

    (problem,) = refusal(proof, Path(folder), project).problems
    return problem


def failure(**said):
    return Proof(failure=Failure(**{"stage": "load", "type": "X", "message": "m", "frames": ("p.py:3 in f",), **said}))


def test_a_missing_module_names_it_the_line_and_the_way_out(project):
    problem = told(failure(module="cudf.core"), project)
    assert (problem.code, problem.where) == ("P257", "code/p.py:3 in f")
    assert "`cudf.core`" in problem.what
    assert "install what provides `cudf`" in problem.hint


def test_code_of_the_notebook_is_to_be_moved_into_a_module(project):
    assert "module of the project" in told(failure(module="__main__"), project).hint


def test_a_row_that_fails_alone_depends_on_its_neighbours(project):
    problem = told(failure(stage="alone", type="ValueError", message="NaN"), project)
    assert problem.code == "P281"
    assert "fails when asked alone: ValueError: NaN" in problem.what
    assert "from training" in problem.hint


def test_a_missing_submodule_of_the_project_is_a_wrong_name(project):
    assert "`prepare` of the project has no such module" in told(failure(module="prepare.gone"), project).what


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/bundle/code/lookup/a.csv", 'add `include = ["lookup/a.csv"]`'),
        ("lookup/a.csv", 'add `include = ["lookup/a.csv"]` and open it as `Path(__file__).parent / "a.csv"`'),
        ("{root}/lookup/a.csv", 'add `include = ["lookup/a.csv"]` and open it as `Path(__file__).parent / "a.csv"`'),
        ("/bundle/code/gone.csv", "put the file into the project and add it to `include`"),
        ("/elsewhere/gone.csv", "put the file into the project and add it to `include`"),
    ],
)
def test_a_missing_data_file_is_to_be_included(project, path, hint):
    problem = told(failure(path=path.format(root=project.root)), project)
    assert (problem.code, problem.hint) == ("P258", hint)


def test_a_missing_data_file_of_an_unknown_project_is_still_named():
    assert "`/bundle/code/x.csv`" in told(failure(path="/bundle/code/x.csv"), None).what


def test_an_exception_of_user_code_is_told_with_its_frames_only(project):
    problem = told(failure(type="KeyError", message="'plan'", trace="Traceback of ours"), project)
    assert problem.code == "P259"
    assert "KeyError: 'plan'" in problem.what
    assert "code/p.py:3 in f" in problem.what
    assert "Traceback of ours" not in problem.what


def test_a_process_that_died_shows_what_it_said_last(project):
    problem = told(failure(stage="process", message="it ended with status -11", trace="Segmentation fault"), project)
    assert problem.code == "P256"
    assert "status -11" in problem.what
    assert "Segmentation fault" in problem.what


def test_our_own_errors_pass_through_as_they_are(project):
    assert told(failure(problems=(("P209", "w", "at", "h"),)), project).code == "P209"


@pytest.mark.parametrize(("alone", "code"), [(False, "P280"), (True, "P281")])
def test_a_mismatch_names_column_row_and_both_values(project, alone, code):
    problem = told(Proof(mismatch=Mismatch("probability", 7, "0.25", "0.5", alone)), project)
    assert problem.code == code
    assert problem.where == "output `probability`, golden row 7"
    assert "`0.25`" in problem.what
    assert "`0.5`" in problem.what


def test_a_proof_that_is_ok_is_no_refusal(project):
    with pytest.raises(ValueError, match="the proof is ok"):
        told(Proof(), project)


def test_a_question_to_the_network_names_each_place_once(project):
    from pathlib import Path

    asked = (
        ("look up `a:1`", "p.py:3 in f"),
        ("reach `b:2`", ""),
        ("reach `a:1`", "p.py:3 in f"),
        ("x", "q.py:1 in g"),
    )
    problems = refusal(Proof(network=asked), Path("/bundle"), project).problems
    assert [(problem.code, problem.where) for problem in problems] == [
        ("P260", "code/p.py:3 in f"),
        ("P260", "code/q.py:1 in g"),
    ]
    assert "look up `a:1`" in problems[0].what


def test_a_library_that_cannot_do_without_the_network_is_no_failure_of_the_code(project):
    proof = Proof(failure=Failure("load", "X", "m", offline=True), network=(("look up `hub:443`", ""),))
    problem = told(proof, project)
    assert (problem.code, problem.where) == ("P260", "the clean process, in a library")


def test_what_a_library_tries_in_vain_is_no_fault():
    assert Proof(network=(("look up `hub:443`", ""),)).ok
