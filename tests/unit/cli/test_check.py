"""`trimtab check`: a whole bundle passes, and what is wrong is named."""

import json
from contextlib import closing

import numpy as np
import pytest
from tests.doubles.clones import git
from tests.doubles.logged import DAY, NOON, interaction, schema_of

from trimtab.core.deployment import Deployment
from trimtab.core.signature import Field
from trimtab.core.table import Column
from trimtab.journal.folder import open_folder
from trimtab.journal.segments.frames import Frame, Kind
from trimtab.journal.segments.writer import Writer
from trimtab.release.ledger.releases import ReleaseBegun, ReleaseEnded, body_of, kind_of
from trimtab.release.promotion.values import Judgement, Source
from trimtab.release.record.git import GitRecord
from trimtab.release.record.tip import Tip
from trimtab.release.source.git import Git


def test_a_bundle_that_answers_as_recorded_passes(type_in, answering):
    said = type_in("check", "copy")
    assert (said.status, said.err) == (0, "")
    topics = dict(line.split(maxsplit=1) for line in said.out.splitlines())
    assert topics == {
        "bundle": f"copy@{answering.digest}, 2 files verified",
        "golden": "3 rows replayed, largest difference 0.0",
    }


def test_a_damaged_bundle_is_refused_before_anything_runs(type_in, answering):
    path = answering.folder / "golden" / "request.json"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6"))
    said = type_in("check", "copy", "--json")
    assert (said.status, said.out) == (2, "")
    assert [(one["code"], one["where"]) for one in json.loads(said.err)["errors"]] == [("P209", "golden/request.json")]


def test_the_faults_of_the_project_file_come_before_those_of_the_bundle(type_in, here):
    (here / "trimtab.toml").write_text('nmae = "x"\n')
    said = type_in("check")
    assert said.status == 2
    assert "error[P103]: no key `nmae`" in said.err


@pytest.mark.parametrize(("words", "code"), [((), "P122"), (("churn",), "P230"), (("./gone",), "P204")])
def test_what_is_not_there_is_exit_2(type_in, words, code):
    said = type_in("check", *words)
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err


PROJECT = """
name = "copy"
[model]
path = "m:a"
[env.dev]
requires = ["golden", { kind = "replay", warn_only = true }]
[env.prod]
after = "dev"
requires = ["golden", "replay"]
"""


@pytest.fixture
def project(here, answering):
    (here / "trimtab.toml").write_text(PROJECT)
    return answering


def test_what_an_environment_requires_is_found_out_shown_and_kept(type_in, project, here):
    said = type_in("check", "copy", "--for", "dev")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "golden      PASS     2 of 2 hold, files 2, rows 3, n 3",
        "replay      UNKNOWN  there is no journal: `--journal DIR` names one",
    ]
    kept = list((here / ".trimtab/evidence" / project.digest.removeprefix("sha256:")).glob("*.json"))
    assert len(kept) == 2


def test_what_is_live_is_what_the_record_in_git_says(type_in, project, here):
    (here / "trimtab.toml").write_text(PROJECT + '[release]\nrecord = "git"\n')
    git(here, "init", "--quiet", "--initial-branch=main", ".")
    record = GitRecord(Tip(Git(here), "", "releases"))
    live = Deployment("copy", "dev", project.digest)
    last = ""
    for note in (
        ReleaseBegun("r1", "dev", live, None, Judgement("passed", ()), Source(), "ann"),
        ReleaseEnded("r1", "released", live),
    ):
        last = record.append(kind_of(note), "dev/copy", body_of(note), last, {}).digest
    said = type_in("check", "copy", "--only", "compatible", "--for", "dev", "--json")
    assert said.status == 0, said.err
    (made,) = json.loads(said.out)["checks"]
    assert (made["verdict"], made["against"]) == ("PASS", project.digest)


@pytest.mark.usefixtures("project")
def test_an_environment_that_requires_nothing_is_told_so(type_in, here):
    (here / "trimtab.toml").write_text(PROJECT.replace('requires = ["golden", "replay"]', ""))
    said = type_in("check", "copy", "--for", "prod")
    assert (said.status, said.out) == (0, "")
    assert said.err == "nothing is looked for: `prod` requires nothing that a check finds out; `--all` does all\n"


@pytest.mark.usefixtures("project")
def test_what_is_required_and_not_known_is_exit_1_and_all_of_it_is_shown(type_in):
    said = type_in("check", "copy", "--for", "prod", "--json")
    assert said.status == 1
    assert [one["verdict"] for one in json.loads(said.out)["checks"]] == ["PASS", "UNKNOWN"]
    [error] = json.loads(said.err)["errors"]
    assert error["code"] == "P401"
    assert error["what"].startswith("the check `replay` is not known to pass: made: there is no journal")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--only", "gloden"), "P400"),
        (("--for", "production"), "P114"),
        (("--live", "none"), "P114"),
    ],
)
def test_kinds_and_environments_that_there_are_not_are_exit_2(type_in, words, code):
    said = type_in("check", "copy", *words)
    assert (said.status, said.out) == (2, "")
    assert f"error[{code}]" in said.err


@pytest.mark.usefixtures("answering")
def test_what_a_bundle_is_checked_for_stands_in_a_project_file(type_in):
    said = type_in("check", "copy", "--only", "golden")
    assert said.status == 2
    assert "error[P122]" in said.err


@pytest.mark.usefixtures("project")
def test_what_is_asked_for_by_name_is_required_and_a_first_release_has_no_champion(type_in):
    assert type_in("check", "copy", "--only", "champion", "--live", "none").status == 0
    assert type_in("check", "copy", "--only", "champion").status == 1
    same = type_in("check", "copy", "--only", "compatible", "--only", "champion", "--live", "copy")
    assert (same.status, same.out.count("PASS")) == (0, 2)


def log(folder, answers):
    """Requests of one row whose x is their number, and what was answered."""
    field = Field("x", "FP64", nullable=True)
    schema = schema_of((field,), (field,), "copy")
    with closing(Writer(open_folder(folder))) as writer:
        number = writer.declare(schema.to_json())
        for at, answer in enumerate(answers):
            told = {"id": f"0123456789ababcdefghijkl-{at:x}", "time": NOON + at * DAY}
            record = interaction(number, schema, {"x": Column(np.array([at * 1.0]))}, {"x": np.array([answer])}, **told)
            writer.write([Frame(Kind.INTERACTION, record)])


@pytest.mark.parametrize(("wrong", "verdict", "status"), [(0, "PASS", 0), (40, "FAIL", 1)])
def test_what_was_asked_before_is_replayed(type_in, project, here, wrong, verdict, status):
    (here / "trimtab.toml").write_text(PROJECT + "[limits]\ndisagreement = { at_most = 0.2 }\n")
    log(here / "journal", [at + (0.5 if at < wrong else 0.0) for at in range(60)])
    said = type_in("check", "copy", "--only", "replay", "--journal", here / "journal", "--json")
    [made] = json.loads(said.out)["checks"]
    assert (made["verdict"], said.status, made["against"], made["digest"]) == (verdict, status, "", project.digest)
