"""Rows as messages: any consumer can read them, tell them apart and find the same row again."""

from __future__ import annotations

import datetime as dt
import decimal
import json

import numpy as np
import pyarrow as pa
import pytest
from tests.doubles.harbour import interactions

from trimtab.journal.ship.messages import key_of, messages, no_more, schema_name

LARGE = 10**9


def made(table, stream="interactions", largest=LARGE):
    (batch,) = table.to_batches()
    return list(messages(batch, stream, largest))


def test_a_message_is_a_row_with_a_key_json_and_headers():
    first, second = made(interactions(10, 2))
    assert (first.key, second.key) == ("aabbccddeeffmmmmmmmmmmmm-a/0", "aabbccddeeffmmmmmmmmmmmm-b/0")
    assert json.loads(first.value) == {
        "stream": "interactions",
        "id": "aabbccddeeffmmmmmmmmmmmm-a",
        "row": 0,
        "time": "2026-11-01T12:00:10.000000Z",
        "endpoint": "churn",
        "revision": "sha256:abc",
        "status": 200,
        "seconds": 0.001,
        "in_tenure": 10,
        "in_plan": "plan 3",
        "out_probability": 0.01,
    }
    headers = dict(first.headers)
    assert headers.pop("trimtab-schema") == schema_name(interactions(0, 1).schema).encode()
    assert headers == {
        "trimtab-stream": b"interactions",
        "trimtab-revision": b"sha256:abc",
        "content-type": b"application/json",
    }


def test_an_interaction_without_rows_has_the_key_of_its_id():
    table = interactions(1, 1).set_column(1, "row", pa.array([None], pa.int32()))
    assert made(table)[0].key == "aabbccddeeffmmmmmmmmmmmm-1"
    assert json.loads(made(table)[0].value)["row"] is None


VALUES = [
    (pa.array([1.5, None, float("nan"), float("inf"), -float("inf")]), [1.5, None, None, "Infinity", "-Infinity"]),
    (pa.array([2**63], pa.uint64()), [2**63]),
    (pa.array([True, None]), [True, None]),
    (pa.array([b"\x00\xff", None], pa.binary()), ["AP8=", None]),
    (pa.array(["ä\n\u2028", None]), ["ä\n\u2028", None]),
    (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    (pa.array([[1.0, float("inf")], None, []]), [[1.0, "Infinity"], None, []]),
    (pa.array([[[float("-inf")]]]), [[["-Infinity"]]]),
    (pa.array([{"x": float("nan")}]), [{"x": None}]),
    (pa.array([decimal.Decimal("1.10")]), ["1.10"]),
    (pa.array([dt.date(2026, 1, 2), None]), ["2026-01-02", None]),
    (pa.array([dt.time(1, 2, 3)]), ["01:02:03"]),
    (pa.array(np.array(["2026-01-02T03:04:05", "NaT"], "datetime64[s]")), ["2026-01-02T03:04:05Z", None]),
    (pa.array(np.array([1], "datetime64[ns]")), ["1970-01-01T00:00:00.000000001Z"]),
    (pa.array([-1, None], pa.timestamp("us", "UTC")), ["1969-12-31T23:59:59.999999Z", None]),
    (pa.nulls(2), [None, None]),
]


@pytest.mark.parametrize(("column", "plain"), VALUES, ids=[str(column.type) for column, _ in VALUES])
def test_values_are_as_in_all_json_of_trimtab(column, plain):
    ids = pa.array([str(number) for number in range(len(column))])
    found = made(pa.table({"id": ids, "row": pa.nulls(len(column), pa.int32()), "in_x": column}))
    assert [json.loads(message.value)["in_x"] for message in found] == plain


def test_nan_within_a_list_is_null_too():
    table = pa.table({"id": ["a"], "row": pa.array([0]), "in_x": pa.array([[float("nan")]])})
    assert json.loads(made(table)[0].value)["in_x"] == [None]


def test_what_is_said_later_has_a_key_for_each_thing_that_is_said():
    table = pa.table(
        {"id": ["a", "a", "a"], "row": pa.array([0, 0, 0]), "name": ["truth"] * 3, "value": ["1", "2", "1"]}
    )
    keys = [message.key for message in made(table, "truth")]
    assert keys[0] == keys[2] != keys[1]
    assert all(key.startswith("truth/a/0/") for key in keys)
    assert [message.key for message in made(table, "feedback")] != keys
    assert "trimtab-revision" not in dict(made(table, "truth")[0].headers)


def test_a_message_that_is_too_large_loses_its_longest_columns_and_says_so():
    table = interactions(0, 2, in_text=["x" * 5000, "short"], in_image=pa.array([b"y" * 5000, b"z"]))
    cut, whole = made(table, largest=1000)
    assert len(cut.value) <= 1000
    said = json.loads(cut.value)
    assert (said["in_text"], said["in_image"], said["in_tenure"]) == (None, None, 0)
    assert json.loads(dict(cut.headers)["trimtab-cut"]) == ["in_image", "in_text"]
    assert "trimtab-cut" not in dict(whole.headers)
    (one,) = made(table.slice(0, 1), largest=6000)
    assert json.loads(dict(one.headers)["trimtab-cut"]) == ["in_image"]


def test_what_says_which_row_it_is_is_never_cut():
    (cut,) = made(interactions(0, 1), largest=10)
    assert {"id", "row", "time", "endpoint", "revision"} <= {
        name for name, value in json.loads(cut.value).items() if value is not None
    }


def test_the_schema_is_named_by_columns_and_types():
    one, other = interactions(0, 1), interactions(5, 2)
    assert schema_name(one.schema) == schema_name(other.schema) != schema_name(one.drop_columns("in_plan").schema)
    assert len(schema_name(one.schema)) == 12


def test_a_row_that_is_no_more_is_a_null_under_its_key():
    gone = no_more(key_of("interactions", {"id": "a", "row": 3}), "interactions")
    assert (gone.key, gone.value, gone.headers) == ("a/3", None, [("trimtab-stream", b"interactions")])
