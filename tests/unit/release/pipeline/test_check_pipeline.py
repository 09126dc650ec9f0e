"""What no pipeline can be made of is named, all at once."""

import pytest

from trimtab.core.deployment import Secret
from trimtab.release.environments import Environment, Place
from trimtab.release.pipeline.check_pipeline import check_pipeline
from trimtab.release.pipeline.wishes import Subject, Wishes

CLOUD = Place("kubernetes")
DEV = Environment("dev", branch="main", target=CLOUD)


def faults(*environments, wishes=None, **said):
    subject = Subject("churn", environments, **{"record": "git", **said})
    return [(one.code, one.what) for one in check_pipeline(subject, wishes or Wishes())]


def test_nothing_is_wrong():
    assert faults(DEV, Environment("prod", after="dev", branch="main", target=CLOUD)) == []
    assert faults(DEV, Environment("prod", after="dev", tag="v*", target=CLOUD), registry="r.example/c") == []


def test_without_environments_there_is_nothing_to_release_to():
    assert faults() == [("P495", "no environment that a pipeline could release to")]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (Environment("dev", target=CLOUD), "`dev` is bound to no branch and no tag"),
        (Environment("dev", branch="it's", target=CLOUD), "`it's` has letters that mean something else"),
        (Environment("dev", tag="$(x)", target=CLOUD), "`$(x)` has letters that mean something else"),
        (Environment("dev", "", "m", target=CLOUD, secrets=(Secret("A", "env:a-b"),)), "`a-b` is no name of a secret"),
    ],
)  # fmt: skip
def test_what_a_pipeline_cannot_hold(environment, words):
    ((code, what),) = faults(environment)
    assert code == "P495"
    assert words in what


def test_neither_a_registry_nor_a_folder_is_a_place_for_an_expression():
    assert faults(DEV, registry="${{ secrets.KEY }}")[0][0] == "P495"
    assert faults(DEV, folder="a/$(b)")[0][0] == "P495"


def test_a_release_to_a_machine_that_is_thrown_away():
    for kind in ("local", "container"):
        here = Environment("dev", branch="main", target=Place(kind))
        ((code, what),) = faults(here)
        assert code == "P496"
        assert "`ubuntu-24.04` is gone after its job" in what
        assert faults(here, wishes=Wishes(runners={"dev": "self-hosted"})) == []
        assert faults(here, wishes=Wishes(by="commit")) == []


def test_a_bundle_and_a_record_that_are_lost_between_runs():
    late = Environment("prod", after="dev", tag="v*", target=CLOUD)
    found = faults(DEV, late, record="local")
    assert [code for code, _ in found] == ["P496", "P496"]
    assert "which hands it no bundle" in found[0][1]
    assert "a runner loses with its job" in found[1][1]
