"""What of a file of Azure Pipelines counts for its safety."""

from trimtab.core.deployment import Secret
from trimtab.release.environments import Environment, Place
from trimtab.release.pipeline.azure import stages_of
from trimtab.release.pipeline.story import pipeline_of
from trimtab.release.pipeline.wishes import Subject, Wishes

DEV = Environment("dev", branch="main", secrets=(Secret("TOKEN", "env:DEV_TOKEN"),))
PROD = Environment("prod", after="dev", tag="v*", target=Place("azureml"))


def stages(**said):
    wishes = said.pop("wishes", Wishes(key="SIGNING", connections={"prod": "ml-prod"}))
    subject = Subject("churn", said.pop("environments", (DEV, PROD)), **{"record": "git", "registry": "r.e/c", **said})
    return stages_of(pipeline_of(subject, wishes))


def job_of(plain, name):
    (stage,) = [stage for stage in plain["stages"] if stage["stage"] == name]
    return stage["jobs"][0]


def steps_of(plain, name):
    job = job_of(plain, name)
    return job.get("steps") or job["strategy"]["runOnce"]["deploy"]["steps"]


def test_a_release_is_a_deployment_job_of_its_environment():
    plain = stages()
    assert "job" in job_of(plain, "check")
    assert job_of(plain, "release_prod")["environment"] == "prod"
    assert plain["lockBehavior"] == "sequential"
    assert {"download": "none"} in steps_of(plain, "release_prod")


def test_the_service_connection_is_used_for_what_needs_it_alone():
    tasks = {
        (stage["stage"], step["displayName"]): step["inputs"]["azureSubscription"]
        for stage in stages()["stages"]
        for step in steps_of(stages(), stage["stage"])
        if step.get("task") == "AzureCLI@2"
    }
    assert tasks == {("release_prod", "Check"): "ml-prod", ("release_prod", "Release"): "ml-prod"}


def test_nothing_is_given_to_a_script_but_through_its_variables():
    plain = stages()
    for stage in plain["stages"]:
        for step in steps_of(plain, stage["stage"]):
            script = step.get("bash") or step.get("inputs", {}).get("inlineScript", "")
            assert "$(" not in script
            assert "\n" not in script, "bash is started without `-e`: a step is one command"
    release = next(step for step in steps_of(plain, "release_dev") if step.get("displayName") == "Release")
    assert release["env"] == {"DIGEST": "$(digest)", "DEV_TOKEN": "$(DEV_TOKEN)"}


def test_a_key_is_fetched_where_it_signs_and_when():
    plain = stages()
    (first,) = [step for step in steps_of(plain, "check") if step.get("task") == "DownloadSecureFile@1"]
    assert first["condition"] == "and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))"
    assert first["inputs"] == {"secureFile": "SIGNING"}
    without = stages(wishes=Wishes())
    assert not [step for step in steps_of(without, "check") if step.get("task") == "DownloadSecureFile@1"]


def test_credentials_stay_only_where_the_record_is_pushed():
    plain = stages()
    kept = [steps_of(plain, stage["stage"])[0]["persistCredentials"] for stage in plain["stages"]]
    assert kept == ["false", "true", "true"]


def test_machines_by_image_or_pool():
    assert job_of(stages(), "check")["pool"] == {"vmImage": "ubuntu-24.04"}
    assert job_of(stages(wishes=Wishes(runner="own pool")), "check")["pool"] == {"name": "own pool"}


def test_only_tags_start_it_where_no_branch_is_bound():
    plain = stages(environments=(Environment("prod", tag="v*"),))
    assert plain["trigger"] == {"branches": {"exclude": ["*"]}, "tags": {"include": ["v*"]}}
    assert plain["pr"] == "none"


def test_what_runs_on_the_machine_is_not_cleaned_away_by_the_next_checkout():
    plain = stages(wishes=Wishes(runners={"dev": "gateways"}))
    found = {name: steps_of(plain, name)[0]["clean"] for name in ("check", "release_dev", "release_prod")}
    assert found == {"check": "true", "release_dev": "false", "release_prod": "true"}
