import numpy as np
import pytest

from trimtab.bundle.engines import scan
from trimtab.bundle.engines.scan import scanned
from trimtab.bundle.kernels import library

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
native = pytest.mark.skipif(library() is None, reason="the kernels were not built: there is no C compiler")


def of(text, shape=(1, 2), dtype=DOUBLE):
    return scanned(b"[%b]" % text, 1, 1 + len(text), shape, dtype)


@native
def test_numbers_become_an_array_of_that_shape():
    found = of(b" 1,-2.5 ,\n3e2,0.1\t", (2, 2))
    assert found.dtype == DOUBLE
    assert found.tolist() == [[1.0, -2.5], [300.0, 0.1]]
    assert of(b"16777217,0.1", dtype=SINGLE).tolist() == np.array([[16777217, 0.1]]).astype(np.float32).tolist()


@native
@pytest.mark.parametrize(
    "text", [b"1", b"1,2,3", b"1,", b"1,2,", b",1", b"1 2", b"1,null", b'1,"2"', b"1,[2]", b"1,2]"]
)
def test_anything_else_than_so_many_numbers_is_declined(text):
    assert of(text) is None


@native
def test_so_is_what_no_float_holds_and_what_is_hardly_ever_written():
    assert of(b"1e39,1", dtype=SINGLE) is None
    assert of(b"1e-30,1") is None
    assert of(b"1.23456789012345678901,1") is None


def test_other_dtypes_and_negative_shapes_are_declined():
    assert of(b"1,2", dtype=np.dtype(np.float16)) is None
    assert of(b"1,2", (-1, 2)) is None


def test_without_the_kernels_nothing_is_read(monkeypatch):
    monkeypatch.setattr(scan, "library", lambda: None)
    assert of(b"1,2") is None
