"""Whatever JSON somebody sends as truth or feedback: it is taken or refused, and what is taken is as it was said."""

import json
import math

import msgspec
import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from trimtab.core.errors import UserError
from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.entries import FEEDBACK, TRUTH, Speaker
from trimtab.journal.truth.records import feedback_of, feedback_row, truth_of, truth_row
from trimtab.server.faults import STATUS, error_answer
from trimtab.server.journal.said import records_of
from trimtab.server.wire import Request

NOW = 1_700_000_000.0
KEYS = ["id", "value", "row", "name", "time", "score", "label", "comment", "correction", "principal", "x"]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["2023-11-14", "a", 0, 1, 0.5, 1e300, "\x00", "é" * 300, "x" * 4001])
)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.sampled_from(KEYS), scalars, max_size=2)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=6)
ids, rows, times = st.sampled_from(["a", "call 7"]), st.integers(0, 9), st.floats(0, NOW)
words = st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.sampled_from(["late", "<b>", "é\n"])
good = st.fixed_dictionaries(
    {"id": ids, "value": words}, optional={"row": rows, "time": times}
) | st.fixed_dictionaries(
    {"id": ids, "score": st.floats(0, 1)},
    optional={"row": rows, "time": times, "label": words, "comment": st.just("x")},
)
bodies = good | st.lists(good, min_size=1, max_size=2) | values | objects | st.lists(objects | good, max_size=4)


class Tags:
    """Keys that nobody's tag comes from."""

    def tag(self, nonce, principal):  # noqa: ARG002 - the names that `Tags` gives
        return "a" * 12


def records(kind, body):
    """What is kept, or the refusal."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        return records_of(kind, Request(b"POST", b"/", b"", {}, raw, keep_alive=True), Speaker("key:a"), Tags(), NOW)
    except UserError as error:
        return error


@pytest.mark.parametrize("kind", [TRUTH, FEEDBACK])
@settings(max_examples=300, deadline=None)
@given(body=bodies)
@example(body=[{"id": "a", "value": 1, "score": 1}])
@example(body={"id": "a", "comment": ["x"]})
def test_any_json_is_taken_or_refused(kind, body):
    found = records(kind, body)
    event("refused" if isinstance(found, UserError) else "taken")
    if isinstance(found, UserError):
        assert error_answer(found, "id").status == STATUS[found.problems[0].code] < 500
        return
    assert len(found) == (len(body) if isinstance(body, list) else 1)
    for record, said in zip(found, body if isinstance(body, list) else [body], strict=True):
        entry = (truth_of if kind is TRUTH else feedback_of)(msgspec.json.decode(msgspec.json.encode(record)))
        assert isinstance(entry, Truth | Feedback)
        assert (entry.principal, entry.operator) == ("key:a", False)
        told = {key: value for key, value in said.items() if value is not None and key not in {"time", "score"}}
        assert {key: getattr(entry, key) for key in told} == told
        row = (truth_row if kind is TRUTH else feedback_row)(record)
        assert all(not isinstance(value, float) or math.isfinite(value) for value in row.values())


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=60) | st.text('[]{}":,0123456789.eE-+ntruefals\\ \u00e9', max_size=60).map(str.encode))
def test_any_bytes_are_taken_or_refused(body):
    found = records(TRUTH, body)
    assert not isinstance(found, UserError) or STATUS[found.problems[0].code] == 400
