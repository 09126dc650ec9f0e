from __future__ import annotations

import json

import pytest

from trimtab.core.deployment import Deployment, Resources, Secret
from trimtab.core.errors import UserError
from trimtab.release.ledger.plain import plain_of
from trimtab.release.record.wanted import wanted_in, wanted_path, wanted_text

WANTED = Deployment(
    "churn", "prod", "sha256:aa", server={"rows": 10}, secrets=(Secret("TOKEN", "env:TOKEN"),),
    resources=Resources(0.5, 100),
)  # fmt: skip
PATH = wanted_path("prod", "churn")


def changed(**said):
    return json.dumps({**plain_of(WANTED), **said})


def test_what_is_wanted_is_read_back():
    assert PATH == "environments/prod/churn.json"
    assert wanted_in(PATH, wanted_text(WANTED)) == WANTED
    assert wanted_in(PATH, wanted_text(None)) is None
    least = '{"name": "churn", "environment": "prod", "bundle": "sha256:aa"}'
    assert wanted_in(PATH, least) == Deployment("churn", "prod", "sha256:aa")


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", '{"name": 3}', "[" * 5000, changed(replicas="two")])
def test_what_is_no_deployment_is_named_with_its_path(text):
    with pytest.raises(UserError) as refused:
        wanted_in(PATH, text)
    assert (refused.value.problems[0].code, refused.value.problems[0].where) == ("P490", PATH)


@pytest.mark.parametrize(
    ("said", "what", "hint"),
    [
        ({"replica": 2}, "no `replica`", "did you mean `replicas`?"),
        ({"resources": {"cpus": 1}}, "no `resources.cpus`", ""),
        ({"secrets": [{"name": "A", "source": "env:A", "value": "x"}]}, "no `secrets.value`", ""),
        ({"name": "fraud"}, "`name` is `fraud`", '"name": "churn"'),
        ({"environment": "dev"}, "`environment` is `dev`", '"environment": "prod"'),
        ({"challenger": "sha256:bb"}, "`challenger` is said", "leave it out"),
        ({"traffic": 0.5}, "`traffic` is said", "leave it out"),
    ],
)
def test_nothing_that_is_said_is_dropped_in_silence(said, what, hint):
    with pytest.raises(UserError) as refused:
        wanted_in(PATH, changed(**said))
    assert any(what in one.what and hint in one.hint for one in refused.value.problems)
