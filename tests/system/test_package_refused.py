"""What cannot be packaged: each fault is told with its code and its way out, and nothing is left behind."""

from __future__ import annotations

import os
import time

import pytest

from trimtab.bundle.proof.prove import run_proof
from trimtab.core.errors import RefusedError, UserError

DOUBLE = "def predict(data):\n    return [2 * value for value in data['x'].tolist()]\n"


def refused(workshop, kind=RefusedError, **recipe):
    """The only problem; the store must be as empty as before."""
    with pytest.raises(kind) as caught:
        workshop.package(**recipe)
    assert workshop.left_over() == []
    (problem,) = caught.value.problems
    return problem


def test_a_data_file_that_is_not_included_is_named_with_the_line_to_add(workshop):
    workshop.write(
        {"f.txt": "2"},
        model="from pathlib import Path\n\n\ndef predict(data):\n"
        "    return data['x'] * int((Path(__file__).parent / 'f.txt').read_text())\n",
    )
    problem = refused(workshop)
    assert problem.code == "P258"
    assert problem.where == "code/model.py:5 in predict"
    assert problem.hint == 'add `include = ["f.txt"]`'
    workshop.package(include=("f.txt",))


def test_a_path_of_this_machine_in_the_code_does_not_work_in_a_clean_process(workshop):
    workshop.write({"f.txt": "2"})
    workshop.write(
        model=f"def predict(data):\n    with open('{workshop.root}/f.txt') as file:\n"
        "        return data['x'] * int(file.read())\n"
    )
    problem = refused(workshop, include=("f.txt",))
    assert problem.code == "P258"
    assert 'open it as `Path(__file__).parent / "f.txt"`' in problem.hint


def test_code_that_relies_on_the_environment_of_the_training_process(workshop):
    workshop.write(
        model="import os\n\n\ndef predict(data):\n    return data['x'] * len(os.environ['USER_OF_TRAINING'])\n"
    )
    os.environ["USER_OF_TRAINING"] = "somebody"
    try:
        problem = refused(workshop)
    finally:
        del os.environ["USER_OF_TRAINING"]
    assert problem.code == "P259"
    assert "KeyError: 'USER_OF_TRAINING'" in problem.what
    assert problem.where == "code/model.py:5 in predict"


def test_an_answer_that_differs_names_column_row_and_both_values(workshop):
    workshop.write(
        model="import os\n\n\ndef predict(data):\n    bad = 'PYTEST_CURRENT_TEST' not in os.environ\n"
        "    return {'score': [value + bad * (value > 2) for value in data['x'].tolist()]}\n"
    )
    problem = refused(workshop)
    assert problem.code == "P280"
    assert problem.where == "output `score`, golden row 2"
    assert "`3.0` in training, `4.0` in a clean process" in problem.what


def test_an_answer_that_depends_on_the_rows_beside_it(workshop):
    workshop.write(model="def predict(data):\n    return data['x'] - data['x'].mean()\n")
    problem = refused(workshop)
    assert problem.code == "P281"
    assert "when asked alone" in problem.what


def test_a_row_that_fails_without_the_rows_beside_it(workshop):
    workshop.write(model="def predict(data):\n    assert len(data['x']) > 1, 'no spread'\n    return data['x']\n")
    problem = refused(workshop)
    assert problem.code == "P281"
    assert "fails when asked alone: AssertionError: no spread" in problem.what


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("os.kill(os.getpid(), 9)", "it ended with status -9"),
        ("print('last words', flush=True) or os._exit(3)", "it ended with status 3"),
    ],
)
def test_code_that_ends_the_process(workshop, end, said):
    workshop.write(
        model="import os\n\n\ndef predict(data):\n"
        f"    'PYTEST_CURRENT_TEST' in os.environ or {end}\n    return data['x']\n"
    )
    problem = refused(workshop)
    assert problem.code == "P256"
    assert said in problem.what
    assert ("last words" in problem.what) == ("last words" in end)


