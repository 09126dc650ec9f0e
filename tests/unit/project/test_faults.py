import pytest

from trimtab.core.errors import UserError
from trimtab.project.faults import Faults
from trimtab.project.wrong import Wrong

TEXT = 'name = "m"\n\n[model]\npath = "a"\nrows = 3\n'


def test_faults_come_in_the_order_of_their_lines_with_their_places():
    faults = Faults("trimtab.toml", TEXT)
    faults.add(("model", "rows"), Wrong("P104", "second", "mend"))
    faults.add(("name",), Wrong("P103", "first"))
    faults.add(("model", "gone"), Wrong("P107", "nowhere"))
    with pytest.raises(UserError) as caught:
        faults.raise_any()
    found = {problem.what: (problem.code, problem.where, problem.hint) for problem in caught.value.problems}
    assert found["second"] == ("P104", "trimtab.toml:5 model.rows", "mend")
    assert found["first"] == ("P103", "trimtab.toml:1 name", "")
    assert found["nowhere"][1].startswith("trimtab.toml")
    lines = [problem.what for problem in caught.value.problems if problem.what != "nowhere"]
    assert lines == ["first", "second"]


def test_no_fault_is_no_error():
    faults = Faults("trimtab.toml", TEXT)
    faults.add_if(("name",), None)
    faults.raise_any()
    faults.add_if(("name",), Wrong("P1", "x"))
    with pytest.raises(UserError):
        faults.raise_any()
