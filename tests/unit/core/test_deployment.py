from dataclasses import replace

from trimtab.core.deployment import Autoscale, Change, Deployment, Resources, Secret, differences, said_of

ONE = Deployment("churn", "prod", "sha256:aa")


def test_what_is_at_its_default_is_not_said():
    assert said_of(ONE) == {"name": "churn", "environment": "prod", "bundle": "sha256:aa"}


def test_tables_and_secrets_are_said_key_by_key():
    wanted = replace(
        ONE,
        server={"auth": {"keys": "keys.json"}, "rows": 10},
        resources=Resources(memory=2**30),
        autoscale=Autoscale(2, 5),
        secrets=(Secret("TOKEN", "env:TOKEN"),),
    )
    said = said_of(wanted)
    assert said["server.auth"] == {"keys": "keys.json"}
    assert said["server.rows"] == 10
    assert said["resources.memory"] == 2**30
    assert "resources.cpu" not in said
    assert (said["autoscale.least"], said["autoscale.most"]) == (2, 5)
    assert said["secrets.TOKEN"] == "env:TOKEN"


def test_differences_are_named_field_by_field():
    wanted = replace(ONE, bundle="sha256:bb", server={"rows": 10})
    live = replace(ONE, replicas=2)
    assert differences(live, wanted) == (
        Change("bundle", "sha256:aa", "sha256:bb"),
        Change("replicas", 2, None),
        Change("server.rows", None, 10),
    )
    assert differences(wanted, wanted) == ()
    assert Change("bundle", None, "sha256:bb") in differences(None, wanted)
