"""Frames in the kernel's own form, and what fits them."""

import ctypes

import numpy as np
import pytest
from tests.doubles.laned import forest, linear

from trimtab.bundle.engines.native import at_most
from trimtab.bundle.kernels import library
from trimtab.server.express import kernel as module
from trimtab.server.express.frames import Frame, Hole
from trimtab.server.express.kernel import VALUES, Kernel

needs_kernel = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)
ROW = Frame((b"<", b">"), (Hole(3, 0, 1),), 1)
TWO = Frame((b"<", b"|", b">"), (Hole(3, 0, 1), Hole(3, 3, 1)), 2)
COLUMNS = Frame((b"c", b"a", b"b", b""), (Hole(2, 2, 3), Hole(2, 0, 3), Hole(2, 1, 3)), 2)


def kernel(*frames, model=None, most=1000):
    made = Kernel(at_most((model or linear()).native, most))
    made.know(frames)
    return made


def asked(one, text):
    return one(text, 0, len(text))


@needs_kernel
def test_the_frame_that_fits_is_found_and_its_numbers_are_in_their_places():
    one = kernel(ROW, TWO, COLUMNS)
    assert [asked(one, text) for text in (b"<1,2,3>", b"< 1,2 ,3|4,5,6>", b"c7,8a1,2b3,4")] == [0, 1, 2]
    assert one.matrix[:2].tolist() == [[1, 3, 7], [2, 4, 8]]


@needs_kernel
@pytest.mark.parametrize("model", [linear(), linear(2), forest(), forest("float32")])
def test_the_answers_are_those_of_the_model(model):
    one = kernel(TWO, model=model)
    assert asked(one, b"<1.5,-2,0.1|4,5,6e3>") == 0
    rows = np.array([[1.5, -2, 0.1], [4, 5, 6e3]], one.matrix.dtype)
    (wanted,) = model(rows).values()
    assert one.answers[:2].reshape(wanted.shape).tobytes() == wanted.tobytes()
    assert one.answers.dtype == wanted.dtype


@needs_kernel
@pytest.mark.parametrize(
    "text",
    [
        b"", b"<", b"<>", b"<1,2>", b"<1,2,3,4>", b"<1,2,3", b"<1,2,3>>", b" <1,2,3>", b"<1,,3>", b"<,1,2,3>",
        b"<1,2,3,>", b"<1,2,3|4,5,6>", b"<1 2,2,3>", b"<1,2,nan>", b"<1,2,3\0>", b"<1\x0b,2,3>", b"<1,2,-0>",
        b"<[1],2,3>",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_left(text):
    assert asked(kernel(ROW), text) == -1


@needs_kernel
def test_only_the_part_that_is_meant_is_looked_at():
    one = kernel(ROW)
    assert one(b"<9,9,9><1,2,3>4", 7, 14) == 0
    assert one.matrix[0].tolist() == [1, 2, 3]
    assert one(b"<1,2,3>", 3, 3) == -1
    assert one(b"<1,2,3456", 0, 6) == -1


@needs_kernel
@pytest.mark.parametrize("model", [linear(limit=10.0), forest("float32", "missing")])
def test_rows_that_the_model_refuses_are_left(model):
    assert asked(kernel(ROW, model=model), b"<1,2,1e39>") == -1


@needs_kernel
def test_what_was_known_is_forgotten():
    one = kernel(ROW)
    one.know([TWO])
    assert [asked(one, b"<1,2,3>"), asked(one, b"<1,2,3|4,5,6>")] == [-1, 0]
    one.know([])
    assert asked(one, b"<1,2,3|4,5,6>") == -1


@needs_kernel
@pytest.mark.parametrize(
    "frame",
    [
        Frame((b"<", b">"), (Hole(2, 0, 1),), 1),
        Frame((b"<", b">"), (Hole(4, 0, 1),), 1),
        Frame((b"<", b">"), (Hole(3, 1, 1),), 1),
        Frame((b"<", b">"), (Hole(3, -1, 1),), 1),
        Frame((b"<", b">"), (Hole(3, 0, 2),), 1),
        Frame((b"<", b"|", b">"), (Hole(3, 0, 1), Hole(3, 0, 1)), 2),
        Frame((b"<",), (Hole(3, 0, 1),), 1),
        Frame((b"<", b">"), (Hole(9, 0, 1),), 3),
    ],
)
def test_nothing_is_written_beside_the_matrix(frame):
    one = kernel(ROW, most=2)
    with pytest.raises(ValueError, match="does not fill"):
        one.know([frame])
    assert asked(one, b"<1,2,3>") == 0


@needs_kernel
def test_no_more_values_than_are_quick_and_no_more_rows_than_the_model_takes():
    assert Kernel(linear().native).most == VALUES // 3
    assert kernel(most=5).matrix.shape == (5, 3)
    assert kernel(most=0).most == 0


def test_the_structures_are_those_of_the_c_source(root):
    source = (root / "src/trimtab/bundle/engines/express.c").read_text()
    sizes = {"int64_t": 8, "int32_t": 4, "trimtab_frame": 8, "trimtab_hole": 8, "char": 8, "void": 8}
    for name, struct in (("hole", module._Hole), ("frame", module._Frame), ("express", module._Express)):
        declared = []
        for line in source.partition(f"}} trimtab_{name};")[0].rpartition("typedef struct {")[2].splitlines()[1:]:
            kind, _, names = line.partition("/*")[0].strip().removeprefix("const ").rstrip(" ;").partition(" ")
            declared += [(one.strip(" *"), 8 if "*" in one else sizes[kind]) for one in names.split(",") if one]
        assert [(field, ctypes.sizeof(kind)) for field, kind in struct._fields_] == declared
