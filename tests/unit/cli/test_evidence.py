"""`trimtab evidence`."""

import json
import re

import pytest

SMALL = '\nname = "copy"\n[model]\npath = "m:a"\n'
SCAN = {
    "version": "2.1.0",
    "runs": [{"tool": {"driver": {"name": "scanner"}}, "results": [{"ruleId": "R\x1b[2J", "level": "error"}]}],
}


@pytest.fixture
def scan(here):
    """A project without a word on trust, and a file of results that says no."""
    (here / "trimtab.toml").write_text(SMALL)
    (here / "scan.sarif").write_text(json.dumps(SCAN))


def test_without_any_it_says_so(type_in, answering, here):
    (here / "trimtab.toml").write_text(SMALL)
    said = type_in("evidence")
    assert said.out == f"bundle     copy@{answering.digest}\n"
    assert said.err.startswith("no evidence; `trimtab check --evidence`")
    assert "no evidence of the kind `scan`" in type_in("evidence", "show", "--kind", "scan").err


@pytest.mark.usefixtures("scan")
def test_results_of_another_tool_are_signed_by_the_store_and_listed(type_in, answering, here):
    said = type_in("evidence", "add", "scan.sarif", "--kind", "scan")
    assert (said.status, said.err) == (0, "")
    assert re.search(r"scan       FAIL \d+ s ago by this store", said.out)
    assert (here / ".trimtab/keys/evidence.pem").stat().st_mode & 0o777 == 0o600
    heading, row = type_in("evidence", "copy").out.splitlines()[1:]
    assert heading.split() == ["kind", "verdict", "age", "by", "counts", "in", "document"]
    assert row.split()[:2] == ["scan", "FAIL"]
    (plain,) = json.loads(type_in("evidence", answering.digest, "--json").out)["evidence"]
    assert (plain["kind"], plain["verdict"], plain["signer"], plain["fault"]) == ("scan", "FAIL", "this store", "")
    assert plain["facts"]["file"] == "scan.sarif"
    shown = type_in("evidence", "show", "copy").out
    assert "fail       errors 1, limit 0" in shown
    assert "found      error R" in shown
    assert "\x1b" not in shown


@pytest.mark.usefixtures("scan", "answering")
def test_what_counts_for_nobody_is_named_with_its_reason(type_in, here, signers):
    type_in("evidence", "add", "scan.sarif", "--kind", "scan")
    ann = signers.person("ann")
    (here / "ann.pem").write_bytes(ann.private().pem)
    (here / "ann.pub").write_bytes(ann.public.pem)
    (here / "trimtab.toml").write_text(f'{SMALL}[trust]\nkeys = ["ann.pub"]\n[env.prod]\n')
    said = type_in("evidence")
    assert said.status == 0
    assert said.out.splitlines()[1].startswith("fault      scan ")
    assert "by no key that the policy names" in said.out
    added = type_in("evidence", "add", "scan.sarif", "copy", "--kind", "scan", "--key", "ann.pem")
    assert re.search(r"FAIL \d+ s ago by ann", added.out)
    unsigned = type_in("evidence", "add", "scan.sarif", "--kind", "scan")
    assert "kept, and does not count: it is by no key" in unsigned.out


@pytest.mark.usefixtures("scan", "answering")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("scan.sarif", "--kind", "tests"), "error[P445]: `scan.sarif` is no `tests` that can be read: SARIF"),
        (("trimtab.toml", "--kind", "scan"), "error[P445]: `trimtab.toml` is no `scan`"),
        (("no.xml", "--kind", "tests"), "error[P445]: `no.xml` cannot be read: no such file"),
        ((".", "--kind", "tests"), "error[P445]: `.` cannot be read: is a directory"),
        (("scan.sarif",), "error[P113]"),
    ],
)
def test_a_file_that_shows_nothing_is_refused_and_nothing_is_kept(type_in, here, words, why):
    said = type_in("evidence", "add", *words)
    assert said.status == 2
    assert why in said.err
    assert not (here / ".trimtab/evidence").exists()


def test_without_a_project_nobody_says_whose_word_counts(type_in, answering):
    said = type_in("evidence", answering.digest)
    assert (said.status, "error[P446]" in said.err) == (2, True)
