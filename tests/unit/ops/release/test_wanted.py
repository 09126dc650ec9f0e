from trimtab.core.deployment import Deployment, Resources, Secret, said_of
from trimtab.ops.release.wanted import wanted_of
from trimtab.release.environments import Environment


def test_an_environment_that_says_nothing_has_the_defaults():
    assert wanted_of(Environment("dev"), "churn", "sha256:aa") == Deployment("churn", "dev", "sha256:aa")


def test_what_it_says_is_wanted_and_where_it_is_reached_is_its_own():
    environment = Environment(
        "prod", server={"rows": 10, "host": "10.0.0.1", "port": 1}, port=8083, replicas=2, resources=Resources(cpu=1),
        variables={"REGION": "eu"}, secrets=(Secret("TOKEN", "env:TOKEN"),), public=True,
    )  # fmt: skip
    said = said_of(wanted_of(environment, "churn", "sha256:aa"))
    assert said == {
        "name": "churn", "environment": "prod", "bundle": "sha256:aa", "server.rows": 10, "port": 8083, "replicas": 2,
        "resources.cpu": 1, "variables.REGION": "eu", "secrets.TOKEN": "env:TOKEN", "public": True,
    }  # fmt: skip
