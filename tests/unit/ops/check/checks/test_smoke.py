import json

import pytest

from trimtab.core.deployment import Secret
from trimtab.ops.check.checks.smoke import check
from trimtab.ops.check.subject import Deployed, Heard
from trimtab.release.environments import Environment
from trimtab.release.flight.plan import Limit

DIGEST = f"sha256:{'1' * 64}"
APART = {
    "staging": Environment("staging", server={"log": {"folder": "/data/staging"}}),
    "prod": Environment("prod", server={"log": {"folder": "/data/prod"}}, secrets=(Secret("T", "env:PROD"),)),
}


@pytest.fixture
def made(subject, bench, good, table):
    def make(environments=None, shared=(), **said):
        seconds = iter([said.pop("first", 0.01), *[0.01] * 99])
        status, digest, bare = said.pop("status", 200), said.pop("digest", DIGEST), said.pop("bare", 401)
        y = (good(table())["y"] + said.pop("wrong", 0.0)).tolist()
        answer = {"outputs": [{"name": "y", "datatype": "FP64", "shape": [12], "data": y}]}

        def wire(method, path, body=b"", headers=None):
            del body, headers
            if method == "POST":
                return Heard(200, {}, json.dumps(answer).encode(), next(seconds))
            if path.endswith("ready"):
                return Heard(status, {}, b"", 0.0)
            return Heard(200, {}, json.dumps({"properties": {"digest": digest}}).encode(), 0.0)

        guarded = said.pop("guarded", True)
        deployed = Deployed("https://churn.example", wire, lambda *_: Heard(bare, {}, b"", 0.0), guarded)
        one = subject(
            wanted={"shared": shared}, deployed=deployed, environment="prod", environments=environments or APART,
            limits=(Limit("p99", at_most=0.08),), **said,
        )  # fmt: skip
        return check(one, bench())

    return make


@pytest.mark.parametrize(
    ("wrong", "name", "verdict"),
    [
        ({"status": 503}, "ready", "FAIL"),
        ({"digest": "sha256:other"}, "digest", "FAIL"),
        ({"wrong": 0.1}, "golden", "FAIL"),
        ({"bare": 200}, "auth", "FAIL"),
        ({"bare": 500}, "auth", "FAIL"),
        ({"bare": 200, "guarded": False}, "auth", "WARN"),
        ({"first": 3.0}, "first answer", "WARN"),
        ({"environments": {**APART, "staging": APART["prod"]}}, "settings", "FAIL"),
    ],
)
def test_each_fault_of_a_deployed_endpoint_is_found(made, wrong, name, verdict, verdicts):
    found = made(**wrong)
    assert {one: said for one, said in verdicts(found.measures).items() if said != "PASS"} == {name: verdict}


def test_a_healthy_one_passes_for_its_environment_and_says_how_long_the_first_answer_took(made):
    found = made(first=0.05)
    assert {one.verdict for one in found.measures} == {"PASS"}
    assert (found.environment, found.facts["url"]) == ("prod", "https://churn.example")
    first = next(one for one in found.measures if one.name == "first answer")
    assert (first.value, first.unit, first.says) == (0.05, "s", "5.0 times as long as later ones")


def test_production_that_points_at_the_journal_of_staging_is_refused_by_name_unless_it_is_listed(made):
    both = {**APART, "staging": Environment("staging", server=APART["prod"].server)}
    [settings] = [one for one in made(environments=both).measures if one.name == "settings"]
    assert settings.verdict == "FAIL"
    assert settings.says.startswith("`server.log.folder` is the same in `staging`")
    found = made(environments=both, shared=("server.log.folder",))
    assert {one.verdict for one in found.measures} == {"PASS"}


def test_without_an_endpoint_or_an_environment_it_is_unknown(subject, bench, verdicts):
    assert verdicts(check(subject(), bench()).measures) == {"endpoint": "UNKNOWN", "settings": "UNKNOWN"}
