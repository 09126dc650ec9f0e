from __future__ import annotations

from trimtab.release.source.ci import Told, told_by

GITHUB = {
    "GITHUB_ACTIONS": "true", "GITHUB_SHA": "ab", "GITHUB_REPOSITORY": "o/churn", "GITHUB_ACTOR": "ann",
    "GITHUB_SERVER_URL": "https://github.example",
}  # fmt: skip
AZURE = {
    "TF_BUILD": "True", "BUILD_SOURCEVERSION": "ab", "BUILD_REPOSITORY_URI": "https://o@dev.azure.example/o/p/_git/churn",
    "BUILD_REQUESTEDFOREMAIL": "ann@example.org",
}  # fmt: skip


def test_nothing_is_told_on_a_machine_of_nobody():
    assert told_by({"GITHUB_SHA": "ab", "BUILD_SOURCEBRANCH": "refs/heads/main"}) == Told()


def test_github_tells_a_tag_and_a_pull_request():
    assert told_by({**GITHUB, "GITHUB_REF": "refs/tags/v1"}) == Told("ab", "refs/tags/v1", "", "ann")
    told = told_by({**GITHUB, "GITHUB_REF": "refs/pull/12/merge"})
    assert told.pull_request == "https://github.example/o/churn/pull/12"


def test_azure_tells_a_branch_and_a_pull_request_without_who_asks():
    assert told_by({**AZURE, "BUILD_SOURCEBRANCH": "refs/heads/main"}) == Told(
        "ab", "refs/heads/main", "", "ann@example.org"
    )
    told = told_by({**AZURE, "BUILD_SOURCEBRANCH": "refs/pull/7/merge"})
    assert told.pull_request == "https://dev.azure.example/o/p/_git/churn/pullrequest/7"
    there = {
        **AZURE,
        "BUILD_REPOSITORY_URI": "https://github.example/o/churn.git",
        "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "9",
    }
    assert told_by(there).pull_request == "https://github.example/o/churn/pull/9"
