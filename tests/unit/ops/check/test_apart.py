import pytest

from trimtab.core.deployment import Secret
from trimtab.ops.check.apart import places_of, same_places
from trimtab.release.environments import Environment, Place


def env(name, **said):
    return Environment(name, **said)


def found(prod, staging, shared=()):
    both = {"staging": env("staging", **staging), "prod": env("prod", **prod)}
    return [str(one) for one in same_places("prod", both, shared)]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"server": {"log": {"folder": "/data/journal"}}}, "server.log.folder"),
        ({"server": {"log": {"folder": "journal"}}}, "server.log.folder"),
        ({"server": {"log": {"ship": ["s3://churn/staging"]}}}, "server.log.ship.0"),
        ({"server": {"auth": {"tokens": {"staff": {"issuer": "https://login.example/test"}}}}},
         "server.auth.tokens.staff.issuer"),
        ({"server": {"auth": {"keys": "keys.json"}}}, "server.auth.keys"),
        ({"variables": {"DATABASE": "churn_test"}}, "variables.DATABASE"),
        ({"variables": {"FEATURES": "features.staging.example:6379"}}, "variables.FEATURES"),
        ({"variables": {"ROWS": "https://rows.example/v1"}}, "variables.ROWS"),
        ({"secrets": (Secret("TOKEN", "env:STAGING_TOKEN"),)}, "secrets.TOKEN"),
        ({"telemetry": "http://collector.example:4318"}, "telemetry"),
        ({"target": Place("kubernetes", {"context": "x", "host": "cluster.example"})}, "target.host"),
    ],
)  # fmt: skip
def test_production_that_points_at_staging_is_refused_by_name_and_without_the_value(said, name):
    assert found(said, said) == [f"`{name}` is the same in `staging`"]
    assert found(said, said, (name,)) == []
    assert found(said, {}) == []


@pytest.mark.parametrize(
    "said",
    [
        {"variables": {"REGION": "eu", "LEVEL": "1.2.3", "MODE": "fast"}},
        {"server": {"host": "0.0.0.0", "port": 8080, "engine": "workers"}},  # noqa: S104  # text alone
        {"variables": {"PROXY": "localhost:3128", "OTHER": "127.0.0.1:9"}},
        {"image": "images.example/churn", "replicas": 2},
        {"target": Place("local", {"port": 8081})},
    ],
)
def test_what_leads_nowhere_may_be_the_same(said):
    assert found(said, said) == []


def test_another_name_for_the_same_place_is_found():
    same = found(
        {"variables": {"DB_URL": "https://DB.example/churn/"}}, {"variables": {"ROWS_URL": "https://db.example/churn"}}
    )
    assert same == ["`variables.DB_URL` is the same as `variables.ROWS_URL` in `staging`"]


def test_shared_names_are_patterns():
    said = {"server": {"auth": {"tokens": {"staff": {"issuer": "https://login.example"}}}}}
    assert found(said, said, ("server.auth.*",)) == []


def test_places_have_their_dotted_names():
    places = places_of(env("prod", variables={"DB_HOST": "db.example"}, server={"log": {"ship": ["s3://a", "s3://b"]}}))
    assert places == {
        "server.log.ship.0": "s3://a", "server.log.ship.1": "s3://b", "variables.DB_HOST": "db.example",
    }  # fmt: skip
