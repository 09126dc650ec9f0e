"""Where a pipeline's file lies, and that it is written whole or not at all."""

import os

import pytest

from trimtab.core.errors import OutsideError, UserError
from trimtab.ops.pipelines import below_root, compare, differs, root_of, write
from trimtab.release.pipeline.render import MARK


def test_the_root_is_where_the_repository_starts(tmp_path):
    below = tmp_path / "a/b"
    below.mkdir(parents=True)
    assert root_of(below) == below
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")  # as of a work tree beside its repository
    assert root_of(below) == tmp_path
    assert below_root(below, tmp_path) == "a/b"
    assert below_root(tmp_path, tmp_path) == ""


def test_a_file_is_written_once_and_only_over_one_of_ours(tmp_path):
    assert write("azure", tmp_path, f"{MARK} 1\n", force=False).how == "written"
    assert write("azure", tmp_path, f"{MARK} 1\n", force=False).how == "same"
    assert write("azure", tmp_path, f"{MARK} 2\n", force=False).how == "written"
    assert compare("azure", tmp_path, f"{MARK} 2\n") == ""
    assert compare("azure", tmp_path, f"{MARK} 3\n") != ""
    (tmp_path / "azure-pipelines.yml").write_text("steps: []\n")
    with pytest.raises(UserError):
        write("azure", tmp_path, f"{MARK} 3\n", force=False)
    assert os.listdir(tmp_path) == ["azure-pipelines.yml"]  # noqa: PTH208 - names are enough


def test_what_cannot_be_written_leaves_what_was_there(tmp_path):
    (tmp_path / ".github").write_text("a file in the folder's place")
    with pytest.raises(OutsideError) as caught:
        write("github", tmp_path, f"{MARK}\n", force=True)
    assert caught.value.problems[0].code == "P498"
    assert [path.name for path in tmp_path.iterdir()] == [".github"]


def test_every_file_that_differs_is_named():
    error = differs({"github": "x", "azure": "y"})
    assert [one.where for one in error.problems] == [".github/workflows/trimtab.yml", "azure-pipelines.yml"]
    assert error.exit_status == 1
