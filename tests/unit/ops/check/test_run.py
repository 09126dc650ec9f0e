import pytest

from trimtab.core.attestations import Measure
from trimtab.core.errors import Problem, RefusedError, UserError
from trimtab.ops.check.asking import NoAnswerError
from trimtab.ops.check.found import Found
from trimtab.ops.check.run import require, run_checks
from trimtab.ops.check.subject import CannotError


def ok(_subject, _bench):
    return Found((Measure("m", 1.0, "PASS"),), {"fact": 1}, "sha256:live", "prod")


def raising(error):
    def check(_subject, _bench):
        raise error

    return check


CHECKS = {
    "golden": raising(RefusedError(Problem("P280", "another answer", "row 3"), Problem("P281", "and more"))),
    "tests": raising(CannotError("no tests", "write some")),
    "scan": raising(UserError(Problem("P272", "no file", "held", "make it"))),
    "model": raising(ZeroDivisionError("ours")),
    "contract": raising(NoAnswerError(3, 1, "KeyError")),
    "load": ok,
}


def test_whatever_becomes_of_one_all_are_made_and_say_why(subject, bench):
    told = []
    made = run_checks(CHECKS, subject(), bench(), lambda: 7.0, told.append, CHECKS.__getitem__)
    assert [one.kind for one in told] == list(CHECKS)
    found = {one.kind: one for one in made}
    assert {kind: one.verdict for kind, one in found.items()} == {
        "golden": "FAIL", "tests": "UNKNOWN", "scan": "UNKNOWN", "model": "UNKNOWN", "contract": "FAIL",
        "load": "PASS",
    }  # fmt: skip
    assert [one.says for one in found["golden"].measures] == ["another answer, at row 3", "and more"]
    assert found["tests"].measures[0].says == "no tests: write some"
    assert found["model"].measures[0].says == "the check itself failed: ZeroDivisionError: ours"
    load = found["load"]
    assert (load.made, load.digest, load.against, load.environment) == (
        7.0, subject().bundle.digest, "sha256:live", "prod",
    )  # fmt: skip


def test_a_failure_and_what_is_required_and_unknown_stand_against_it_and_nothing_else(subject, bench):
    made = run_checks(CHECKS, subject(), bench(), lambda: 7.0, checks=CHECKS.__getitem__)
    with pytest.raises(RefusedError) as refused:
        require(made, {"tests", "load"})
    assert [(one.code, one.what) for one in refused.value.problems] == [
        ("P401", "the check `golden` failed: P280: another answer, at row 3"),
        ("P401", "the check `tests` is not known to pass: made: no tests: write some"),
        ("P401", "the check `contract` failed: answers: row 3: KeyError"),
    ]
    require([one for one in made if one.kind not in ("golden", "contract")], {"load"})
