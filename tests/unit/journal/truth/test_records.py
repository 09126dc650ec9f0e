"""Entries as records and as rows of tables, there and back."""

import json

import msgspec
import pytest

from trimtab.core.interactions import Feedback, Truth
from trimtab.journal.truth.records import (
    FEEDBACK_COLUMNS,
    TRUTH_COLUMNS,
    feedback_of,
    feedback_row,
    number_of,
    record_of,
    text_of,
    truth_of,
    truth_row,
)

TRUTHS = [Truth("a", value, 1.5, 2.5, 3, "late", "key:a", operator=True) for value in (True, 7, 0.5, "é\n", -(2**63))]
OPINIONS = [Feedback("a", 1.5, 2.5), Feedback("a", 1.5, 2.5, 1, 0.0, False, "no", "yes", "key:a", operator=True)]


@pytest.mark.parametrize("entry", TRUTHS)
def test_truth_is_the_same_behind_json(entry):
    back = truth_of(msgspec.json.decode(msgspec.json.encode(record_of(entry))))
    assert back == entry
    assert type(back.value) is type(entry.value)


@pytest.mark.parametrize("entry", OPINIONS)
def test_feedback_is_the_same_behind_json(entry):
    assert feedback_of(msgspec.json.decode(msgspec.json.encode(record_of(entry)))) == entry


def test_a_record_of_a_later_version_is_read_and_one_of_something_else_is_not():
    assert truth_of(record_of(TRUTHS[0]) | {"mood": "good"}) == TRUTHS[0]
    with pytest.raises(TypeError):
        truth_of({"id": "a"})


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        (True, "true", 1.0),
        (False, "false", 0.0),
        (1, "1", 1.0),
        (1.0, "1", 1.0),
        (-0.0, "0", 0.0),
        (0.5, "0.5", 0.5),
        (1e300, "1e+300", 1e300),
        (2**53, str(2**53), 2.0**53),
        (2**53 + 1, str(2**53 + 1), None),
        ("1", '"1"', None),
        ("é", '"é"', None),
    ],
)
def test_a_value_has_one_text_and_a_number_where_it_is_exact(value, text, number):
    assert (text_of(value), number_of(value)) == (text, number)
    assert json.loads(text_of(value)) == value


def test_rows_have_the_columns_of_their_tables_in_order():
    row = truth_row(record_of(TRUTHS[2]))
    assert tuple(row) == TRUTH_COLUMNS
    assert (row["value"], row["number"], row["operator"]) == ("0.5", 0.5, True)
    bare, full = (feedback_row(record_of(entry)) for entry in OPINIONS)
    assert tuple(bare) == FEEDBACK_COLUMNS
    assert (bare["score"], bare["label"], bare["comment"], bare["correction"]) == (None, None, "", None)
    assert (full["score"], full["label"], full["comment"], full["correction"]) == (0.0, "false", "no", '"yes"')
