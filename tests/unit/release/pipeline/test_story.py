"""One job that packages, then one for each environment; what each needs, runs and may do."""

from trimtab.core.deployment import Secret
from trimtab.release.environments import Environment, Place
from trimtab.release.pipeline.bindings import Binding
from trimtab.release.pipeline.steps import Fetch, Keep, Run, Var
from trimtab.release.pipeline.story import ancestors, pipeline_of
from trimtab.release.pipeline.wishes import Subject, Wishes

DEV = Environment("dev", branch="main", target=Place("kubernetes"))
STAGING = Environment("staging", after="dev", branch="main", target=Place("kubernetes"))
PROD = Environment("prod", after="staging", tag="v*", target=Place("azureml"))
ALL = (DEV, STAGING, PROD)


def pipeline(environments=ALL, wishes=None, **said):
    subject = Subject("churn", environments, **{"record": "git", "registry": "registry.example/churn", **said})
    return pipeline_of(subject, wishes or Wishes())


def commands(job):
    return [step.script for step in job.steps if isinstance(step, Run)]


def test_one_job_an_environment_in_their_order_after_the_first():
    found = pipeline().jobs
    assert [job.id for job in found] == ["check", "release_dev", "release_staging", "release_prod"]
    assert [job.environment for job in found] == ["", "dev", "staging", "prod"]
    assert found[3].needs == ("check", "release_dev", "release_staging")


def test_it_starts_for_what_the_environments_are_bound_to():
    found = pipeline()
    assert found.refs == (Binding("heads", "main"), Binding("tags", "v*"))
    assert found.packs == (Binding("heads", "main"),)
    assert [job.same_refs for job in found.jobs] == [True, True, True, False]


def test_every_script_is_one_verb_of_ours_or_the_install():
    for said in ({}, {"registry": ""}, {"registry": "ghcr.io/example/churn", "folder": "a/b"}):
        found = pipeline(ALL[:2], Wishes(key="KEY", by="commit"), **said)
        scripts = [script for job in found.jobs for script in commands(job)]
        ours = [script for script in scripts if script.startswith("trimtab ")]
        others = [script for script in scripts if not script.startswith("trimtab ")]
        assert all("\n" not in script and not set(script) & set(";|&`()<>\\") for script in scripts)
        assert len(others) == len(found.jobs)
        assert all(one.startswith("python -m pip install ") and "--require-hashes -r " in one for one in others)
        assert len(ours) >= 4 * len(found.jobs)


def test_a_release_takes_the_digest_that_was_handed_on_and_packages_nothing():
    for job in pipeline().jobs[1:]:
        assert not [script for script in commands(job) if " package" in script or " sign" in script]
        release = next(step for step in job.steps if isinstance(step, Run) and step.title == "Release")
        assert release.script == f'trimtab release "churn@$DIGEST" --to {job.environment}'
        assert release.env[0] == Var("DIGEST", "digest")


def test_with_a_registry_it_is_pulled_by_its_digest_and_without_one_kept_as_a_file():
    assert 'trimtab pull "$REGISTRY@$DIGEST"' in commands(pipeline().jobs[1])
    first, *others = pipeline(ALL[:2], registry="").jobs
    assert [step for step in first.steps if isinstance(step, Keep)] == [Keep("bundle.tar", "packing")]
    assert all(any(isinstance(step, Fetch) for step in job.steps) for job in others)


def test_what_was_packaged_from_a_commit_is_taken_by_other_refs():
    when = {step.title: step.when for step in pipeline().jobs[0].steps if isinstance(step, Run)}
    assert when["Package"] == "looking"
    assert when["Push"] == "packing"
    assert when["Take what was packaged from this commit"] == "taking"
    assert "Take what was packaged from this commit" not in [step.title for step in pipeline(ALL[:2]).jobs[0].steps]


def test_rights_are_those_that_a_job_needs():
    local = pipeline(record="local").jobs
    assert [job.writes for job in local] == [False] * 4
    assert [job.writes for job in pipeline().jobs] == [False, True, True, True]
    assert [job.registry for job in pipeline(registry="ghcr.io/e/churn").jobs] == ["write", "read", "read", "read"]
    assert {job.registry for job in local} == {""}


def test_azure_is_logged_in_to_where_the_target_or_the_file_says_so():
    found = pipeline(wishes=Wishes(connections={"dev": "ml-dev"})).jobs
    assert [job.connection for job in found] == ["", "ml-dev", "", "trimtab-prod"]
    cloud = [step.title for step in found[1].steps if isinstance(step, Run) and step.cloud]
    assert cloud == ["Check", "Release"]


def test_secrets_of_an_environment_reach_its_release_alone():
    secrets = (Secret("A", "env:TOKEN"), Secret("B", "env:TOKEN"), Secret("C", "file:/run/c"))
    dev = Environment("dev", branch="main", secrets=secrets)
    holders = [
        (job.id, step.title, var.name)
        for job in pipeline((dev,)).jobs for step in job.steps if isinstance(step, Run)
        for var in step.env if var == Var("TOKEN", "secret", "TOKEN")
    ]  # fmt: skip
    assert holders == [("release_dev", "Release", "TOKEN")]


def test_pull_requests_are_looked_at_on_machines_that_are_thrown_away():
    assert pipeline().looks == (Binding("heads", "main"),)
    assert pipeline(wishes=Wishes(runner="self-hosted")).looks == ()
    assert pipeline((Environment("prod", tag="v*"),)).looks == ()


def test_names_of_jobs_are_taken_by_both_services_and_differ():
    names = ("a-b", "a.b", "a_b", "deployment", "1st")
    found = pipeline(tuple(Environment(name, branch="main") for name in names)).jobs
    assert [job.id for job in found[1:]] == [
        "release_a_b", "release_a_b__2", "release_a_b__3", "release_deployment", "release_1st",
    ]  # fmt: skip


def test_those_before_are_named_first_to_last_and_a_circle_ends():
    assert ancestors(PROD, ALL) == (DEV, STAGING)
    assert ancestors(DEV, ALL) == ()
    one, other = Environment("one", after="other"), Environment("other", after="one")
    assert ancestors(one, (one, other)) == (other,)
