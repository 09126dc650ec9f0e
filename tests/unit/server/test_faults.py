"""Every error has its status, and its body says code, place and hint."""

import re

import pytest

from trimtab.core.check import Fault, SignatureError
from trimtab.core.errors import OutsideError, Problem, UserError
from trimtab.server.faults import (
    BROKEN,
    GONE,
    STATUS,
    ModelError,
    NotReadyError,
    OverloadedError,
    TooLateError,
    error_answer,
    problem_answer,
    refused,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SignatureError([Fault("a", 0, "wrong")]), 422),
        (refused("P310", "no body"), 400),
        (refused("P311", "no route"), 404),
        (refused("P312", "no model"), 404),
        (refused("P313", "no method"), 405),
        (refused("P314", "no type"), 415),
        (refused("P315", "too long"), 413),
        (NotReadyError(Problem("P316", "loading")), 503),
        (OverloadedError(Problem("P317", "full")), 503),
        (ModelError(Problem("P318", "failed")), 500),
        (TooLateError(Problem("P319", "late")), 504),
        (ModelError(Problem("P324", "these rows crashed it")), 500),
        (GONE, 499),
        (UserError(Problem("P295", "code that nobody trusted signed")), 403),
        (OutsideError(BROKEN), 500),
        (UserError(Problem("P999", "of another room")), 500),
    ],
)
def test_the_first_code_decides_the_status(error, status, kit):
    answer = error_answer(error, "id-1")
    assert (answer.status, kit.said(answer)["code"], kit.said(answer)["id"]) == (status, error.problems[0].code, "id-1")


def test_every_code_of_the_table_has_a_heading_in_the_documentation(root):
    headings = set(re.findall(r"^#+ .*\b(P\d{3})\b", (root / "docs/errors.md").read_text(), re.MULTILINE))
    assert set(STATUS) - headings == set()


def test_the_body_names_place_and_hint_once():
    answer = error_answer(refused("P310", "no output `x`", "the body", "did you mean `y`?"))
    assert answer.body == b'{"error":"the body: no output `x`","code":"P310","hint":"did you mean `y`?"}'
    assert answer.content_type == b"application/json"


def test_faults_are_listed_by_column_and_row(kit):
    faults = [Fault("age", 3, "`-1` is outside 0 to 120"), Fault("plan", None, "missing column", "add it")]
    assert kit.said(error_answer(SignatureError(faults))) == {
        "error": "column `age`, row 3: `-1` is outside 0 to 120; column `plan`: missing column",
        "code": "P301",
        "faults": [
            {"column": "age", "row": 3, "what": "`-1` is outside 0 to 120"},
            {"column": "plan", "row": None, "what": "missing column", "hint": "add it"},
        ],
    }


def test_many_problems_are_counted_after_the_first_five_and_faults_cut_at_fifty(kit):
    body = kit.said(error_answer(SignatureError([Fault("a", row, "wrong") for row in range(60)])))
    assert body["error"].endswith("column `a`, row 4: wrong; and 55 more")
    assert [fault["row"] for fault in body["faults"]] == list(range(50))


def test_who_is_refused_for_now_is_told_when_to_come_back():
    retry = ((b"retry-after", b"1"),)
    assert error_answer(NotReadyError(Problem("P316", "loading"))).headers == retry
    assert error_answer(OverloadedError(Problem("P317", "full"))).headers == retry
    assert error_answer(refused("P310", "no body")).headers == ()


def test_headers_and_status_may_be_given():
    answer = problem_answer((Problem("P320", "too long"),), headers=((b"allow", b"GET"),), status=431)
    assert (answer.status, answer.headers) == (431, ((b"allow", b"GET"),))


def test_no_cause_of_a_failing_model_reaches_the_caller(kit):
    error = ModelError(Problem("P318", "model `churn` failed"))
    error.__cause__ = ValueError("secret")
    assert kit.said(error_answer(error, "7")) == {"error": "model `churn` failed", "code": "P318", "id": "7"}
