"""The rendered pipelines do what they say: each of their steps runs, in order, in a clean clone for each job."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from tests.doubles.agents import Done, Occasion, read_pipeline
from tests.doubles.azure_agent import AzureAgent
from tests.doubles.github_runner import GithubRunner
from tests.system.pipelines.conftest import Repository
from tests.system.pipelines.stand_in import STOOD_IN

from trimtab.release.pipeline.wishes import PATHS

MAIN = "refs/heads/main"


def github(repository: Repository, folder: Path) -> GithubRunner:
    text = (repository.mine / PATHS["github"]).read_text()
    return GithubRunner(read_pipeline(text), repository.origin, folder, repository.path)


def azure(repository: Repository, folder: Path) -> AzureAgent:
    text = (repository.mine / PATHS["azure"]).read_text()
    return AzureAgent(read_pipeline(text), repository.origin, folder, repository.path)


def said(done: list[Done]) -> list[tuple[str, str]]:
    return [(one.job, one.title) for one in done]


def held(done: list[Done], secrets: Mapping[str, str]) -> None:
    """Every step went well, what was released is what was packaged, and nobody has a secret that is not theirs."""
    assert [(one.title, one.status, one.err) for one in done if one.status] == []
    (checked,) = [one for one in done if (one.job, one.title) == ("check", "Check")]
    digest = re.search(r"sha256:[0-9a-f]{64}", checked.out)[0]
    later = [one for one in done if one.job != "check"]
    assert {one.env["DIGEST"] for one in later if one.title in {"Check", "Release"}} == {digest}
    holders = {(one.job, one.title) for one in done if secrets["STAGING_TOKEN"] in one.env.values()}
    assert holders == {("release_staging", "Release")}
    assert not [one for one in done if any(secret in one.out + one.err for secret in secrets.values())]


IN_ORDER = [
    *(("check", title) for title in ("Install", "Is this file up to date", "Package", "Sign", "Check", "Save")),
    *((f"release_{name}", title) for name in ("dev", "staging")
      for title in ("Install", "Load", "Check", "Release", "History")),
]  # fmt: skip


def test_github_moves_the_same_bytes_through_all_environments(repository, tmp_path):
    runner = github(repository, tmp_path / "jobs")
    results = runner.run(Occasion(MAIN, secrets=repository.secrets))
    held(runner.done, repository.secrets)
    assert results == {"check": "success", "release_dev": "success", "release_staging": "success"}
    assert said(runner.done) == IN_ORDER
    assert runner.logins == ["release_staging"]
    stood_in = [one for one in runner.done if (one.script.split()[1], "") in STOOD_IN]
    assert len(stood_in) == 2 * len([pair for pair in STOOD_IN if not pair[1]]), "each verb ran for real, or is named"


def test_azure_moves_the_same_bytes_into_an_environment(repository_of_one, tmp_path):
    secrets = repository_of_one.secrets
    agent = azure(repository_of_one, tmp_path / "jobs")
    results = agent.run(Occasion(MAIN, secrets=secrets))
    held(agent.done, secrets)
    assert results == {"check": "Succeeded", "release_staging": "Succeeded"}
    assert said(agent.done) == [pair for pair in IN_ORDER if pair[0] != "release_dev"]
    assert agent.logins == [("release_staging", "ml-staging")] * 2


def test_a_file_that_is_stale_stops_everything(repository, tmp_path):
    """Somebody has taken the environment whose approvals are asked for out of the file by hand."""
    file = repository.mine / PATHS["github"]
    file.write_text(file.read_text().replace("environment: staging", "environment: nowhere"))
    repository.commit()
    runner = github(repository, tmp_path / "jobs")
    results = runner.run(Occasion(MAIN, secrets=repository.secrets))
    assert list(results.values()) == ["failure", "skipped", "skipped"]
    assert said(runner.done) == IN_ORDER[:2]
    shown = runner.done[-1].out
    assert re.search(r"^-\s+environment: nowhere\n\+\s+environment: staging$", shown, re.MULTILINE)


def test_a_requirement_of_another_hash_stops_everything(repository, tmp_path):
    lock = repository.mine / "requirements/release.txt"
    lock.write_text(re.sub(r"sha256:\w+", f"sha256:{'0' * 64}", lock.read_text()))
    repository.commit()
    runner = github(repository, tmp_path / "jobs")
    assert set(runner.run(Occasion(MAIN, secrets=repository.secrets)).values()) == {"failure", "skipped"}
    assert said(runner.done) == [("check", "Install")]
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in runner.done[0].err
