"""What the guard lets through; a process that wears it is in tests/system."""

import sys
from importlib.metadata import DistributionFinder

import pytest

from trimtab.bundle.code.local import project_of
from trimtab.bundle.proof.guard import Guard, Rules


def guard(rules):
    """A guard that asks this process's finders, without taking their place."""
    made = Guard(rules)
    made._finders = list(sys.meta_path)
    return made


@pytest.mark.parametrize(
    ("name", "found"), [("packaging", True), ("iniconfig", False), ("json", True), ("trimtab", True)]
)
def test_only_locked_modules_the_standard_library_and_trimtab_are_found(name, found):
    made = guard(Rules(tops=frozenset({"packaging"})))
    assert (made.find_spec(name, None) is not None) is found
    assert made.seen.held == (set() if found else {name})


def test_without_a_lock_all_that_is_installed_is_found():
    assert guard(Rules()).find_spec("iniconfig", None) is not None


def test_a_module_that_is_nowhere_is_not_held_back():
    made = guard(Rules(tops=frozenset()))
    assert made.find_spec("no_such_module", None) is None
    assert made.seen.held == set()


def test_the_hidden_project_is_as_if_it_were_not_installed(tmp_path, monkeypatch):
    (tmp_path / "own_hidden.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert guard(Rules()).find_spec("own_hidden", None) is not None
    made = guard(Rules(hidden=project_of(tmp_path)))
    assert made.find_spec("own_hidden", None) is None
    assert made.seen.held == {"own_hidden"}


def test_who_asked_for_what_is_noted_by_top_level_names():
    made = guard(Rules())
    made._note("own.deep", "packaging.version")
    made._note("own", "json.decoder")
    assert made.seen.asked == {("own", "packaging")}


def test_metadata_are_those_of_the_locked_distributions():
    def names(rules):
        return {found.name for found in guard(rules).find_distributions(DistributionFinder.Context())}

    assert names(Rules(tops=frozenset(), distributions=frozenset({"packaging"}))) == {"packaging"}
    assert {"packaging", "iniconfig"} <= names(Rules())


def test_loaded_modules_are_told_without_the_standard_library_and_ours():
    modules = guard(Rules()).modules()
    assert modules["pytest"].endswith(".py")
    assert not {"json", "sys", "trimtab", "trimtab.bundle", "__main__"} & set(modules)
