from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from trimtab.core.errors import UserError
from trimtab.journal.segments.records import record_in
from trimtab.server.guard.principal import ANYBODY, Principal, parse_grant
from trimtab.server.journal.saying import saying
from trimtab.server.wire import Request


class Keys:
    def tag(self, nonce, principal):
        return {"": "a", "key:ann": "b"}.get(principal, "c") * 12 if nonce else ""


PLANE = SimpleNamespace(journal=SimpleNamespace(keys=Keys()))
ANNS = f"{'0' * 12}{'b' * 12}-1"
ANN, BOB = (Principal(f"key:{name}", (parse_grant("feedback"),)) for name in ("ann", "bob"))
OPERATOR = Principal("key:ops", (parse_grant("operate"), parse_grant("feedback")))


def said(body, caller, stream="truth", plane=PLANE):
    return saying(
        stream, plane, Request(b"POST", b"/v1/x", b"", {}, json.dumps(body).encode(), keep_alive=True), caller
    )


@pytest.mark.parametrize(("caller", "operator"), [(ANN, False), (OPERATOR, True)])
def test_who_was_given_the_answer_or_operates_may_say_something_of_it(caller, operator):
    frames, answer = said({"id": ANNS, "value": "churned"}, caller)
    ((stream, record),) = (record_in(frame.payload) for frame in frames)
    assert (stream, record["id"], record["value"], record["principal"]) == ("truth", ANNS, "churned", caller.name)
    assert record["operator"] is operator
    assert json.loads(answer.body) == {"kept": 1}


@pytest.mark.parametrize("caller", [BOB, ANYBODY])
def test_an_answer_that_somebody_else_was_given_is_as_one_that_nobody_was_given(caller):
    with pytest.raises(UserError) as raised:
        said([{"id": ANNS, "score": 1}], caller, "feedback")
    with pytest.raises(UserError) as unknown:
        said([{"id": f"{'9' * 12}{'z' * 12}-1", "score": 1}], caller, "feedback")
    assert raised.value.problems[0].code == unknown.value.problems[0].code == "P351"


def test_without_a_journal_nothing_is_heard():
    with pytest.raises(UserError, match="P356"):
        said({"id": "x", "value": 1}, ANN, plane=SimpleNamespace(journal=None))
