"""A parsed file beside the table of keys."""

import pytest

from trimtab.core.errors import UserError
from trimtab.project.faults import Faults
from trimtab.project.keys import KEYS, Key
from trimtab.project.walk import TREE, walk

GOOD = {"name": "m", "model": {"path": "a:b"}}


def faults(raw):
    found = Faults("trimtab.toml", "")
    plain = walk(raw, found)
    with pytest.raises(UserError) as caught:
        found.raise_any()
    return plain, {(problem.code, problem.what, problem.hint) for problem in caught.value.problems}


def test_the_tree_holds_every_key_at_its_path():
    for key in KEYS:
        place = TREE
        for part in key.parts:
            place = place[part]
        assert isinstance(place, Key)
        assert place is key


def test_what_is_right_is_parsed_and_nothing_else_is_added():
    found = Faults("trimtab.toml", "")
    assert walk(GOOD, found) == {"name": "m", "model": {"path": "a:b"}}
    found.raise_any()


def test_an_unknown_key_names_the_nearest_of_its_table_and_is_left_out():
    plain, found = faults(GOOD | {"server": {"prot": 3}})
    assert found == {("P103", "no key `prot` in `[server]`", "did you mean `port`?")}
    assert plain["server"] == {}


def test_a_key_in_another_table_says_where_it_belongs():
    assert ("P103", "no key `golden`", "`golden` belongs in `[model]`") in faults(GOOD | {"golden": "a.csv"})[1]


@pytest.mark.parametrize("raw", [{}, {"model": {}}])
def test_every_required_key_that_is_missing_is_named(raw):
    assert {(code, what) for code, what, _ in faults(raw)[1]} == {
        ("P107", "`name` is missing"), ("P107", "`path` is missing in `[model]`"),
    }  # fmt: skip


def test_a_misspelt_required_key_is_one_fault_and_not_two():
    assert faults({"nmae": "m", "model": {"path": "a:b"}})[1] == {
        ("P103", "no key `nmae`", "did you mean `name`?"),
    }  # fmt: skip


def test_a_value_in_the_place_of_a_table_is_a_fault():
    assert {code for code, _, _ in faults(GOOD | {"server": 3})[1]} == {"P104"}
