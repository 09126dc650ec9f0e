"""Bodies of matrices that are read in one go, and all that is left to the careful reading."""

import json
import sys

import numpy as np
import pytest

from trimtab.core.signature import Field
from trimtab.server.dialects.oip_matrix import Matrices, matrices_of

DOUBLES = {"x": Field("x", "FP64", (-1, 2))}
SINGLES = {"x": Field("x", "FP32", (-1, 2)), "y": Field("y", "FP32", (-1, 3))}


def tensor(datatype="FP64", shape=(2, 2), data=((1, 2), (3, 4)), name="x", **more):
    return {"name": name, "shape": shape, "datatype": datatype, "data": data, **more}


def body(*tensors, **more):
    return json.dumps({"inputs": tensors, **more}).encode()


@pytest.fixture
def doubles():
    return matrices_of(DOUBLES)


@pytest.mark.parametrize("data", [[[1, 2.5], [-0.0, 1e300]], [1, 2.5, -0.0, 1e300]], ids=["rows", "flat"])
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_rows_and_flat_values_become_the_matrix(doubles, data, kind):
    columns, given = doubles.read(kind(body(tensor(data=data), id="7")))
    assert given == "7"
    assert columns["x"].values.tobytes() == np.array([[1, 2.5], [-0.0, 1e300]]).tobytes()


def test_several_tensors_of_singles_are_rounded_as_numpy_rounds():
    x, y = [[0.1, 16777217]], [[1, 2, 1e-46]]
    given = body(tensor("FP32", [1, 2], x), tensor("FP32", [1, 3], y, "y"))
    columns, said = matrices_of(SINGLES).read(given)
    assert said is None
    assert columns["x"].values.tobytes() == np.array(x, np.float32).tobytes()
    assert columns["y"].values.tobytes() == np.array(y, np.float32).tobytes()


def test_the_array_lives_on_when_its_body_and_the_next_ones_are_read(doubles):
    columns, _ = doubles.read(body(tensor()))
    for _ in range(100):
        assert doubles.read(body(tensor(data=[[9, 9], [9, 9]]))) is not None
    assert columns["x"].values.tolist() == [[1, 2], [3, 4]]


