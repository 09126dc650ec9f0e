import numpy as np
import pyarrow as pa
import pytest

from trimtab.batch.copies import copied, typed_copy
from trimtab.core.signature import Field
from trimtab.core.table import Column


@pytest.mark.parametrize(
    ("raw", "field", "values"),
    [
        ([1, None, "x"], Field("x", "INT64"), [1, None, None]),
        (["a", None, 3], Field("x", "BYTES"), ["a", None, None]),
        ([[1, 2], [3]], Field("x", "INT8", (-1, -1)), [[1, 2], [3]]),
        (Column(np.array([1.5, 0.0]), np.array([False, True])), Field("x", "FP64"), [1.5, None]),
        (Column(np.array([1, 2])), Field("x", "INT64"), [1, 2]),
    ],
)
def test_a_copy_is_null_where_it_is_null_or_does_not_fit(raw, field, values):
    assert typed_copy(raw, field).to_pylist() == values


def test_columns_beyond_the_signature_are_the_text_that_stands_in_the_file():
    cells = pa.RecordBatch.from_pydict({"id": pa.array([b"007", None, b"\xff"], pa.binary())})
    batch = copied(["x", "id"], {"x": Field("x", "INT8")}, {"x": [1, 2, 3]}, cells)
    assert batch.to_pydict() == {"x": [1, 2, 3], "id": ["007", None, "\ufffd"]}
    assert str(batch.schema.field("x").type) == "int8"


def test_nothing_kept_is_a_batch_without_columns():
    assert copied([], {}, {}, None).num_columns == 0
