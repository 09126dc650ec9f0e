"""`trimtab check`: a whole bundle passes, and what is wrong is named."""

import json

import pytest


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
