"""Which bodies become frames, and what is around and within their holes."""

import pytest
from tests.doubles.laned import columns, matrix, tensors

from trimtab.server.express.frames import Hole, frame_of

X = {field.name: field for field in matrix().inputs}
ABC = {field.name: field for field in columns().inputs}


def of_matrix(data: str, rows: int = 1, shape: str = "[1,3]", more: str = ""):
    body = f'{{"inputs":[{{"name":"x",{more}"shape":{shape},"datatype":"FP64","data":{data}}}]}}'.encode()
    return body, frame_of(body, {"x": None}, X, matrix=True, rows=rows)


def of_columns(*names: str, data: str = "[1,2]", rows: int = 2, fields=ABC):
    body = tensors(*((name, "FP64", [rows], data) for name in names))
    return body, frame_of(body, dict.fromkeys(names), fields, matrix=False, rows=rows)


@pytest.mark.parametrize("data", ["[[1,2.5,-3]]", "[1,2.5,-3]", "[ 1 ,\n2.5,-3e9\t]", "[ [1,2,3 ] ]"])
def test_a_row_is_one_hole(data):
    body, frame = of_matrix(data)
    assert (frame.holes, frame.rows) == ((Hole(3, 0, 1),), 1)
    before, behind = frame.texts
    assert body.startswith(before)
    assert body.endswith(behind)
    assert before.endswith(b"[")
    assert behind.startswith(b"]")


def test_rows_stand_one_after_the_other():
    _, frame = of_matrix("[[1,2,3],[4,5,6]]", 2, "[2,3]")
    assert frame.holes == (Hole(3, 0, 1), Hole(3, 3, 1))
    assert frame.texts[1] == b"],["


def test_columns_stand_in_the_order_of_the_fields():
    _, frame = of_columns("b", "c", "a")
    assert frame.holes == (Hole(2, 1, 3), Hole(2, 2, 3), Hole(2, 0, 3))


def test_texts_and_numbers_are_the_whole_body():
    body, frame = of_matrix("[[1,2,3],[4,5,6]]", 2, "[2,3]")
    assert b"%b1,2,3%b4,5,6%b" % frame.texts == body


@pytest.mark.parametrize("shape", ["[1,3]", "[ 1 , 3 ]", " [1,3]", "\n[1,3]"])
def test_a_shape_is_text(shape):
    _, frame = of_matrix("[1,2,3]", shape=shape)
    assert shape.encode() in frame.texts[0]
    assert len(frame.holes) == 1


@pytest.mark.parametrize(
    ("data", "rows", "shape", "more"),
    [
        ("[[1,2,3],[4,5]]", 2, "[2,3]", ""),
        ("[]", 0, "[0,3]", ""),
        ("[[1,2,3]]", 1, "[1,3]", '"parameters":{},'),
        ("[[1,2,3]]", 1, "[1,3]", '"name":"x",'),
        ("[[1,2,3]]", 1, " " * 64 + "[1,3]", ""),
        ('[["1",2,3]]', 1, "[1,3]", ""),
        ("[[null,2,3]]", 1, "[1,3]", ""),
        ("[[1],[2],[3]]", 1, "[1,3]", '"x":[],'),
        (str([[0, 0, 0]] * 257), 257, "[257,3]", ""),
    ],
)
def test_what_says_more_than_numbers_is_no_frame(data, rows, shape, more):
    assert of_matrix(data, rows, shape, more)[1] is None


def test_a_name_that_looks_like_a_list_is_no_hole():
    (field,) = columns().inputs[:1]
    assert of_columns("x[0]", data="[1]", rows=1, fields={"x[0]": field})[1] is None


@pytest.mark.parametrize(
    ("names", "data", "rows"), [("ab", "[1,2]", 2), ("abc", "[1,2,3]", 2), ("abc", "[[1],[2]]", 2)]
)
def test_columns_that_are_not_whole_are_no_frame(names, data, rows):
    assert of_columns(*names, data=data, rows=rows)[1] is None
