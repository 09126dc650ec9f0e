"""What of a workflow counts for its safety."""

import json
import re

import pytest

from trimtab.core.deployment import Secret
from trimtab.release.environments import Environment, Place
from trimtab.release.pipeline.actions import PINNED
from trimtab.release.pipeline.github import workflow_of
from trimtab.release.pipeline.story import pipeline_of
from trimtab.release.pipeline.wishes import Subject, Wishes

DEV = Environment("dev", branch="main", secrets=(Secret("TOKEN", "env:DEV_TOKEN"),))
PROD = Environment("prod", after="dev", tag="v*", target=Place("azureml"))


def workflow(**said):
    wishes = said.pop("wishes", Wishes(key="SIGNING"))
    subject = Subject("churn", said.pop("environments", (DEV, PROD)), **{"record": "git", "registry": "r.e/c", **said})
    return workflow_of(pipeline_of(subject, wishes))


def steps(plain):
    return [(name, step) for name, job in plain["jobs"].items() for step in job["steps"]]


def test_no_right_but_those_that_a_job_names():
    plain = workflow(registry="ghcr.io/e/churn")
    assert plain["permissions"] == {}
    assert {name: job["permissions"] for name, job in plain["jobs"].items()} == {
        "check": {"contents": "read", "packages": "write"},
        "release_dev": {"contents": "write", "packages": "read"},
        "release_prod": {"contents": "write", "id-token": "write", "packages": "read"},
    }
    assert workflow(record="local")["jobs"]["release_dev"]["permissions"] == {"contents": "read"}


def test_every_action_is_pinned_by_the_digest_of_a_commit():
    used = {step["uses"] for _, step in steps(workflow(registry="", environments=(DEV,))) if "uses" in step}
    used |= {step["uses"] for _, step in steps(workflow()) if "uses" in step}
    assert used == {one.uses for one in PINNED}
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one) for one in used)


def test_nothing_is_cached_and_credentials_stay_only_where_the_record_is_pushed():
    plain = workflow()
    assert "cache" not in json.dumps(plain).replace("--no-cache-dir", "")
    kept = [step["with"]["persist-credentials"] for _, step in steps(plain) if step["name"] == "Check out"]
    assert kept == [False, True, True]


def test_no_expression_stands_in_a_script():
    plain = workflow()
    scripts = [step["run"] for _, step in steps(plain) if "run" in step]
    assert len(scripts) > 12
    assert not [script for script in scripts if "${{" in script]


def test_the_key_is_in_a_variable_that_the_option_names():
    (sign,) = [step for _, step in steps(workflow()) if step["name"] == "Sign"]
    assert sign["env"] == {"SIGNING_KEY": "env:SIGNING_KEY_PEM", "SIGNING_KEY_PEM": "${{ secrets.SIGNING }}"}


def test_a_release_waits_its_turn_and_is_never_cancelled():
    jobs = workflow()["jobs"]
    assert jobs["release_dev"]["concurrency"] == {"group": "trimtab-churn-dev", "cancel-in-progress": False}
    assert jobs["release_dev"]["environment"] == "dev"
    assert jobs["release_dev"]["concurrency"] != jobs["release_prod"]["concurrency"]
    assert all(job["timeout-minutes"] == 60 for job in jobs.values())


@pytest.mark.parametrize(
    ("runner", "labels"), [("ubuntu-24.04", "ubuntu-24.04"), ("self-hosted, gpu", ["self-hosted", "gpu"])]
)
def test_machines_by_image_or_labels(runner, labels):
    assert workflow(wishes=Wishes(runner=runner))["jobs"]["check"]["runs-on"] == labels


def test_a_folder_is_where_scripts_run_and_artifacts_lie():
    plain = workflow(folder="models/churn", registry="", environments=(DEV,))
    assert plain["defaults"]["run"]["working-directory"] == "models/churn"
    kept = [step["with"]["path"] for _, step in steps(plain) if "path" in step.get("with", {})]
    assert kept == ["models/churn/bundle.tar", "models/churn"]


def test_triggers_are_the_patterns_themselves():
    assert workflow()["on"] == {
        "push": {"branches": ["main"], "tags": ["v*"]},
        "pull_request": {"branches": ["main"]},
    }


def test_what_runs_on_the_machine_is_not_cleaned_away_by_the_next_checkout():
    def cleans(**said):
        plain = workflow(wishes=Wishes(runner="self-hosted", **said))
        return [step["with"].get("clean", True) for _, step in steps(plain) if step["name"] == "Check out"]

    assert cleans() == [False] * 3  # `dev` is a local target, whose folder is in the one checkout of that machine
    assert cleans(runners={"prod": "ubuntu-24.04"}) == [False, False, True]
    assert cleans(by="commit") == [True] * 3
