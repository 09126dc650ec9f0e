import pytest

from trimtab.ops.check.checks.tests import check
from trimtab.ops.check.subject import CannotError

CASE = '<testcase classname="tests.test_a" name="test_{}" time="0.1">{}</testcase>'
SKIPPED = "<skipped/>"


def report(*cases):
    inner = "".join(CASE.format(at, case) for at, case in enumerate(cases))
    return f"<testsuites><testsuite>{inner}</testsuite></testsuites>"


@pytest.fixture
def made(subject, bench, tmp_path):
    def make(text):
        (tmp_path / "tests").mkdir(exist_ok=True)
        return check(subject(wanted={"tests": tmp_path / "tests"}), bench(report=text))

    return make


@pytest.mark.parametrize(
    ("cases", "verdicts"),
    [
        (["", ""], {"run": "PASS", "failed": "PASS", "skipped": "PASS"}),
        (["", '<failure message="assert 0"/>'], {"run": "PASS", "failed": "FAIL", "skipped": "PASS"}),
        (['<error message="ImportError"/>'], {"run": "PASS", "failed": "FAIL", "skipped": "PASS"}),
        ([], {"run": "UNKNOWN", "failed": "PASS", "skipped": "PASS"}),
        ([SKIPPED, SKIPPED], {"run": "UNKNOWN", "failed": "PASS", "skipped": "PASS"}),
        (["", SKIPPED], {"run": "PASS", "failed": "PASS", "skipped": "PASS"}),
    ],
)
def test_no_test_is_no_success_and_a_failure_is_named(made, cases, verdicts):
    found = {one.name: one for one in made(report(*cases)).measures}
    assert {name: one.verdict for name, one in found.items()} == verdicts
    assert ("tests.test_a test_" in found["failed"].says) == (verdicts["failed"] == "FAIL")
    assert found["skipped"].value == cases.count(SKIPPED)


def test_tests_that_are_not_named_not_there_or_left_no_report_are_unknown(made, subject, bench, tmp_path):
    for wanted, why in (({}, "no tests are named"), ({"tests": tmp_path / "none"}, "there is no `none`")):
        with pytest.raises(CannotError, match=why):
            check(subject(wanted=wanted), bench())
    with pytest.raises(CannotError, match="cannot be read"):
        made("<")
