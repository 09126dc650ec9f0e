"""`[pipeline]`: its values, and what is wrong with it."""

from pathlib import Path

import pytest

from trimtab.core.errors import UserError
from trimtab.project import project_of
from trimtab.release.pipeline.wishes import Wishes

HEAD = 'name = "m"\n[model]\npath = "model:predict"\n[env.dev]\nbranch = "main"\n'


def project(table: str):
    return project_of(f"{HEAD}[pipeline]\n{table}\n", Path("/p/trimtab.toml")).pipeline


def test_a_file_without_the_table_has_the_defaults():
    assert project_of(HEAD, Path("/p/trimtab.toml")).pipeline == Wishes()


def test_every_key_has_its_value():
    said = """
    kinds = ["azure", "github"]
    runner = "self-hosted,gpu"
    python = "3.13"
    requirements = "lock.txt"
    key = "SIGNING"
    by = "commit"
    timeout = "90s"
    runners = { dev = "own pool" }
    connections = { dev = "ml (dev)" }
    """
    found = project(said)
    assert found == Wishes(
        ("azure", "github"), "self-hosted,gpu", {"dev": "own pool"}, "3.13", "lock.txt", "SIGNING", "commit", 90.0,
        {"dev": "ml (dev)"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('kinds = ["gitlab"]', "`gitlab` is no kind"),
        ("kinds = []", "it names no kind"),
        ('runner = "${{ github.head_ref }}"', "is not of the form"),
        ('python = "2.7"', "is not of the form"),
        ('requirements = "/etc/lock.txt"', "is not of the form"),
        ('requirements = "a/../../lock.txt"', "is not of the form"),
        ('requirements = "a; curl x"', "is not of the form"),
        ('requirements = "-e"', "is not of the form"),
        ('key = "A }} B"', "is not of the form"),
        ('runners = { prod = "x" }', "no environment `prod`"),
        ('runners = { dev = "$(x)" }', "is not of the form"),
        ('connections = { dev = "a\\nb" }', "is not of the form"),
        ('timeout = "1s"', "is below 60 s"),
        ('by = "hand"', "is not one of"),
    ],
)
def test_what_no_pipeline_can_hold_is_a_fault_with_its_line(table, words):
    with pytest.raises(UserError) as caught:
        project(table)
    (problem,) = caught.value.problems
    assert problem.code == "P105"
    assert words in problem.what
    assert problem.where.startswith("trimtab.toml:7 pipeline.")