ODD = {
    "no JSON": b"{",
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbf" + body(tensor()),
    "a list": b"[1]",
    "no inputs": b"{}",
    "inputs that are no list": body() .replace(b"[]", b'"x"'),
    "a tensor that is no object": b'{"inputs":[1]}',
    "a key unknown": body(tensor(parameters={})),
    "a key unknown outside": body(tensor(), more=1),
    "a key missing": b'{"inputs":[{"name":"x","shape":[1,2],"data":[1,2]}]}',
    "a key twice": b'{"inputs":[{"name":"x","name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}]}',
    "inputs twice": body(tensor())[:-1] + b"," + body(tensor())[1:],
    "an id that is none": body(tensor(), id=None),
    "an id that is a number": body(tensor(), id=7),
    "an id with a bracket": body(tensor(), id="["),
    "a name unknown": body(tensor(name="z")),
    "a name that is a list": body(tensor(name=["x"])),
    "a tensor twice": body(tensor(), tensor()),
    "another datatype": body(tensor("FP32")),
    "another width": body(tensor(shape=[1, 4], data=[[1, 2, 3, 4]])),
    "another height": body(tensor(shape=[3, 2])),
    "no rows": body(tensor(shape=[0, 2], data=[])),
    "a height below zero": body(tensor(shape=[-2, 2])),
    "a shape with a point": body(tensor(shape=[2.0, 2])),
    "a shape of truths": body(tensor(shape=[True, 2], data=[1, 2])),
    "a shape that is no list": body(tensor(shape=4)),
    "three axes": body(tensor(shape=[2, 1, 2])),
    "rows of other lengths": body(tensor(data=[[1, 2, 3], [4]])),
    "lists too deep, the sum right": body(tensor(data=[[1, [2, 3]], [[], 4]])),
    "a list among values": body(tensor(data=[1, [2, 3], 4])),
    "values among rows": body(tensor(shape=[3, 2], data=[[1, 2], 3, 4, [5, 6]])),
    "data that is a text": body(tensor(data="1234")),
    "data that is an object": body(tensor(data={"0": 1})),
    "a text": body(tensor(data=[[1, 2], [3, "4"]])),
    "a truth": body(tensor(data=[[1, 2], [3, True]])),
    "a null": body(tensor(data=[[1, 2], [3, None]])),
    "a number without end": body(tensor(data=[[1, 2], [3, 10**400]])),
    "an exponent too large": body(tensor()).replace(b"4", b"1e999"),
    "NaN": body(tensor(data=[[1, 2], [3, float("nan")]])),
    "a zero ahead": body(tensor()).replace(b"4", b"04"),
    "bytes that are no text": body(tensor(name="\xff")).replace(b"\\u00ff", b"\xff"),
    "a depth without end": b'{"inputs":' + b"[" * 100_000,
    "something behind": body(tensor()) + b"x",
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_left_to_the_careful_reading_and_disturbs_no_other(doubles, name):
    assert doubles.read(ODD[name]) is None
    assert doubles.read(body(tensor())) is not None


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("data", [[[1, 2], [3, 4]], [1, 2, 3, 4]], ids=["rows", "flat"])
def test_what_is_odd_stays_odd_when_the_text_around_its_numbers_is_known(doubles, data, name):
    for given in (body(tensor(data=data)), body(tensor(shape=[1, 2], data=data[:1] if data[0] != 1 else data[:2]))):
        for _ in range(2):
            assert doubles.read(given) is not None
    assert doubles.read(ODD[name]) is None


@pytest.mark.parametrize(
    "numbers",
    [
        b"",
        b"5",
        b"5,6,7",
        b"5,",
        b",5",
        b"5,,6",
        b'5,"6"',
        b"5,{}",
        b"5,null",
        b"5,true",
        b"5 6",
        b"05,6",
        b"5,[6",
        b"5,1e999",
    ],
)
def test_only_as_many_numbers_fit_between_what_is_known(doubles, numbers):
    text = b'{"inputs": [{"name":"x", "shape":[1,2], "datatype":"FP64", "data": [%b]}]}'
    for pair in (b"1,2", b"5,6", b" 7 ,\t-8e0\n"):
        columns, _ = doubles.read(text % pair)
        assert columns["x"].values.tolist() == [[float(one) for one in pair.split(b",")]]
    assert len(doubles._frames) == 1
    assert doubles.read(text % numbers) is None


def test_another_text_around_the_numbers_is_another_text(doubles):
    first = b'{"inputs":[{"data":[1,2],"name":"x","shape":[1,2],"datatype":"FP64"}]}'
    for given in (first, first, first.replace(b"[1,2],", b"[9,8],", 1)):
        assert doubles.read(given) is not None
    for before, after in ((b'"x"', b'"z"'), (b"FP64", b"FP32"), (b'"shape":[1,2]', b'"shape":[2,1]')):
        assert doubles.read(first.replace(before, after)) is None


def test_a_tensor_called_like_a_key_is_not_mistaken():
    reader = matrices_of({"data": Field("data", "FP64", (-1, 2))})
    text = b'{"inputs":[{"name":"data","shape":[%b],"datatype":"FP64","data":[3,4]}]}'
    for _ in range(2):
        columns, _ = reader.read(text % b"1,2")
        assert columns["data"].values.tolist() == [[3, 4]]
    assert reader.read(text % b"3,4") is None


def test_few_texts_are_remembered(doubles):
    for rows in range(1, 200):
        assert doubles.read(body(tensor(shape=[rows, 2], data=[1, 2] * rows))) is not None
    assert len(doubles._frames) <= 64


def test_a_number_that_is_too_large_for_a_single_is_left_to_the_careful_reading():
    reader = matrices_of(SINGLES)
    assert reader.read(body(tensor("FP32", [1, 2], [3.4028235e38, 1]))) is not None
    assert reader.read(body(tensor("FP32", [1, 2], [3.5e38, 1]))) is None


def test_the_memory_of_a_long_body_is_not_kept():
    made = []
    from simdjson import Parser

    reader = Matrices(DOUBLES, lambda: made.append(None) or Parser())
    long = body(tensor(shape=[200_000, 2], data=[[1, 2]] * 200_000))
    for given in (long, body(tensor()), long):
        assert reader.read(given) is not None
    assert len(made) == 3


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [Field("x", "FP64")],
        [Field("x", "INT32", (-1, 2))],
        [Field("x", "FP64", (-1, -1))],
        [Field("x", "FP64", (-1, 2, 2))],
        [Field("x", "FP64", (-1, 2)), Field("y", "FP64")],
    ],
)
def test_other_signatures_have_no_such_reader(fields):
    assert matrices_of({field.name: field for field in fields}) is None


def test_without_the_library_there_is_no_such_reader():
    sys.modules["simdjson"], kept = None, sys.modules.get("simdjson")
    try:
        assert matrices_of(DOUBLES) is None
    finally:
        if kept is None:
            del sys.modules["simdjson"]
        else:
            sys.modules["simdjson"] = kept
