"""What an endpoint learns of bodies, what it forgets, and when it is not asked at all."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from tests.doubles.laned import columns, endpoint_of, forest, linear, matrix, tensors

from trimtab.bundle.engines.direct import direct
from trimtab.bundle.golden import Golden
from trimtab.bundle.kernels import library
from trimtab.core.table import Numbers, Table
from trimtab.server.express.express import Express, open_express

pytestmark = pytest.mark.skipif(
    library() is None, reason="needs the native kernels, which were not built: there is no C compiler"
)


class Story:
    def __init__(self, signature=None, model=None):
        self.endpoint = endpoint_of(signature or matrix(), model or linear())
        self.reading = self.endpoint.reading

    def learn(self, rows, text=None, body=None):
        """Whether a body of these rows was learned, of this text."""
        body = body or tensors(("x", "FP64", list(np.shape(rows)), text or json.dumps(rows)))
        return self.reading.learn(body, {"x": Numbers(np.array(rows, float))})

    def answer(self, rows, text=None):
        return self.reading.answer(tensors(("x", "FP64", list(np.shape(rows)), text or json.dumps(rows))), 0)


def test_what_was_learned_is_answered_and_nothing_else():
    story = Story()
    assert story.answer([[1, 2, 3]]) is None
    assert story.learn([[1, 2, 3]])
    found = story.answer([[4, 5, 6.5]])
    assert (found.at, found.rows) == (0, 1)
    (wanted,) = linear()(np.array([[4, 5, 6.5]])).values()
    said = json.loads(found.head + b'"7"' + found.behind)
    assert (said["id"], said["outputs"][0]["data"], said["outputs"][0]["shape"]) == ("7", wanted.tolist(), [1])
    assert story.answer([[4, 5, 6], [7, 8, 9]]) is None


def test_several_answers_a_row_say_so():
    story = Story(matrix(width=2), linear(2))
    story.learn([[1, 2, 3], [4, 5, 6]])
    said = json.loads((found := story.answer([[1, 2, 3], [4, 5, 6]])).head + b'""' + found.behind)
    assert said["outputs"][0]["shape"] == [2, 2]


def test_the_rows_are_given_back_as_they_were_read():
    story = Story(columns(), linear())
    body = tensors(*((name, "FP64", [2], data) for name, data in zip("cab", ("[5,6]", "[1,2]", "[3,4]"), strict=True)))
    assert story.reading.learn(body, {"c": [5, 6], "a": [1, 2], "b": [3, 4]})
    found = story.reading.answer(body, 0)
    inputs, output = story.reading.raw(found)
    table, outputs = story.reading.kept(found)
    assert np.frombuffer(inputs).tolist() == [1, 2, 3, 4, 5, 6]
    assert {name: column.values.tolist() for name, column in table.columns.items()} == {
        "a": [1, 2],
        "b": [3, 4],
        "c": [5, 6],
    }
    assert outputs["y"].tobytes() == output
    assert story.reading.dtypes == (np.float64, np.float64)
    assert story.reading.answer(body.replace(b"[5,6]", b"[8,9]"), 0) is not None
    assert table.columns["c"].values.tolist() == [5, 6]


def test_what_is_kept_of_one_row_is_not_the_kernel_s_own_memory():
    story = Story(columns(), linear())
    body = tensors(*((name, "FP64", [1], "[1]") for name in "abc"))
    assert story.reading.learn(body, {name: [1] for name in "abc"})
    table, outputs = story.reading.kept(story.reading.answer(body, 0))
    before = outputs["y"].tolist()
    story.reading.answer(body.replace(b"[1]}", b"[9]}"), 0)
    assert [column.values.tolist() for column in table.columns.values()] == [[1], [1], [1]]
    assert outputs["y"].tolist() == before


def test_the_latest_texts_are_known_and_one_that_teaches_nothing_displaces_none():
    """Each that displaces another is followed by a pause."""
    story = Story()
    texts = ["[[1,2,3" + " " * at + "]" + " " * at + "]" for at in range(9)]
    assert all(story.learn([[1, 2, 3]], text) for text in texts)
    assert [story.answer([[1, 2, 3]], text) is not None for text in texts] == [False] + [True] * 8
    assert story.reading._wait == 256
    story.reading._wait = 0
    story.learn([[0, 2, 3]], "[[-0,2,3] ]")
    assert [story.answer([[1, 2, 3]], text) is not None for text in texts] == [False] + [True] * 8


def test_the_same_text_is_learned_once():
    story = Story()
    for at in range(20):
        assert story.learn([[at, 2, 3]])
    assert story.answer([[1, 2, 3]]).at == 0


def test_after_one_that_teaches_nothing_it_is_not_looked_for_some_time():
    story = Story()
    assert not story.learn([[1, 2, 3]], body=b'{"inputs":[],"id":"7"}')
    tries = [story.learn([[1, 2, 3]]) for _ in range(300)]
    assert tries.index(True) == 256


@pytest.mark.parametrize(
    "body",
    [
        bytearray(tensors(("x", "FP64", [1, 3], "[1,2,3]"))),
        tensors(("x", "FP64", [1, 3], "[1,2,3" + " " * 2**16 + "]")),
    ],
)
def test_long_bodies_and_those_that_came_in_pieces_teach_nothing(body):
    story = Story()
    assert not story.learn([[1, 2, 3]], body=body)
    assert story.learn([[1, 2, 3]])


def test_what_is_read_otherwise_than_it_was_read_in_full_is_not_learned():
    story = Story()
    body = tensors(("x", "FP64", [1, 3], "[1,2,3]"))
    assert not story.reading.learn(body, {"x": Numbers(np.array([[1.0, 2.0, 3.5]]))})
    assert story.answer([[1, 2, 3]]) is None


def test_what_would_hold_up_the_loop_is_not_learned():
    story = Story()
    story.endpoint.at_once._longest_s = 0.0
    assert not story.learn([[1, 2, 3]])


def test_answers_without_a_number_are_left():
    story = Story(matrix(width=2), linear(2, limit=1e308))
    story.learn([[1, 2, 3]])
    assert story.answer([[1, 2, 3]], "[[1,2,3]]") is not None
    story.reading._kernel.answers[:] = np.nan
    story.reading._kernel.run = lambda *_: 0
    assert story.answer([[1, 2, 3]]) is None


def test_a_queue_that_is_not_empty_is_not_passed():
    story = Story()
    story.learn([[1, 2, 3]])
    story.reading._at_once = SimpleNamespace(crowded=True)
    assert story.answer([[1, 2, 3]]) is None


def opened(model, golden_rows=3, most=100, change=lambda outputs: outputs, rows=None):
    """The express lane of that model, where its predictor changes the answers."""
    endpoint = endpoint_of(matrix(), model)
    predictor = direct(endpoint.signature, model)

    def changed(table):
        return change(predictor(table))

    changed.native = predictor.native
    if rows is not None:
        table = Table({"x": Numbers(np.array(rows, float))}, len(rows))
        endpoint.golden = Golden(table, {}, 0.0, 0.0)
    endpoint.golden = endpoint.golden if golden_rows else None
    return open_express(endpoint, changed, endpoint.at_once, most)


def test_one_that_answers_its_golden_rows_as_the_model_is_opened():
    assert opened(linear()) is not None
    assert opened(forest()) is not None


@pytest.mark.parametrize(
    "given",
    [
        {"golden_rows": 0},
        {"most": 0},
        {"change": lambda outputs: {"y": np.nextafter(outputs["y"], 2)}},
        {"change": lambda outputs: {"y": outputs["y"].astype(np.float32)}},
        {"change": lambda outputs: outputs | {"z": outputs["y"]}},
        {"rows": [[np.nan, 1, 2]]},
        {"rows": [[1e200, 1, 2]]},
    ],
)
def test_one_that_answers_otherwise_is_not(given):
    assert opened(linear(), **given) is None


def test_golden_rows_with_missing_values_are_passed_over():
    assert opened(forest(), rows=[[np.nan, 1, 2], [1, 2, 3], [np.inf, 1, 2]]) is not None


def test_so_are_those_with_numbers_that_are_hardly_ever_written():
    assert opened(linear(), rows=[[1e-30, 1, 2], [1, 2, 3]]) is not None
    assert opened(linear(), rows=[[1e-30, 1, 2]]) is None


@pytest.mark.parametrize("signature", [matrix("FP32"), columns("FP32")])
def test_a_model_that_is_asked_otherwise_than_it_computes_has_none(signature):
    assert not isinstance(endpoint_of(signature, linear()).reading, Express)
