"""The example of the documents is a request that the model is known to answer."""

import json

import numpy as np

from trimtab.core.check import check
from trimtab.core.signature import Field, Signature
from trimtab.core.table import Column
from trimtab.server.dialects import rows
from trimtab.server.examples import example_rows

FIELDS = Signature(
    (
        Field("n", "INT64", nullable=True),
        Field("x", "FP32"),
        Field("text", "BYTES"),
        Field("flag", "BOOL"),
        Field("pair", "FP64", (-1, 2)),
        Field("items", "BYTES", (-1, -1), nullable=True),
        Field("at", "BYTES", kind="datetime", frame="datetime64[us]"),
    ),
    (Field("y", "FP64"),),
)
COLUMNS = {
    "n": [None, 2],
    "x": [0.5, "Infinity"],
    "text": ["é</script>", ""],
    "flag": [True, False],
    "pair": [[1, 2.5], [3, 4]],
    "items": [["a", "b"], None],
    "at": ["2030-01-02T03:04:05Z", "2030-01-02T03:04:05.5Z"],
}


def test_the_example_is_the_first_golden_row_as_the_rows_dialect_writes_it(kit):
    assert example_rows(kit.endpoint(FIELDS, columns=COLUMNS)) == [
        {
            "n": None, "x": 0.5, "text": "é</script>", "flag": True, "pair": [1.0, 2.5], "items": ["a", "b"],
            "at": "2030-01-02T03:04:05.000000Z",
        }
    ]  # fmt: skip


def test_what_the_example_says_is_what_a_request_of_it_means(kit):
    endpoint = kit.endpoint(FIELDS, columns=COLUMNS)
    example = example_rows(endpoint, count=9)
    assert len(example) == 2
    exchange = rows.read(kit.post(json.dumps(example).encode()), endpoint, "id")
    got, golden = check(FIELDS, exchange.request.columns), endpoint.golden.inputs
    for name, column in golden.columns.items():
        assert str(got.columns[name].values.tolist()) == str(column.values.tolist())


def test_without_golden_rows_there_is_no_example(kit):
    assert example_rows(kit.endpoint(FIELDS)) == []


def test_bytes_that_json_cannot_carry_make_no_example(kit):
    signature = Signature((Field("raw", "BYTES", kind="bytes"),))
    column = Column(np.array([b"\xff", b"ok"], object))
    assert example_rows(kit.endpoint(signature, columns={"raw": column})) == []
