from __future__ import annotations

from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.project.release import ReleasePart

FILE = 'name = "churn"\n[model]\npath = "m:a"\n'


def read(text: str) -> ReleasePart:
    return project_of(FILE + text, Path("/there/trimtab.toml")).release


def test_releases_are_recorded_here_if_nothing_is_said():
    assert read("") == ReleasePart() == ReleasePart("local", "", "releases", "ledger", "")


def test_what_is_said_holds():
    text = '[release]\nrecord = "git"\nremote = "up"\nbranch = "a/b"\nfolder = "x"\nregistry = "r.example/churn"\n'
    assert read(text) == ReleasePart("git", "up", "a/b", "x", "r.example/churn")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('branch = "-f"', "is no name of a branch"),
        ('branch = "a..b"', "is no name of a branch"),
        ('branch = "a*"', "a pattern is none"),
        ('branch = "refs/heads/a"', "against the name alone"),
        ('remote = "--upload-pack=x"', "is no remote"),
        ('remote = "ext::sh -c x"', "is no remote"),
        ('remote = ""', "is empty"),
        ('record = "gti"', "git"),
        ("branches = 1", "branch"),
    ],
)
def test_what_git_could_not_have_is_named_with_its_line(line, said):
    with pytest.raises(UserError, match=said) as refused:
        read(f"[release]\n{line}\n")
    assert refused.value.problems[0].where.startswith("trimtab.toml:5 ")


@pytest.mark.parametrize(
    "line",
    [
        'remote = "https://ann:t0ken@git.example/x"',
        'remote = "ann:t0ken@host:x"',
        'registry = "https://a:t0ken@r.example/x"',
    ],
)
def test_a_password_is_refused_and_not_shown(line):
    with pytest.raises(UserError, match="a password has no place in this file") as refused:
        read(f"[release]\n{line}\n")
    assert "t0ken" not in str(refused.value)


@pytest.mark.parametrize("remote", ["ssh://git@host/x", "git@host:x/y", "https://host:8443/x", "/srv/x.git", "up"])
def test_an_address_without_one_is_one(remote):
    assert read(f'[release]\nremote = "{remote}"\n').remote == remote
