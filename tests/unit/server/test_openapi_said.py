"""The document allows what is taken of truth and feedback, and nothing that is refused for its form."""

import json

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from trimtab.core.errors import UserError
from trimtab.journal.truth.entries import FEEDBACK, TRUTH, Speaker, entries_of
from trimtab.journal.truth.faults import EntriesError
from trimtab.server.faults import FaultyError, error_answer
from trimtab.server.journal.said import kept, records_of
from trimtab.server.openapi import document
from trimtab.server.openapi_said import SAID

NOW = 1_700_000_000.0
TRUTHS = [
    *({"id": "a", "value": value} for value in (True, 7, 0.5, "", "x" * 4000, "x" * 4001, None, [1], {"a": 1})),
    *({"id": name, "value": 1} for name in ("", "x" * 256, "x" * 257, "é", "a\nb", 7, None)),
    *({"id": "a", "value": 1, "row": row} for row in (0, 2**31 - 1, 2**31, -1, True, "0", None)),
    *({"id": "a", "value": 1, "name": name} for name in ("late", "x" * 64, "x" * 65, "a b", "", "7", None)),
    *({"id": "a", "value": 1, "time": time} for time in (0, 1.5, -1, "2023-11-14", "", True, [], None)),
    *({"id": "a"}, {"value": 1}, {}, {"id": "a", "value": 1, "x": 1}),
]
OPINIONS = [
    *({"id": "a", "score": score} for score in (0, 0.5, 1, 1.01, -1, True, "1", None)),
    *({"id": "a", key: value} for key in ("label", "correction") for value in (True, 7, "x", "", [1], None)),
    *({"id": "a", "comment": comment} for comment in ("<b>", "", "x" * 4000, "x" * 4001, 7, None)),
    *({"score": 1}, {"id": "a"}, {"id": "a", "score": 1, "x": 1}, {"id": "a", "score": 1, "comment": ""}),
]


@pytest.fixture
def whole(endpoint):
    return document({"churn": endpoint}, hears=True)


def schema(whole, path, *place):
    found = whole["paths"][path]["post"]
    for step in place:
        found = found[step]
    return Draft202012Validator({**found["content"]["application/json"]["schema"], "components": whole["components"]})


def test_the_document_is_valid_and_says_nothing_of_them_where_they_are_not_taken(whole, endpoint):
    validate(json.loads(json.dumps(whole)))
    assert (
        set(whole["paths"]) - set(document({"churn": endpoint})["paths"]) == set(SAID) == {"/v1/truth", "/v1/feedback"}
    )


@pytest.mark.parametrize(
    ("path", "kind", "entries"), [("/v1/truth", TRUTH, TRUTHS), ("/v1/feedback", FEEDBACK, OPINIONS)]
)
def test_the_schema_allows_what_is_taken(whole, path, kind, entries):
    allows = schema(whole, path, "requestBody")
    verdicts = []
    for entry in entries:
        try:
            entries_of(kind, entry, Speaker(), NOW)
            verdicts.append(True)
        except EntriesError:
            verdicts.append(False)
        assert allows.is_valid(entry) == allows.is_valid([entry]) == verdicts[-1], entry
    assert len(verdicts) / 5 < sum(verdicts) < len(verdicts)
    assert not allows.is_valid([])


@pytest.mark.parametrize(("path", "kind"), [("/v1/truth", TRUTH), ("/v1/feedback", FEEDBACK)])
def test_answers_are_what_the_document_promises(whole, path, kind, kit):
    example = whole["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert schema(whole, path, "requestBody").is_valid(example)
    records = records_of(kind, kit.post(example), Speaker(operator=True), None, NOW)
    assert schema(whole, path, "responses", "200").is_valid(kit.said(kept(records)))
    with pytest.raises(UserError) as caught:
        records_of(kind, kit.post([{}]), Speaker(), None, NOW)
    assert isinstance(caught.value, FaultyError)
    answer = error_answer(caught.value, "id")
    assert schema(whole, path, "responses", str(answer.status)).is_valid(kit.said(answer))
