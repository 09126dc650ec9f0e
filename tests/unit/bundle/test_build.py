"""What packaging refuses before any process is started; the rest is in tests/system."""

import numpy as np
import pytest

from trimtab.bundle.build import Recipe, package
from trimtab.bundle.code.local import importing, project_of
from trimtab.bundle.making.gather import gather, record, running_user_code
from trimtab.bundle.making.model import ModelSource, find_source
from trimtab.bundle.store import Store
from trimtab.core.errors import Problem, UserError


@pytest.fixture
def project(tmp_path):
    (tmp_path / "own_model.py").write_text(
        "import numpy as np\n\n\ndef predict(data):\n    return {'score': np.stack([data['x']] * 3, axis=1)}\n"
    )
    return project_of(tmp_path)


def recipe(project, **changed):
    plain = {"name": "m", "root": project.root, "model": "own_model:predict", "sample": {"x": np.arange(11.0)}}
    return Recipe(**{**plain, **changed})


def recorded(project, wanted, classes):
    with importing(project):
        return record(wanted, gather(wanted, find_source(wanted), project), project, classes)


def test_everything_wrong_with_values_files_and_model_is_said_before_anything_runs(project):
    (project.root / "own_model.py").write_text("raise SystemExit('must not run')")
    wanted = recipe(project, name="No Name", model=project.root / "gone.joblib", include=("nothing*",), golden_rows=0)
    with pytest.raises(UserError) as caught:
        package(wanted, Store(project.root / "store"))
    assert sorted(problem.code for problem in caught.value.problems) == ["P282", "P282", "P283", "P283"]
    assert not (project.root / "store").exists()


def test_golden_rows_and_signature_come_from_this_process(project):
    signature, golden = recorded(project, recipe(project, golden_rows=3, rtol=0.5, atol=0.25), {})
    assert str(signature) == "x FP64[-1] -> score FP64[-1,3]"
    assert signature.container == "arrays"
    assert golden.inputs.columns["x"].values.tolist() == [0.0, 5.0, 10.0]
    assert golden.outputs["score"].tolist() == [[0.0] * 3, [5.0] * 3, [10.0] * 3]
    assert (golden.rtol, golden.atol) == (0.5, 0.25)


def test_more_golden_rows_than_the_sample_has_are_all_of_it(project):
    _, golden = recorded(project, recipe(project, golden_rows=10_000), {})
    assert golden.inputs.height == 11


@pytest.mark.parametrize(
    ("classes", "categories"),
    [({"score": ("a", "b", "c")}, ("a", "b", "c")), ({"score": ("a", "b")}, None), ({"other": ("a", "b", "c")}, None)],
)
def test_columns_of_an_output_are_named_by_their_classes(project, classes, categories):
    signature, _ = recorded(project, recipe(project), classes)
    assert signature.outputs[0].categories == categories


def test_faults_of_model_preparation_and_sample_are_gathered(project):
    wanted = recipe(project, model="own_model:nothing", prepare="own_model:nobody", sample={"x": []})
    with pytest.raises(UserError) as caught, importing(project):
        gather(wanted, ModelSource("own_model:nothing", "python"), project)
    assert [problem.code for problem in caught.value.problems][:2] == ["P217", "P241"]
    assert len(caught.value.problems) == 3


def test_our_own_errors_pass_through_user_code_unchanged(project):
    error = UserError(Problem("P000", "what"))
    with pytest.raises(UserError) as caught, running_user_code("it fails", project, 60):
        raise error
    assert caught.value is error


def test_an_interrupt_is_not_an_error_of_user_code(project):
    with pytest.raises(KeyboardInterrupt), running_user_code("it fails", project, 60):
        raise KeyboardInterrupt
