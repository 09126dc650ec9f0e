from __future__ import annotations

import pytest

from trimtab.core.signature import Field
from trimtab.journal.interactions.schema import Schema, column_schema

AGE = Field("age", "INT32", (-1,))
SEEN = Field("seen", "BYTES", (-1,), kind="datetime", frame="datetime64[ns]")


def test_a_schema_is_read_back_as_it_was_written() -> None:
    schema = Schema("churn", "sha256:ab", (column_schema(AGE), column_schema(SEEN, "keep 30d")), None)
    assert Schema.from_json(schema.to_json()) == schema


def test_a_time_has_the_unit_of_its_field() -> None:
    assert column_schema(SEEN).numpy == "datetime64[ns]"
    assert column_schema(Field("seen", "BYTES", (-1,), kind="datetime")).unit == "us"


def test_the_shape_is_that_of_one_row() -> None:
    assert column_schema(Field("image", "FP32", (-1, 3, 3))).shape == (3, 3)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"endpoint":"a","revision":"b"}',
        b'{"endpoint":"a","revision":"b","inputs":[{"name":"x","dtype":"FP65"}]}',
        b'{"endpoint":"a","revision":"b","inputs":[{"name":"x","dtype":"BYTES","unit":"fortnight"}]}',
    ],
)
def test_what_is_no_schema_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="no schema of interactions"):
        Schema.from_json(text)
