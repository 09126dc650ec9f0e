import hashlib
import os
import subprocess

import pytest

from trimtab.bundle.making.source import Commit, commit_of, data_digests, digest_of


@pytest.fixture
def repository(tmp_path, program):
    git = program("git")

    def run(*arguments):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"]
        done = subprocess.run(
            [git, *identity, "-C", str(tmp_path), *arguments], env=environment, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    run("init")
    (tmp_path / "prepare.py").write_text("one")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "trimtab.toml").write_text("")
    run("add", ".")
    run("commit", "-m", "first")
    return tmp_path, run


def test_a_folder_outside_of_git_has_no_commit(tmp_path):
    assert commit_of(tmp_path) == Commit()
    assert commit_of(tmp_path / "nowhere") == Commit()


def test_a_repository_without_a_commit_has_none(tmp_path, program):
    subprocess.run([program("git"), "init", "-q", str(tmp_path)], check=True, capture_output=True)
    assert commit_of(tmp_path) == Commit()


def test_the_commit_is_that_of_the_whole_repository(repository):
    folder, run = repository
    head = run("rev-parse", "HEAD")
    assert commit_of(folder) == Commit(head)
    assert commit_of(folder / "sub") == Commit(head)


def test_a_changed_tracked_file_makes_it_dirty_from_any_folder(repository):
    folder, _ = repository
    (folder / "prepare.py").write_text("two!")
    assert commit_of(folder).dirty
    assert commit_of(folder / "sub").dirty


def test_what_packaging_writes_never_makes_it_dirty(repository):
    folder, run = repository
    (folder / "sub" / "requirements.lock").write_text("")
    run("add", ".")
    run("commit", "-m", "second")
    (folder / "sub" / "requirements.lock").write_text("changed")
    (folder / "sub" / ".trimtab").mkdir()
    (folder / "sub" / ".trimtab" / "x").write_text("")
    assert not commit_of(folder / "sub").dirty


def test_asking_does_not_touch_the_repository(repository):
    folder, _ = repository
    os.utime(folder / "prepare.py", (1, 1))
    before = (folder / ".git" / "index").read_bytes()
    assert not commit_of(folder).dirty
    assert (folder / ".git" / "index").read_bytes() == before


def test_digests_are_of_content_by_place_in_the_project(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_bytes(b"abc")
    digest = hashlib.sha256(b"abc").hexdigest()
    assert data_digests([tmp_path / "data" / "train.csv"], tmp_path) == {"data/train.csv": digest}
    assert data_digests([tmp_path / "data" / "train.csv"], tmp_path / "else") == {"train.csv": digest}


def test_the_digest_of_a_folder_changes_with_names_and_contents_only(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "x").mkdir(parents=True)
        (tmp_path / name / "x" / "1").write_text("same")
        (tmp_path / name / "2").write_text("two")
    os.utime(tmp_path / "b" / "2", (1, 1))
    assert digest_of(tmp_path / "a") == digest_of(tmp_path / "b")
    (tmp_path / "b" / "2").rename(tmp_path / "b" / "3")
    assert digest_of(tmp_path / "a") != digest_of(tmp_path / "b")
