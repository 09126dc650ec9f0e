"""What would be packed is refused for one secret in it."""

import pytest

from trimtab.bundle.secrets.look import Budget
from trimtab.bundle.secrets.stage import search_stage
from trimtab.core.errors import UserError

KEY = "AKIA" + "Q3EGRTZ7" * 2
MARKED = f'A = "{KEY}"  # pragma: allowlist secret\n'


@pytest.fixture
def stage(tmp_path):
    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def problems(stage, before=None):
    with pytest.raises(UserError) as caught:
        search_stage(stage, before)
    return caught.value.problems


def test_every_place_is_named_and_never_the_secret(stage):
    found = problems(stage({"code/a.py": f"\nA = '{KEY}'", "golden/request.json": KEY, "model/m": f"\0{KEY}", "x": ""}))
    assert [problem.code for problem in found] == ["P249"] * 3
    assert [problem.where for problem in found] == ["code/a.py:2", "golden/request.json:1", "model/m, byte 1"]
    assert found[0].what == "access key of AWS, `AKIA****`, would be packed"
    assert not any(KEY[4:8] in str(problem) for problem in found)
    assert len({problem.hint for problem in found}) == 3


def test_a_hint_is_given_once(stage):
    found = problems(stage({"code/a.py": KEY, "code/b.py": KEY}))
    assert [bool(problem.hint) for problem in found] == [True, False]


def test_a_marked_line_is_packed(stage):
    searched = search_stage(stage({"code/a.py": MARKED}))
    assert list(searched.files) == ["code/a.py"]
    assert searched.cut == []


def test_only_what_is_new_or_changed_is_searched_again(stage):
    searched = search_stage(stage({"code/a.py": "1", "model/m": "2"}), budget=Budget(1 << 20, 60))
    assert [problem.where for problem in problems(stage({"model/m": KEY, "compiled/n": KEY}), searched)] == [
        "compiled/n:1",
        "model/m:1",
    ]
    searched = search_stage(stage({"code/a.py": MARKED, "model/m": "3", "compiled/n": "4"}), searched)
    assert search_stage(stage({}), searched, Budget(1, 60)).cut == []  # nothing was read


def test_a_file_that_is_never_packed_is_refused_by_its_name(stage):
    (problem,) = problems(stage({"code/.env": ""}))
    assert (problem.code, problem.where) == ("P250", "code/.env")
    assert "environment file" in problem.what


def test_a_flood_is_cut_with_its_size(stage):
    found = problems(stage({f"code/{number}.py": KEY for number in range(105)}))
    assert len(found) == 101
    assert found[-1].what == "5 more secrets would be packed"


def test_what_was_not_searched_to_its_end_is_known(stage):
    assert search_stage(stage({"model/m": "x" * 100}), budget=Budget(10, 60)).cut == ["model/m"]
