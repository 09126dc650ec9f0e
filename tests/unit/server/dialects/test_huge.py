"""The number that no datatype holds is found and named by column and row, in both dialects."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.server.dialects.huge import huge_number


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('[{"a":1},{"a":2,"b":1e999}]', ("1e999", "column `b`, row 1")),
        ('{"id":"x","rows":[{"a":-1E400}]}', ("-1E400", "column `a`, row 0")),
        ('[{"v":[[1,2],[3,1e999]]}]', ("1e999", "column `v`, row 0")),
        ('{"inputs":[{"name":"a","data":[1]},{"name":"b","data":[1,1e999]}]}', ("1e999", "column `b`, row 1")),
        ('{"inputs":[{"name":"v","data":[[1,2],[1e999,4]]}]}', ("1e999", "column `v`, row 1")),
        ('{"inputs":[{"data":[1e999]}]}', ("1e999", "column `None`, row 0")),
        ('{"inputs":[{"name":"a","shape":[1e999]}]}', ("1e999", "inputs.0.shape.0")),
        ('{"parameters":{"x":1e999}}', ("1e999", "parameters.x")),
        ("1e999", ("1e999", "")),
        (f'[{{"a":{"9" * 400}}}]', (f"{'9' * 20}... (400 characters)", "column `a`, row 0")),
        (f'[{{"a":-{"9" * 5000}}}]', (f"-{'9' * 19}... (5001 characters)", "column `a`, row 0")),
        ('[{"a":1e999},{"b":2e999}]', ("1e999", "column `a`, row 0")),
    ],
)
def test_the_first_number_out_of_range_is_named_with_its_place(body, found):
    assert huge_number(body.encode()) == found


@pytest.mark.parametrize("body", [b"", b"[1,", b"\xff", b'[{"a":1}]', b"[" * 100_000, b'"1e999"', b"[1e308, -1e308]"])
def test_where_there_is_none_or_no_json_nothing_is_found(body):
    assert huge_number(body) is None


@given(
    st.lists(st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False) | st.integers(), max_size=3))
)
def test_numbers_that_a_double_holds_are_never_found(rows):
    assert huge_number(json.dumps(rows).encode()) is None
