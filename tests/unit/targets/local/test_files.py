"""What is rendered for an endpoint on this machine, as text."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from trimtab.core.deployment import Deployment, Secret
from trimtab.core.errors import UserError
from trimtab.targets.kept import kept
from trimtab.targets.local.files import Files
from trimtab.targets.local.target import LocalTarget, local_target
from trimtab.targets.target import Means

BASE = Path("/srv/trimtab")
TARGET = LocalTarget(Means(BASE / "store", BASE / "targets", BASE / "churn"), python="/usr/bin/python3")
PROD = Deployment(
    "churn", "prod", "sha256:" + "1" * 64, challenger="sha256:" + "2" * 64, port=8083,
    server={"admin": 8093, "processes": 2, "auth": {"keys": "keys.json"}, "log": {"interactions": 1.0}},
    variables={"REGION": "eu"}, secrets=(Secret("TOKEN", "env:PROD_TOKEN"),), timeout_s=5.0,
)  # fmt: skip


def test_the_files_are_the_golden_ones(root: Path) -> None:
    golden = root / "tests/golden/targets/local"
    assert kept(golden / "deployment.json") == PROD  # which `scripts/golden.py` renders
    files = TARGET.render(PROD).files
    assert {name: text for name, text in files.items() if text != (golden / Path(name).name).read_text()} == {}
    assert {Path(name).name for name in files} == {path.name for path in golden.iterdir()}


def test_where_it_listens_is_the_deployments_to_say() -> None:
    files = Files("python", BASE, BASE / "x", BASE)
    said = tomllib.loads(files.settings(replace(PROD, server={"host": "::", "port": 1, "timeout": "1s"})))
    assert (said["server"]["host"], said["server"]["port"], said["server"]["timeout"]) == ("127.0.0.1", 8083, "5s")


def test_a_journal_that_is_named_stays_there_and_another_is_the_endpoints_own() -> None:
    files = Files("python", BASE, BASE / "x", BASE)
    own = replace(PROD, server={"log": {"folder": "elsewhere"}})
    assert tomllib.loads(files.settings(own))["server"]["log"]["folder"] == "elsewhere"
    assert tomllib.loads(files.settings(PROD))["server"]["log"]["folder"] == str(BASE / "x/journal")


def test_what_it_cannot_honour_or_write_is_refused() -> None:
    with pytest.raises(UserError, match="P500") as caught:
        TARGET.render(replace(PROD, replicas=2, public=True))
    assert len(caught.value.problems) == 2
    with pytest.raises(UserError, match="P505"):
        TARGET.render(replace(PROD, server={}))
    with pytest.raises(UserError, match="P505"):
        TARGET.render(replace(PROD, name="a\nb"))


def test_insecure_is_an_option_and_reaches_the_command() -> None:
    target = local_target({"insecure": True, "port": 8083}, TARGET.means)
    assert target.insecure
    files = Files("python", BASE, BASE / "x", BASE, insecure=True)
    assert files.command(PROD)[-1] == "--insecure"
    with pytest.raises(UserError, match="P504"):
        local_target({"insecure": "yes"}, TARGET.means)


@pytest.mark.parametrize(("name", "environment"), [("../x", "prod"), ("churn", "a/b"), ("churn", ""), ("", "prod")])
def test_no_name_leads_out_of_the_folder(name: str, environment: str) -> None:
    with pytest.raises(UserError, match="P505"):
        TARGET.status(name, environment)
    with pytest.raises(UserError, match="P505"):
        TARGET.remove(name, environment)
    with pytest.raises(UserError, match="P505"):
        TARGET.render(replace(PROD, name=name, environment=environment))
