"""What a command line stands for: project, store, bundle."""

import click
import pytest

from trimtab.bundle.store import Store
from trimtab.cli.options import STORE_FOLDER, Duration, bundle_of, project_here, store_at
from trimtab.core.errors import UserError


def code(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    return caught.value.problems[0].code


def test_the_project_is_that_of_this_folder_even_if_its_files_are_gone(project):
    (project / "sample.jsonl").unlink()
    assert project_here().name == "churn"


@pytest.mark.usefixtures("here")
def test_a_folder_without_a_project_file_has_no_project():
    assert project_here() is None


def test_a_project_file_with_faults_is_refused(here):
    (here / "trimtab.toml").write_text("nmae = 3\n")
    assert code(project_here).startswith("P1")


def test_the_store_is_in_this_folder_unless_another_is_named(here):
    assert store_at(None).root == here / STORE_FOLDER
    assert store_at(here / "other").root == here / "other"
    assert list(here.iterdir()) == []  # nothing is made by looking


def test_a_file_in_the_place_of_a_store_is_refused(here):
    (here / STORE_FOLDER).write_text("")
    assert code(store_at, None) == "P123"


def test_without_a_name_the_bundle_is_the_latest_of_the_project(project, write_bundle):
    store = Store(project / "store")
    digest = write_bundle(project / "made", "churn")
    store.add(project / "made")
    assert code(bundle_of, None, store, project_here()) == "P230"
    store.tag("churn", "latest", digest)
    assert bundle_of(None, store, project_here()).digest == digest
    assert bundle_of("churn:latest", store, None).digest == digest


def test_without_a_name_and_a_project_nothing_is_meant(here):
    assert code(bundle_of, None, Store(here / "store"), None) == "P122"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90d", 7776000.0), ("24h", 86400.0), ("1.5m", 90.0), ("500ms", 0.5), (3.0, 3.0)]
)
def test_a_duration_is_of_days_too(text, seconds):
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["90", "soon", "1 d", "-1d", "1w"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(click.BadParameter):
        Duration().convert(text, None, None)