def test_code_that_hangs_is_ended(workshop, tmp_path_factory):
    mark = tmp_path_factory.mktemp("mark") / "hang"
    workshop.write(
        model="import os, time\n\n\ndef predict(data):\n"
        f"    os.path.exists({str(mark)!r}) and time.sleep(60)\n    return data['x']\n"
    )
    bundle = workshop.package()
    mark.touch()
    start = time.monotonic()
    proof = run_proof(bundle.folder, None, limit_s=2)
    assert time.monotonic() - start < 30
    assert proof.failure is not None
    assert proof.failure.message == "it took longer than 2 s"


def test_what_user_code_prints_does_not_disturb_the_proof(workshop):
    workshop.write(
        model="import sys\n\n\ndef predict(data):\n"
        "    print('{}'), sys.stderr.write('x' * 100000)\n    return data['x']\n"
    )
    assert workshop.package().golden().inputs.height == 3


def test_a_model_in_the_notebook_itself_is_to_be_moved(workshop):
    from sklearn.linear_model import LinearRegression

    local = type("Local", (LinearRegression,), {"__module__": "__main__"})
    problem = refused(workshop, UserError, model=local().fit([[0.0], [1.0]], [0.0, 1.0]), sample={"x": [1.0]})
    assert "__main__" in problem.what
    assert "module" in problem.hint


def test_all_that_is_wrong_is_said_at_once_and_names_the_nearest(workshop):
    workshop.write(
        model=DOUBLE,
        prepare="def clean(data):\n    return data\n\n\ndef _hidden(data):\n    return data\n",
    )
    with pytest.raises(UserError) as caught:
        workshop.package(prepare="prepare:claen", model="model:predcit", sample=None)
    problems = caught.value.problems
    assert [problem.code for problem in problems] == ["P217", "P241", "P285"]
    assert [problem.hint for problem in problems[:2]] == ["did you mean `predict`?", "did you mean `clean`?"]
    assert workshop.left_over() == []


def test_a_preparation_module_that_is_not_there(workshop):
    workshop.write(model=DOUBLE)
    problem = refused(workshop, UserError, prepare="prep.clean:rows")
    assert problem.code == "P241"
    assert "`prep/clean.py`" in problem.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import json\n\nraise ValueError('no licence')\n", "ValueError: no licence"),
        ("raise SystemExit(4)\n", "SystemExit: 4"),
        ("def clean(:\n", "SyntaxError"),
        ("import no_such_module_at_all\n", "No module named 'no_such_module_at_all'"),
    ],
)
def test_a_preparation_that_cannot_be_imported_names_its_line_not_ours(workshop, text, said):
    workshop.write(model=DOUBLE, prepare=text)
    problem = refused(workshop, UserError, prepare="prepare:clean")
    assert problem.code == "P284"
    assert said in problem.what
    assert "trimtab/bundle" not in problem.what


def test_an_exception_while_golden_rows_are_recorded(workshop):
    workshop.write(model="def predict(data):\n    return data['y']\n")
    problem = refused(workshop, UserError)
    assert problem.code == "P284"
    assert problem.where.endswith("model.py:2")
    assert "KeyError: 'y'" in problem.what


def test_a_local_module_that_hides_the_standard_library(workshop):
    workshop.write(model="import calendar\n" + DOUBLE, calendar="X = 1\n")
    problem = refused(workshop, UserError)
    assert problem.code == "P240"


def test_a_refused_package_leaves_the_last_good_one_and_the_lock_file(workshop):
    workshop.write(model="import numpy\n" + DOUBLE)
    workshop.lock_everything()
    good = workshop.package()
    lock = (workshop.root / "requirements.lock").read_bytes()
    workshop.write(model="import numpy\n" + DOUBLE.replace("2 * value", "value - min(data['x'])"))
    with pytest.raises(RefusedError):
        workshop.package()
    assert workshop.store.resolve("small").digest == good.digest
    assert len(workshop.store.list()) == 1
    assert (workshop.root / "requirements.lock").read_bytes() == lock
