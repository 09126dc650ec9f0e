"""Files land in one folder and nowhere else."""

import os

import pytest

from trimtab.bundle.landing import Landing
from trimtab.core.errors import UserError


def code_of(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    return caught.value.problems[0].code


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def test_files_are_written_with_the_folders_above_them(folder):
    with Landing(folder) as landing:
        landing.write("a/b/c", [b"1", b"2"])
        landing.write("a/b/d", [])
        landing.write("e", [b"3"])
    assert {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {
        "a/b/c": b"12", "a/b/d": b"", "e": b"3",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["../x", "/x", "", "a/../../x", "a//x", ".", "a\0b"])
def test_a_name_that_leaves_is_refused(folder, name):
    with Landing(folder) as landing:
        assert code_of(landing.write, name, [b"x"]) == "P205"
    assert [path.name for path in folder.parent.iterdir()] == ["folder"]


def test_nothing_is_written_over(folder):
    with Landing(folder) as landing:
        landing.write("a/b", [b"first"])
        for name in ("a/b", "a", "a/b/c"):
            assert code_of(landing.write, name, [b"second"]) == "P205"
    assert (folder / "a" / "b").read_bytes() == b"first"


def test_a_link_that_somebody_puts_in_the_way_leads_nowhere(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    with Landing(folder) as landing:
        (folder / "a").symlink_to(tmp_path / "outside")
        (folder / "b").symlink_to(tmp_path / "outside" / "new")
        assert code_of(landing.write, "a/x", [b"x"]) == "P205"
        assert code_of(landing.write, "b", [b"x"]) == "P205"
    assert list((tmp_path / "outside").iterdir()) == []


def test_the_folder_may_be_moved_meanwhile(folder, tmp_path):
    (tmp_path / "outside").mkdir()
    with Landing(folder) as landing:
        folder.rename(tmp_path / "moved")
        folder.symlink_to(tmp_path / "outside")
        landing.write("a/x", [b"x"])
    assert (tmp_path / "moved" / "a" / "x").read_bytes() == b"x"
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused(folder):
    (folder / "there").write_bytes(b"")
    assert code_of(Landing, folder) == "P205"


def test_a_link_is_no_folder(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(OSError, match=r"Not a directory|symbolic links"):
        Landing(tmp_path / "link")


def test_no_handle_is_left_open(folder):
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names of handles
    with Landing(folder) as landing:
        landing.write("a/b/c", [b"1"])
        assert code_of(landing.write, "a/b/c/d", [b"1"]) == "P205"
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - names of handles
