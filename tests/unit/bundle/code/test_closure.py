import importlib
import sys

import pytest

from trimtab.bundle.code.closure import find_closure
from trimtab.bundle.code.local import Project, project_of
from trimtab.core.errors import UserError


@pytest.fixture
def project(tmp_path):
    def make(files, more=()):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return project_of(tmp_path, more)

    return make


def test_absolute_relative_and_submodule_imports_are_followed_with_package_inits(project):
    made = project(
        {
            "prepare.py": "import numpy\nfrom feat import cols\nimport deep.er.still",
            "feat/__init__.py": "from .base import Base",
            "feat/base.py": "",
            "feat/cols.py": "from ..nowhere import x\nfrom . import names",
            "feat/names.py": "",
            "feat/unused.py": "",
            "deep/__init__.py": "",
            "deep/er/__init__.py": "",
            "deep/er/still.py": "from deep import er",
            "train.py": "import prepare",
        }
    )
    closure = find_closure(["prepare"], made)
    assert list(closure.files) == [
        "deep/__init__.py",
        "deep/er/__init__.py",
        "deep/er/still.py",
        "feat/__init__.py",
        "feat/base.py",
        "feat/cols.py",
        "feat/names.py",
        "prepare.py",
    ]
    assert closure.modules == (
        "deep", "deep.er", "deep.er.still", "feat", "feat.base", "feat.cols", "feat.names", "prepare",
    )  # fmt: skip
    assert list(closure.external) == ["numpy"]
    assert closure.external["numpy"].endswith("prepare.py:1")


def test_conditional_and_lazy_imports_are_followed_and_cycles_end(project):
    made = project(
        {
            "a.py": "try:\n    import b\nexcept ImportError:\n    pass\ndef f():\n    import c",
            "b.py": "import a",
            "c.py": "import a, b",
        }
    )
    assert list(find_closure(["a"], made).files) == ["a.py", "b.py", "c.py"]


def test_a_star_import_takes_the_submodules_named_in_all(project):
    made = project(
        {"a.py": "from pkg import *", "pkg/__init__.py": "__all__ = ['one']", "pkg/one.py": "", "pkg/two.py": ""}
    )
    assert "pkg/one.py" in find_closure(["a"], made).files
    assert "pkg/two.py" not in find_closure(["a"], made).files


def test_a_src_layout_keeps_its_place_relative_to_src(project):
    made = project({"src/churn/__init__.py": "", "src/churn/prep.py": "import helper", "helper.py": ""})
    assert list(find_closure(["churn.prep"], made).files) == ["churn/__init__.py", "churn/prep.py", "helper.py"]


def test_a_folder_without_init_is_a_package_and_gives_way_to_an_installed_module(project):
    made = project({"a.py": "import tools.x\nimport yaml.notes", "tools/x.py": "", "yaml/notes.py": ""})
    closure = find_closure(["a"], made)
    assert list(closure.files) == ["a.py", "tools/x.py"]
    assert list(closure.external) == ["yaml"]


def test_an_editable_install_of_the_users_own_project_is_local(project, tmp_path):
    made = project({"lib/own_editable/__init__.py": "import own_editable.deep", "lib/own_editable/deep.py": ""})

    class Editable:  # what setuptools puts on the meta path
        @staticmethod
        def find_spec(name, *_):
            if name != "own_editable":
                return None
            folder = tmp_path / "lib" / name
            return importlib.util.spec_from_file_location(
                name, folder / "__init__.py", submodule_search_locations=[str(folder)]
            )

    sys.meta_path.append(Editable)
    try:
        closure = find_closure(["own_editable"], made)
    finally:
        sys.meta_path.remove(Editable)
    assert list(closure.files) == ["own_editable/__init__.py", "own_editable/deep.py"]


def test_a_path_entry_inside_the_project_counts_and_one_outside_does_not(project, tmp_path, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "foreign_thing.py").write_text("")
    (tmp_path / "code").mkdir()
    sys.path += [str(tmp_path / "code"), str(outside)]
    try:
        made = project({"a.py": "import inner_thing\nimport foreign_thing", "code/inner_thing.py": ""})
        closure = find_closure(["a"], made)
    finally:
        del sys.path[-2:]
    assert list(closure.files) == ["a.py", "inner_thing.py"]
    assert list(closure.external) == ["foreign_thing"]


@pytest.mark.parametrize("folder", ["venv/lib/python3/site-packages", "env/code"])
def test_virtual_environments_in_the_project_are_never_local(project, tmp_path, folder):
    made = project({"a.py": "import third_party_thing", f"{folder}/third_party_thing.py": "", "env/pyvenv.cfg": ""})
    made = Project(made.root, (*made.entries, tmp_path / folder), made.installed)
    assert list(find_closure(["a"], made).files) == ["a.py"]


def test_a_module_that_hides_the_standard_library_is_refused_with_another_name(project):
    made = project({"a.py": "import random", "random.py": ""})
    with pytest.raises(UserError) as caught:
        find_closure(["a"], made)
    (problem,) = caught.value.problems
    assert problem.code == "P240"
    assert "`my_random.py`" in problem.hint


def test_a_hiding_module_that_nobody_imports_is_no_problem(project):
    assert list(find_closure(["a"], project({"a.py": "import json", "random.py": ""})).files) == ["a.py"]


def test_all_syntax_errors_are_named_with_file_and_line(project):
    made = project({"a.py": "import b, c", "b.py": "\n\ndef f(:\n", "c.py": "x = = 1"})
    with pytest.raises(UserError) as caught:
        find_closure(["a"], made)
    assert [problem.code for problem in caught.value.problems] == ["P251", "P251"]
    assert caught.value.problems[0].where.endswith("b.py:3")
    assert caught.value.problems[1].where.endswith("c.py:1")


def test_a_compiled_module_of_the_project_is_refused(project):
    made = project({"a.py": "import fast_thing", f"fast_thing{importlib.machinery.EXTENSION_SUFFIXES[0]}": ""})
    with pytest.raises(UserError) as caught:
        find_closure(["a"], made)
    assert [problem.code for problem in caught.value.problems] == ["P253"]


def test_nothing_but_python_files_is_taken(project):
    made = project(
        {"a.py": "import pkg", "pkg/__init__.py": "", "pkg/.env": "SECRET=1", "pkg/key.pem": "x", ".env": "y"}
    )
    assert list(find_closure(["a"], made).files) == ["a.py", "pkg/__init__.py"]


def test_trimtab_itself_is_never_local(project):
    made = project({"a.py": "import trimtab", "trimtab/__init__.py": ""})
    assert list(find_closure(["a"], made).files) == ["a.py"]


def test_a_link_in_the_project_is_followed(project, tmp_path, tmp_path_factory):
    shared = tmp_path_factory.mktemp("shared") / "common_thing.py"
    shared.write_text("")
    made = project({"a.py": "import common_thing"})
    (tmp_path / "common_thing.py").symlink_to(shared)
    assert list(find_closure(["a"], made).files) == ["a.py", "common_thing.py"]
