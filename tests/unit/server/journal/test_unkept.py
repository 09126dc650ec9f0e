from __future__ import annotations

import json

import pytest

from trimtab.server.journal.unkept import called_by, unkept
from trimtab.server.wire import Answer, serialise


def test_an_answer_that_is_in_no_journal_says_so():
    answer = unkept(Answer(200, b"{}"), "lost", "3f-1")
    head = serialise(answer, keep_alive=True)
    assert b"x-trimtab-journal: lost\r\n" in head
    assert b"x-request-id: 3f-1\r\n" in head
    assert answer.body == b"{}"


def test_where_nothing_leaves_without_a_record_a_refusal_does():
    answer = unkept(Answer(200, b"secret"), "refused", "3f-1")
    assert (answer.status, json.loads(answer.body)["code"], answer.id) == (503, "P350", "3f-1")
    assert dict(answer.headers)[b"retry-after"] == b"1"


@pytest.mark.parametrize(
    ("given", "header", "called"),
    [
        ("mine", None, "mine"),
        ("own", None, ""),
        ("own", b"from-the-proxy", "from-the-proxy"),
        ("mine", b"from-the-proxy", "mine"),
        ("own", b"x" * 129, ""),
        ("own", b"a\x1b[31m", ""),
        ("own", "ä".encode(), ""),
    ],
)
def test_a_caller_s_own_name_for_its_request_is_kept_if_it_is_harmless(given, header, called):
    headers = {} if header is None else {b"x-request-id": header}
    assert called_by(given, "own", headers) == called
