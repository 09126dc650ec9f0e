import sys
from dataclasses import replace

import pytest

from trimtab.bundle.code.local import importing, is_standard, loaded_modules, project_of


@pytest.fixture
def project(tmp_path):
    (tmp_path / "ours_one.py").write_text("VALUE = 1")
    return project_of(tmp_path)


def test_modules_are_found_inside_only_and_nothing_is_left_behind(project):
    path = list(sys.path)
    with importing(project):
        import ours_one  # type: ignore[import-not-found]  # made by the fixture

        assert ours_one.VALUE == 1
        assert set(loaded_modules(project)) == {"ours_one"}
        assert sys.dont_write_bytecode
    assert "ours_one" not in sys.modules
    assert sys.path == path
    with pytest.raises(ModuleNotFoundError):
        __import__("ours_one")


def test_changed_code_is_seen_the_second_time(project):
    seen = []
    for value in (1, 2):
        (project.root / "ours_one.py").write_text(f"VALUE = {value}")
        with importing(project):
            seen.append(__import__("ours_one").VALUE)
    assert seen == [1, 2]


def test_what_was_loaded_before_is_loaded_again_and_then_put_back(project):
    sys.path.insert(0, str(project.root))
    try:
        before = __import__("ours_one")
        with importing(project):
            assert __import__("ours_one") is not before
        assert sys.modules["ours_one"] is before
        with importing(project, {"ours_one"}):
            assert __import__("ours_one") is before
    finally:
        sys.path.remove(str(project.root))
        del sys.modules["ours_one"]


def test_all_is_put_back_after_an_error(project):
    path = list(sys.path)
    with pytest.raises(AttributeError), importing(project):
        __import__("ours_one").no_such_name  # noqa: B018  # it is the access that fails
    assert sys.path == path
    assert "ours_one" not in sys.modules


def test_a_package_called_src_is_no_layout(tmp_path):
    (tmp_path / "src").mkdir()
    assert project_of(tmp_path).entries == (tmp_path, tmp_path / "src")
    (tmp_path / "src" / "__init__.py").write_text("")
    assert project_of(tmp_path).entries == (tmp_path,)


def test_owns_neither_what_lies_beside_nor_what_climbs_out(project, tmp_path):
    assert project.owns(tmp_path / "deep" / "x.py")
    assert not project.owns(f"{tmp_path}-other/x.py")
    assert not project.owns(tmp_path / ".." / "x.py")
    assert not project.owns(tmp_path / "v" / "site-packages" / "x.py")
    assert not project.owns(None)


def test_files_of_one_folder_are_told_apart_where_one_is_a_link(project, tmp_path, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    installed = outside / "site-packages"
    installed.mkdir()
    (installed / "far.py").touch()
    (tmp_path / "near.py").touch()
    (tmp_path / "linked.py").symlink_to(installed / "far.py")
    (tmp_path / "folder").symlink_to(installed)
    (outside / "back.py").symlink_to(tmp_path / "near.py")
    (outside / "other.py").touch()
    for _ in range(2):  # the second time from what is known of the folder
        assert project.owns(tmp_path / "near.py")
        assert not project.owns(tmp_path / "linked.py")
        assert not project.owns(tmp_path / "folder" / "far.py")
        assert project.owns(str(outside / "back.py"))
        assert not project.owns(outside / "other.py")
        assert project.owns(tmp_path)
        assert not project.owns(tmp_path.parent)


def test_what_is_known_of_a_folder_makes_no_difference_between_projects(project, tmp_path):
    (tmp_path / "near.py").touch()
    other = replace(project)
    assert project.owns(tmp_path / "near.py")
    assert project == other


def test_the_standard_library_has_files_without_a_name_in_its_list():
    assert is_standard("json.decoder", None)
    assert is_standard("_sysconfigdata_any", sys.modules["sysconfig"].__file__)
    assert not is_standard("pytest", pytest.__file__)
    assert not is_standard("x", "/somewhere/x.py")


def test_frozen_modules_are_no_files_of_the_working_folder(project, monkeypatch):
    monkeypatch.chdir(project.root)
    assert project.find("ours_one") is not None
    assert project.find("abc") is None
