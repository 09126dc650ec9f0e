"""`trimtab approve`, and through it how evidence is shown to a person and to a program."""

import json
import re

import pytest

from trimtab.core.deployment import Deployment
from trimtab.release.ledger.releases import ReleaseBegun, body_of, kind_of
from trimtab.release.promotion.values import Judgement, Source
from trimtab.release.record.local import LocalRecord

SMALL = """
name = "copy"
[model]
path = "m:a"
[env.dev]
[env.prod]
approvals = 2
approvers = ["ann", "bob", "carl"]
"""


@pytest.fixture
def people(signers, here):
    """Ann and Bob, who are asked, and Eve, who is not; each has a key here."""
    (here / "keys").mkdir()
    for name in ("ann", "bob", "eve"):
        person = signers.person(name)
        (here / f"{name}.pem").write_bytes(person.private().pem)
        if name != "eve":
            (here / f"keys/{name}.pub").write_bytes(person.public.pem)
    (here / "trimtab.toml").write_text(SMALL.replace(', "carl"', ""))


@pytest.mark.usefixtures("people")
def test_a_yes_says_to_what_and_counts_once_for_each_who_is_asked(type_in, answering):
    said = type_in("approve", "prod", "--key", "ann.pem", "--comment", "looks good")
    assert said.status == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == f"bundle     copy@{answering.digest}"
    assert lines[1].startswith("commit     ")
    assert lines[2] == "for        prod"
    assert lines[3].startswith("yes        ann, key sha256:")
    assert lines[4] == "approvals  1 of 2 (ann)"
    again = json.loads(type_in("approve", "prod", "copy", "--key", "ann.pem", "--json").out)
    assert again["approvals"] == {"verdict": "FAIL", "why": "1 of 2 (ann)"}
    assert again["evidence"][0]["facts"]["comment"] == "looks good"
    both = type_in("approve", "prod", answering.digest, "--key", "bob.pem")
    assert re.search(r"approval   PASS \d+ s ago by ann", both.out)
    assert both.out.splitlines()[-1] == "approvals  2 of 2 (ann, bob)"
    assert both.out.count("approval   PASS") == 1
    assert "older      1, of kinds that were found out anew" in both.out


@pytest.mark.usefixtures("people", "answering")
def test_a_yes_can_be_taken_back(type_in):
    type_in("approve", "prod", "--key", "ann.pem")
    said = type_in("approve", "prod", "--key", "ann.pem", "--no", "--comment", "it leaks")
    assert said.status == 0
    assert "no         ann, key" in said.out
    assert said.out.splitlines()[-1] == "approvals  0 of 2; `ann` says no"


@pytest.mark.usefixtures("people")
def test_who_is_not_asked_says_nothing_and_nothing_is_kept(type_in, answering, here):
    said = type_in("approve", "prod", "--key", "eve.pem")
    assert said.status == 1
    assert "error[P444]: this word would not count in `prod`" in said.err
    assert "it asks `ann`, `bob`" in said.err
    assert not (here / ".trimtab/evidence").exists()
    assert answering.digest in said.out


@pytest.mark.usefixtures("people", "answering")
def test_where_nobody_is_asked_or_whose_key_is_missing_that_is_said(type_in, here):
    assert "error[P443]: `dev` asks nobody" in type_in("approve", "dev", "--key", "ann.pem").err
    assert "no environment `prd`" in type_in("approve", "prd", "--key", "ann.pem").err
    (here / "trimtab.toml").write_text(SMALL)
    said = type_in("approve", "prod", "--key", "ann.pem")
    assert (said.status, "error[P442]: there is no key of the approver `carl`" in said.err) == (2, True)


@pytest.mark.usefixtures("people", "answering")
def test_a_digest_that_nobody_knows_here_can_be_approved_and_nothing_shorter(type_in):
    digest = f"sha256:{'d' * 64}"
    said = type_in("approve", "prod", digest, "--key", "ann.pem")
    assert said.status == 0
    assert f"bundle     copy@{digest}" in said.out
    assert "none: neither the bundle nor the record says" in said.out
    assert type_in("approve", "prod", "sha256:dddddddd", "--key", "ann.pem").status == 2


@pytest.mark.usefixtures("people", "answering")
def test_a_bundle_that_is_elsewhere_is_known_by_the_record(type_in, here):
    """So that the hint of a gate can be typed by whoever is asked, and the author's yes is not counted."""
    digest, record = f"sha256:{'d' * 64}", LocalRecord(here / "ledger", here / ".trimtab")
    source = Source("c" * 40, "refs/heads/main", "ann@example.org")
    begun = ReleaseBegun("r1", "dev", Deployment("copy", "dev", digest), None, Judgement("passed", ()), source, "carl")
    record.append(kind_of(begun), "dev/copy", body_of(begun), "", {})
    said = type_in("approve", "prod", "copy@sha256:dddddddd", "--key", "ann.pem")
    assert said.status == 0, said.err
    assert said.out.splitlines()[:2] == [f"bundle     copy@{digest}", f"commit     {'c' * 40}"]
    assert said.out.splitlines()[-1] == "approvals  0 of 2; `ann` wrote the commit, and another has to look"
