"""Which jobs run when: the services' conditions, read by a runner that only pretends to do the steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.doubles.agents import Occasion, read_pipeline
from tests.doubles.azure_agent import AzureAgent
from tests.doubles.github_runner import GithubRunner
from tests.system.pipelines.subjects import CASES, TAGGED, WISHES

from trimtab.release.pipeline.actions import PINNED
from trimtab.release.pipeline.render import rendered

SECRETS = {"SIGNING": "a key", "STAGING_TOKEN": "hush"}
RUNNERS = {"github": GithubRunner, "azure": AzureAgent}
WORDS = {"success": "ran", "succeeded": "ran", "failure": "failed", "skipped": "-"}


@pytest.fixture(params=RUNNERS)
def runner_of(request, tmp_path: Path):
    """Makes a runner of either service whose steps fail where they have one of the words."""

    def make(case, *fails):
        text = rendered(request.param, *case)
        return RUNNERS[request.param](read_pipeline(text), tmp_path, tmp_path / "jobs", "", fails)

    return make


def results(runner, ref, event="push"):
    found = runner.run(Occasion(ref, event, SECRETS)).values()
    return [WORDS.get(one.lower(), one.lower()) for one in found]


def scripts(runner, job):
    return [one.script.split()[1] for one in runner.done if one.job == job and one.script.startswith("trimtab")]


@pytest.mark.parametrize(
    ("ref", "event", "expected"),
    [
        ("refs/heads/main", "push", ["ran", "ran", "ran", "-"]),
        ("refs/tags/v1.2", "push", ["ran", "-", "-", "ran"]),
        ("refs/tags/w1", "push", ["ran", "-", "-", "-"]),
        ("refs/heads/v1", "push", ["ran", "-", "-", "-"]),
        ("refs/heads/maintenance", "push", ["ran", "-", "-", "-"]),
        ("refs/pull/7/merge", "pull_request", ["ran", "-", "-", "-"]),
    ],
)
def test_an_environment_is_released_to_from_its_branch_or_tag_alone(runner_of, ref, event, expected):
    assert results(runner_of((TAGGED, WISHES)), ref, event) == expected


def test_a_branch_packages_and_a_tag_takes_what_was_packaged(runner_of):
    runner = runner_of((TAGGED, WISHES))
    results(runner, "refs/heads/main")
    assert scripts(runner, "check") == ["pipeline", "package", "sign", "check", "push"]
    assert scripts(runner, "release_dev") == ["pull", "check", "release", "history"]


def test_a_tag_takes_what_was_packaged_and_never_packages(runner_of):
    runner = runner_of((TAGGED, WISHES))
    results(runner, "refs/tags/v1")
    assert scripts(runner, "check") == ["pipeline", "pull"]
    taken = [one.env for one in runner.done if one.job == "release_prod" and "DIGEST" in one.env]
    assert {env["DIGEST"] for env in taken} == {f"sha256:{'d' * 64}"}
    assert len(taken) == 3


def test_a_pull_request_is_packaged_and_goes_nowhere(runner_of):
    runner = runner_of((TAGGED, WISHES))
    results(runner, "refs/pull/7/merge", "pull_request")
    assert scripts(runner, "check") == ["pipeline", "package"]
    assert not [one for one in runner.done if set(one.env.values()) & set(SECRETS.values())]


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("trimtab check churn", ["ran", "ran", "ran", "-"]),
        ("package", ["failed", "-", "-", "-"]),
        ("--to dev", ["ran", "failed", "-", "-"]),
        ("--for staging", ["ran", "ran", "failed", "-"]),
    ],
)
def test_nothing_follows_what_failed(runner_of, fails, expected):
    assert results(runner_of((TAGGED, WISHES), fails), "refs/heads/main") == expected


def test_a_failure_before_one_that_was_passed_over_still_stops(runner_of):
    """Unlike bindings, so that the last may go on where the middle one is passed over; not where the first failed."""
    both = CASES["patterns"][0]
    first, second = both.environments
    chain = (first, type(second)("second", after="dev", tag="v*"), type(second)("third", after="second", branch="main"))
    subject = type(both)("churn", chain, "git", both.registry)
    case = (subject, CASES["patterns"][1])
    assert results(runner_of(case, "--to dev"), "refs/heads/main") == ["ran", "failed", "-", "-"]


def test_a_stage_of_another_binding_goes_on_where_the_one_between_was_passed_over(runner_of):
    both = CASES["patterns"][0]
    first, second = both.environments
    chain = (first, type(second)("second", after="dev", tag="v*"), type(second)("third", after="second", branch="main"))
    subject = type(both)("churn", chain, "git", both.registry)
    case = (subject, CASES["patterns"][1])
    assert results(runner_of(case), "refs/heads/main") == ["ran", "ran", "-", "ran"]


@pytest.mark.parametrize(
    ("ref", "runs"),
    [
        ("refs/heads/release/2/hot-fix", True),
        ("refs/heads/release/2/cold-fix", False),
        ("refs/heads/prerelease/2/hot-fix", False),
    ],
)
def test_a_pattern_is_asked_for_by_its_fixed_parts(runner_of, ref, runs):
    assert results(runner_of(CASES["patterns"]), ref)[2] == ("ran" if runs else "-")


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("      id-token: write\n", "", "id-token"),
        (PINNED[0].uses, "actions/checkout@v7", "can be moved"),
        ("permissions: {}\n", "permissions: write-all\n", "a job has the rights that it names"),
        ("run: trimtab history dev", "run: trimtab history ${{ github.ref_name }}", "through a variable only"),
    ],
)  # fmt: skip
def test_the_runner_finds_a_fault_that_is_planted(right, wrong, words, tmp_path):
    """What it asks of a workflow, it would miss."""
    case = (TAGGED, replace(WISHES, connections={"dev": "ml-dev"}))
    text = rendered("github", *case)
    assert right in text
    runner = GithubRunner(read_pipeline(text.replace(right, wrong)), tmp_path, tmp_path / "jobs", "", ())
    with pytest.raises((AssertionError, KeyError), match=words):
        results(runner, "refs/heads/main")
