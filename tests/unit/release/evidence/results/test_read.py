import hashlib
import json

import pytest

from trimtab.release.evidence.results.read import found_in, result_of
from trimtab.release.evidence.results.result import ResultError
from trimtab.release.evidence.statements import statement_of


def run(*results, **more):
    driver = {"name": "scanner", "version": "1.2", "rules": [{"id": "R1", "defaultConfiguration": {"level": "error"}}]}
    return {"tool": {"driver": driver}, "results": list(results)} | more


def sarif(*runs, version="2.1.0"):
    return json.dumps({"version": version, "runs": list(runs)}).encode()


def vex(*found, **more):
    plain = {"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": list(found)}
    return json.dumps(plain | more).encode()


def vulnerable(state, name="CVE-1"):
    return {"id": name} | ({"analysis": {"state": state}} if state else {})


ERROR, WARNING, NOTE = (
    {"ruleId": "R9", "level": level, "message": {"text": "m"}} for level in ("error", "warning", "note")
)
OK = "<testcase classname='t' name='a'/>"
BAD = "<testcase classname='t' name='b'><failure message='x'/></testcase>"
BROKEN = "<testcase classname='t' name='c'><error/></testcase>"
SKIPPED = "<testcase classname='t' name='d'><skipped/></testcase>"


def suite(cases, **said):
    attributes = "".join(f' {name}="{value}"' for name, value in said.items())
    inner = f"<testsuite{attributes}>{cases}</testsuite>"
    return f"<?xml version='1.0' encoding='utf-8'?><testsuites>{inner}</testsuites>".encode()


@pytest.mark.parametrize(
    ("kind", "data", "verdict"),
    [
        ("scan", sarif(run()), "PASS"),
        ("scan", sarif(run(NOTE)), "PASS"),
        ("scan", sarif(run(WARNING)), "WARN"),
        ("scan", sarif(run(NOTE), run(WARNING, ERROR)), "FAIL"),
        ("scan", sarif(run({"ruleId": "R1"})), "FAIL"),
        ("scan", sarif(run({"ruleId": "R2"})), "WARN"),
        ("scan", sarif(run(ERROR | {"kind": "pass"})), "PASS"),
        ("scan", sarif(run(ERROR | {"kind": "open"})), "FAIL"),
        ("scan", sarif(run(ERROR | {"suppressions": [{"kind": "inSource"}]})), "PASS"),
        ("scan", sarif(run(ERROR | {"suppressions": [{"kind": "external", "status": "underReview"}]})), "FAIL"),
        ("scan", sarif(run(ERROR | {"suppressions": []})), "FAIL"),
        ("scan", sarif(), "UNKNOWN"),
        ("scan", sarif(run() | {"results": None}), "UNKNOWN"),
        ("scan", sarif(run(invocations=[{"executionSuccessful": False}])), "UNKNOWN"),
        ("scan", sarif(run(invocations=[{}])), "UNKNOWN"),
        ("scan", sarif(run(invocations=[{"executionSuccessful": True}])), "PASS"),
        ("scan", vex(), "PASS"),
        ("scan", vex(vulnerable("not_affected"), vulnerable("false_positive")), "PASS"),
        ("scan", vex(vulnerable("exploitable")), "FAIL"),
        ("scan", vex(vulnerable("in_triage")), "UNKNOWN"),
        ("scan", vex(vulnerable("")), "UNKNOWN"),
        ("tests", suite(OK, name="pytest", tests=1, failures=0, errors=0, skipped=0), "PASS"),
        ("tests", suite(OK + BAD, tests=2, failures=1), "FAIL"),
        ("tests", suite(OK + BROKEN, errors=1), "FAIL"),
        ("tests", suite(OK + SKIPPED, skipped=1), "PASS"),
        ("tests", suite(SKIPPED), "UNKNOWN"),
        ("tests", suite(""), "UNKNOWN"),
        ("model", b"\xef\xbb\xbf<testsuite><testcase/></testsuite>", "PASS"),
    ],
)
def test_what_a_file_comes_to(kind, data, verdict):
    assert result_of(kind, data).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("scan", b"", "no JSON"),
        ("scan", b"[]", "no JSON object"),
        ("scan", b"{}", "neither SARIF nor"),
        ("scan", b"\xff", "no JSON"),
        ("scan", b"[" * 100_000, "no JSON"),
        ("scan", sarif(version="2.0.0"), "another version"),
        ("scan", sarif(run(ERROR)).replace(b'"results"', b'"results": [], "results"'), "twice"),
        ("scan", sarif({"tool": {}, "results": []}), "which tool"),
        ("scan", sarif(run(ERROR | {"level": "fatal"})), "`fatal`"),
        ("scan", sarif(run(ERROR | {"kind": "bad"})), "`bad`"),
        ("scan", sarif(run(invocations={})), "no array"),
        ("scan", sarif(run() | {"results": {}}), "no array `results`"),
        ("scan", b'{"version": "2.1.0", "runs": 1}', "no array `runs`"),
        ("scan", vex(specVersion="1.0"), "another version"),
        ("scan", vex(vulnerable("unknown")), "`unknown`"),
        ("scan", vex({}), "no `id`"),
        ("scan", vex(vulnerabilities=None), "no array `vulnerabilities`"),
        ("tests", suite(OK, tests=2), "says 2 tests, and 1 are in it"),
        ("tests", suite(BAD, failures=0), "says 0 failures, and 1"),
        ("tests", suite(OK, tests="many"), "says many tests"),
        ("tests", b"<html/>", "begins with `html`"),
        ("tests", b"<testsuite>", "no XML"),
        ("tests", b'<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>', "document type or entities"),
        ("tests", '<?xml version="1.0" encoding="utf-16"?><testsuite/>'.encode("utf-16"), "no JSON|no XML"),
        ("tests", sarif(run()), "SARIF 2.1.0 shows a `scan`, and no `tests`"),
        ("scan", suite(OK), "JUnit XML shows `tests`, and no `scan`"),
    ],
)  # fmt: skip
def test_what_cannot_be_relied_upon_is_refused(kind, data, why):
    with pytest.raises(ResultError, match=why):
        result_of(kind, data)


def test_the_evidence_says_which_file_it_was_which_tool_and_what_was_found():
    data = sarif(run(ERROR, *[WARNING] * 30))
    found = found_in("scan", data, "scan.sarif", f"sha256:{'a' * 64}", 5.0, "ann@host")
    assert (found.kind, found.verdict, found.made, found.by) == ("scan", "FAIL", 5.0, "ann@host")
    assert found.facts["tools"] == ["scanner 1.2"]
    assert found.facts["sha256"] == hashlib.sha256(data).hexdigest()
    assert found.facts["found"][0] == "error R9: m"
    assert found.facts["found"][-1] == "and 11 more"
    assert [(one.name, one.count, one.verdict) for one in found.measures[:2]] == [
        ("errors", 1, "FAIL"), ("warnings", 30, "WARN"),
    ]  # fmt: skip
    assert statement_of(found)
