import numpy as np
import pytest
from tests.doubles.laned import columns, endpoint_of, foreign, matrix, tensors

from trimtab.bundle.kernels import library
from trimtab.core.signature import Field, Signature
from trimtab.server.endpoint import Endpoint
from trimtab.server.express import kernel
from trimtab.server.express.reading import _PAUSE, matrix_of, open_reading, same

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
BODY = tensors(("x", "FP32", [2, 3], "[[1,2,3],[4,5,6]]"))
ROWS = np.arange(1, 7, dtype=np.float32).reshape(2, 3)


@pytest.fixture
def reading():
    return endpoint_of(matrix("FP32"), foreign).reading


def asked(rows):
    return {"x": rows.tolist()}


def test_a_body_is_read_once_it_is_known(reading):
    assert reading.table(BODY, 0) is None
    assert reading.learn(BODY, asked(ROWS))
    assert reading.learn(BODY, {})  # it is known
    other = BODY.replace(b"[1,2,3]", b"[7.5, -1e3,0]")
    table = reading.table(b"head" + other, 4)
    assert (table.height, table.columns["x"].values.tolist()) == (2, [[7.5, -1000.0, 0.0], [4.0, 5.0, 6.0]])


def test_a_table_is_not_changed_by_the_body_after_it(reading):
    reading.learn(BODY, asked(ROWS))
    first = reading.table(BODY, 0)
    reading.table(BODY.replace(b"1,2,3", b"9,9,9"), 0)
    assert first.columns["x"].values.tolist() == ROWS.tolist()


def test_columns_become_one_block():
    endpoint = endpoint_of(columns(), foreign)
    body = tensors(*((name, "FP64", [2], text) for name, text in (("b", "[3,4]"), ("a", "[1,2]"), ("c", "[5,6]"))))
    assert endpoint.reading.learn(body, {"b": [3.0, 4.0], "a": [1.0, 2.0], "c": [5.0, 6.0]})
    assert endpoint.reading.table(body, 0).block.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


@pytest.mark.parametrize("given", [ROWS[:1], ROWS + 1, np.array([[1, 2, None], [4, 5, 6]], object)])
def test_what_was_read_otherwise_is_not_learned(reading, given):
    assert not reading.learn(BODY, asked(given))
    assert reading.table(BODY, 0) is None


def test_after_a_body_that_teaches_nothing_the_next_ones_are_left_alone(reading):
    assert not reading.learn(b'{"id":"1",' + BODY[1:], asked(ROWS))
    assert not reading.learn(BODY, asked(ROWS))
    for _ in range(_PAUSE - 1):
        assert not reading.learn(b"{}", {})
    assert reading.learn(BODY, asked(ROWS))


def test_one_text_too_many_displaces_the_oldest_and_the_next_ones_are_left_alone(reading):
    texts = [BODY.replace(b"{", b"{" + b" " * count, 1) for count in range(12)]
    assert [reading.learn(text, asked(ROWS)) for text in texts] == [True] * 9 + [False] * 3
    known = [reading.table(text, 0) is not None for text in texts]
    assert known == [False] + [True] * 8 + [False] * 3


def test_long_bodies_and_what_is_no_bytes_are_not_learned(reading):
    assert not reading.learn(bytearray(BODY), asked(ROWS))
    assert not reading.learn(BODY + b" " * 2**16, asked(ROWS))


@pytest.mark.parametrize(
    "signature",
    [
        matrix("FP16"),
        Signature((Field("x", "INT64", (-1, 3)),), (), "matrix"),
        Signature((Field("x", "FP64", (-1, -1)),), (), "matrix"),
        Signature((Field("x", "FP64", (-1, 3), low=0.0),), (), "matrix"),
        Signature((Field("x", "FP64"),), (), "arrays"),
        Signature((Field("x", "FP64"), Field("y", "INT64")), (), "arrays"),
        Signature((Field("x", "FP64"), Field("y", "FP64", (-1, 2))), (), "arrays"),
        columns("FP32"),
        Signature((), (), "arrays"),
    ],
)
def test_signatures_of_anything_but_floats_side_by_side_have_none(signature):
    assert open_reading(Endpoint("m", endpoint_of(matrix("FP32"), foreign).bundle.__class__(signature)), 10) is None


def test_there_is_none_without_the_kernels(monkeypatch):
    endpoint = endpoint_of(matrix("FP32"), foreign)
    assert open_reading(endpoint, 10) is not None
    monkeypatch.setattr(kernel, "library", lambda: None)
    assert open_reading(endpoint, 10) is None


def test_more_rows_than_are_allowed_are_not_read():
    reading = open_reading(endpoint_of(matrix("FP32"), foreign), 1)
    assert reading.learn(tensors(("x", "FP32", [1, 3], "[1,2,3]")), asked(ROWS[:1]))
    assert not reading.learn(BODY, asked(ROWS))


def test_a_matrix_of_a_table_and_bits(reading):
    reading.learn(BODY, asked(ROWS))
    table = reading.table(BODY, 0)
    assert same(matrix_of(table), ROWS)
    assert not same(matrix_of(table), ROWS.astype(np.float64))
    assert not same(np.array([0.0]), np.array([-0.0]))


def test_the_columns_of_one_row_are_not_changed_by_the_body_after_it():
    reading = endpoint_of(columns(), foreign).reading
    body = tensors(*((name, "FP64", [1], "[1]") for name in "abc"))
    reading.learn(body, {name: [1.0] for name in "abc"})
    first = reading.table(body, 0)
    reading.table(body.replace(b"[1]}", b"[9]}"), 0)
    assert first.block.tolist() == [[1.0]] * 3
