from __future__ import annotations

import json

import pytest

from trimtab.core.deployment import Deployment
from trimtab.release.ledger.releases import ReleaseBegun, ReleaseEnded, body_of, kind_of
from trimtab.release.promotion.values import Finding, Judgement, Source
from trimtab.release.record.local import LocalRecord

PROJECT = 'name = "churn"\n[model]\npath = "m:a"\n[env.dev]\n[env.prod]\nafter = "dev"\n'
WANTED = Deployment("churn", "prod", f"sha256:{'a' * 64}")


@pytest.fixture
def project(here):
    (here / "trimtab.toml").write_text(PROJECT)
    return here


@pytest.fixture
def released(project):
    """An emergency to prod, and a release to dev that failed."""
    record = LocalRecord(project / "ledger", project / ".trimtab")

    def add(note, environment):
        entries = record.entries()
        last = entries[-1].digest if entries else ""
        record.append(kind_of(note), f"{environment}/churn", body_of(note), last, {})

    against = Finding("approvals", "FAIL", "0 of 1")
    judged = Judgement("emergency", (Finding("golden", "PASS", "20 rows"), against), "the site is down")
    source = Source("c" * 40, "refs/tags/v1", "ann@example.com", dirty=True)
    add(
        ReleaseBegun("r1", "prod", WANTED, None, judged, source, "ann@here", evidence=("e" * 64, *("f" * 64,) * 8)),
        "prod",
    )
    add(ReleaseEnded("r1", "released", WANTED), "prod")
    dev = Deployment("churn", "dev", WANTED.bundle)
    add(ReleaseBegun("r2", "dev", dev, None, Judgement("passed", ()), Source(), "bob@here"), "dev")
    add(ReleaseEnded("r2", "rolled back", None, "it did not come up\x1b[31m"), "dev")
    return project


@pytest.mark.usefixtures("released")
def test_it_says_what_ran_when_why_who_said_so_and_on_which_evidence(type_in):
    said = type_in("history", "prod")
    assert said.status == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("prod ")
    assert lines[0].endswith(" r1   release        churn@sha256:aaaaaaaa  released")
    assert lines[1].strip() == "by ann@here, refs/tags/v1 cccccccccccc, with changes that no commit holds"
    assert lines[2].strip() == "gate emergency: golden PASS 20 rows; approvals FAIL 0 of 1"
    assert lines[3].strip() == f"evidence eeeeeeeeeeee{', ffffffffffff' * 5} and 3 more"
    assert lines[4].strip() == (
        "EMERGENCY  release `r1` to `prod` by `ann@here` past its gate: the site is down; against it: approvals FAIL"
    )
    assert len(lines) == 5
    assert said.err.startswith("verified   5 entries, the last is ")


@pytest.mark.usefixtures("released")
def test_what_a_terminal_would_obey_is_shown_and_not_done(type_in):
    said = type_in("history", "dev")
    assert "rolled back: it did not come up\\x1b[31m" in said.out
    assert "\x1b" not in said.out


@pytest.mark.usefixtures("released")
def test_json_has_all_of_it(type_in):
    found = json.loads(type_in("history", "--json").out)
    first, second = found["releases"]
    assert (first["release"], first["outcome"], first["emergency"]) == ("r1", "released", "the site is down")
    assert first["judgement"]["findings"][1]["verdict"] == "FAIL"
    assert (second["environment"], second["reason"]) == ("dev", "it did not come up\x1b[31m")
    assert found["entries"] == 5


def test_an_entry_that_was_changed_is_refused(released, type_in):
    path = released / "ledger/ledger.jsonl"
    path.write_text(path.read_text().replace("the site is down", "the site is fine"))
    said = type_in("history")
    assert (said.status, said.out) == (2, "")
    assert "error[P421]: the ledger was changed: entry 1 is not what was written" in said.err


@pytest.mark.usefixtures("project")
def test_nothing_was_released_yet(type_in):
    assert type_in("history").err == "no releases\n"
    assert json.loads(type_in("history", "--json").out) == {"releases": [], "entries": 0, "last": ""}
