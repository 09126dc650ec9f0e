"""A request that says something of answers: every record of it, or a refusal that names each fault."""

import gzip
import hashlib
import json

import pytest

from trimtab.core.errors import UserError
from trimtab.journal.truth.entries import FEEDBACK, MOST, TRUTH, Speaker
from trimtab.server.faults import error_answer
from trimtab.server.journal.said import LONGEST, kept, records_of

NOW = 1_700_000_000.0
NONCE = "0123456789ab"


class Tags:
    """Keys that make tags."""

    def tag(self, nonce, principal):
        digits = hashlib.sha256(f"{nonce}/{principal}".encode()).digest()
        return "".join("abcdefghijklmnopqrstuvwxyz234567"[byte % 32] for byte in digits[:12])


KEYS = Tags()
MINE = f"{NONCE}{KEYS.tag(NONCE, 'key:a')}-1"
A, B = Speaker("key:a"), Speaker("key:b")


@pytest.fixture
def refusal(kit):
    """The answer to what is refused: status and body."""

    def ask(kind, body, speaker=A, headers=None):
        with pytest.raises(UserError) as caught:
            records_of(kind, kit.post(body, headers), speaker, KEYS, NOW)
        answer = error_answer(caught.value, "id-1")
        return answer.status, kit.said(answer)

    return ask


def test_truth_becomes_records(kit):
    body = [{"id": MINE, "value": 1, "row": 2}, {"id": "call-7", "value": "late", "name": "state", "time": 5}]
    records = records_of(TRUTH, kit.post(body), A, KEYS, NOW)
    base = {"name": "truth", "principal": "key:a", "operator": False}
    assert records == [
        base | {"id": MINE, "value": 1, "row": 2, "time": NOW, "received": NOW},
        base | {"id": "call-7", "value": "late", "name": "state", "row": 0, "time": 5, "received": NOW + 1e-6},
    ]
    assert kit.said(kept(records)) == {"kept": 2}


def test_feedback_becomes_a_record(kit):
    body = {"id": MINE, "score": 0, "comment": "<script>alert(1)</script>"}
    (record,) = records_of(FEEDBACK, kit.post(body), Speaker("key:ops", operator=True), KEYS, NOW)
    assert (record["score"], record["comment"], record["operator"]) == (0.0, "<script>alert(1)</script>", True)
    assert json.loads(json.dumps(record)) == record


def test_a_compressed_body_is_read(kit):
    body = gzip.compress(json.dumps([{"id": "a", "value": 1}] * 900).encode())
    assert len(records_of(TRUTH, kit.post(body, {b"content-encoding": b"gzip"}), A, KEYS, NOW)) == 900


def test_labels_of_somebody_elses_answer_are_unknown_and_nothing_is_kept(refusal):
    """User B labels an answer of A, among his own."""
    body = [{"id": "call-7", "value": 1}, {"id": MINE, "value": 1}]
    status, said = refusal(TRUTH, body, B)
    assert (status, said["code"]) == (404, "P351")
    assert said["error"] == "entry 1, `id`: no answer of yours has this id"
    assert said["faults"] == [{"column": "id", "row": 1, "what": "no answer of yours has this id"}]
    never = f"{'f' * 12}{'b' * 12}-1"
    assert refusal(FEEDBACK, {"id": MINE, "score": 1}, B) == refusal(FEEDBACK, {"id": never, "score": 1}, B)


def test_every_fault_has_its_entry_and_key(refusal):
    status, said = refusal(FEEDBACK, [{"id": MINE, "score": 1}] * 3 + [{"id": MINE, "scroe": 1, "score": 2}])
    assert (status, said["code"]) == (400, "P354")
    assert "entry 3, `score`: `2` is no score" in said["error"]
    assert [(fault["column"], fault["row"]) for fault in said["faults"]] == [("scroe", 3), ("score", 3)]
    assert said["faults"][0]["hint"] == "did you mean `score`?"
    _, said = refusal(FEEDBACK, {"id": MINE, "score": 2})
    assert said["faults"] == [
        {"column": "score", "row": None, "what": "`2` is no score", "hint": "0 is bad, 1 is good"}
    ]


def test_wrong_entries_are_told_before_whose_answers_they_are_of(refusal):
    assert refusal(TRUTH, {"id": MINE, "value": []}, B)[1]["code"] == "P354"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", {}, 400, "P310"),
        (b"{", {}, 400, "P310"),
        (b"\xff", {}, 400, "P310"),
        (b'{"id": "a", "value": NaN}', {}, 400, "P310"),
        (b'{"id": "a", "value": 1e999}', {}, 400, "P310"),
        (b'{"id": "a", "value": "\\ud800"}', {}, 400, "P310"),
        (b'{"id": "a", "value": 1, "value": 2}', {}, 400, "P310"),
        (b'[{"id": "a", "value": 1}, {"id": "a", "id": "b", "value": 1}]', {}, 400, "P310"),
        (b"[" * 100_000, {}, 400, "P310"),
        (b"7", {}, 400, "P354"),
        (b"null", {}, 400, "P354"),
        (b"[]", {}, 400, "P354"),
        (b'{"id": "a", "value": 99999999999999999999}', {}, 400, "P354"),
        (b'{"id": "a", "value": {"b": [1, {"c": 2}]}}', {}, 400, "P354"),
        (b"id=a", {b"content-type": b"application/x-www-form-urlencoded"}, 415, "P314"),
        (b"{}", {b"content-type": b"text/plain"}, 415, "P314"),
        (b"{}", {b"content-encoding": b"br"}, 415, "P314"),
        (b"{}", {b"content-encoding": b"gzip"}, 400, "P310"),
        (b" " * (LONGEST + 1), {}, 413, "P315"),
        (gzip.compress(b" " * (LONGEST + 1)), {b"content-encoding": b"gzip"}, 413, "P315"),
    ],
)
def test_a_body_that_is_none_is_refused(refusal, body, headers, status, code):
    found, said = refusal(TRUTH, body, headers=headers)
    assert (found, said["code"]) == (status, code)


def test_more_entries_than_are_taken_are_none(refusal):
    status, said = refusal(TRUTH, [{"id": "a", "value": 1}] * (MOST + 1))
    assert (status, said["error"]) == (400, f"there are {MOST + 1} entries, at most {MOST} are taken")


def test_a_flood_of_faults_has_a_short_answer(refusal):
    status, said = refusal(TRUTH, [{f"key-{at}": at for at in range(20)}] * MOST)
    assert (status, len(said["faults"])) == (400, 50)
    assert len(json.dumps(said)) < 20_000
