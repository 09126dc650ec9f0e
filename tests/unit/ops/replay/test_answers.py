"""Answers row by row: those that were recorded, and those of a bundle that is asked again."""

import numpy as np
import pyarrow as pa
from tests.doubles.recorded import interactions

from trimtab.core.signature import Field, Signature
from trimtab.ops.replay.answers import replayed, was_recorded
from trimtab.ops.replay.player import Failure, Played
from trimtab.ops.replay.rows import asked


class Player:
    """Doubles x; fails at 3, and answers in two parts."""

    def __init__(self, refuses=()):
        self.tables = []
        self.refuses = refuses

    def play(self, table):
        self.tables.append(table.height)
        x = table.columns["x"].values
        places = np.flatnonzero(~np.isin(x, [3, *self.refuses]))
        failed = {
            int(place): Failure("ValueError", "three") for place in np.flatnonzero(np.isin(x, [3, *self.refuses]))
        }
        halves = [places[: len(places) // 2], places[len(places) // 2 :]]
        parts = [(half, {"y": x[half] * 2, "word": x[half].astype(str)}) for half in halves if len(half)]
        return Played(parts, failed, [(table.height, 0.001)])


SIGNATURE = Signature((Field("x", "FP64", high=8.0),))


def play(player, rows=10, size=4):
    table = interactions({"in_x": np.arange(rows) * 1.0})
    done = []
    return replayed(player, asked(table, SIGNATURE, size), rows, done.append), done


def test_every_row_has_its_answer_or_its_reason():
    answers, done = play(Player())
    assert answers.has.tolist() == [True] * 3 + [False] + [True] * 5 + [False]
    assert answers.outputs["y"].values[answers.has].tolist() == [0, 2, 4, 8, 10, 12, 14, 16]
    assert answers.outputs["word"].values.tolist()[:4] == ["0.0", "1.0", "2.0", None]
    assert list(answers.failed.items()) == [
        (3, Failure("ValueError", "three")),
        (9, Failure("the signature refuses `x`", "`9.0` is outside -Infinity to 8.0")),
    ]
    assert (done, answers.calls) == ([4, 8, 10], [(4, 0.001), (4, 0.001), (1, 0.001)])


def test_one_that_answers_nothing_is_not_asked_on():
    player = Player(refuses=(0, 1, 2))
    answers, done = play(player)
    assert (player.tables, done, answers.outputs) == ([4], [4], {})
    assert not answers.has.any()


def test_what_was_recorded_is_read_as_the_candidates_outputs():
    numbers, pairs = pa.array([1, 2, None], pa.int64()), [[0.1, 0.9], [0.5, 0.5], None]
    table = interactions({"out_y": numbers, "out_pair": pairs, "out_word": ["a", None, "b"]})
    fields = [Field("y", "FP64"), Field("pair", "FP64", (-1, 2)), Field("word", "BYTES", categories=("a",))]
    answers = was_recorded(table, fields, np.array([True, True, False]))
    assert answers.has.tolist() == [True, True, False]
    assert answers.outputs["y"].values[:2].tolist() == [1, 2]
    assert answers.outputs["pair"].values[:2].tolist() == [[0.1, 0.9], [0.5, 0.5]]
    assert answers.outputs["word"].missing.tolist() == [False, True, False]


def test_a_recorded_answer_that_the_candidate_could_not_give_is_none():
    table = interactions({"out_pair": [[0.1, 0.9], [0.2, 0.3, 0.5], [1.0, 0.0]]})
    answers = was_recorded(table, [Field("pair", "FP64", (-1, 2))], np.ones(3, bool))
    assert answers.has.tolist() == [True, False, True]
    assert answers.failed[1].kind == "recorded"


def test_a_row_of_another_length_than_now_is_an_answer_where_all_had_it():
    table = interactions({"out_pair": [[0.2, 0.3, 0.5], None, [1.0, 0.0, 0.0]]})
    answers = was_recorded(table, [Field("pair", "FP64", (-1, 2))], np.ones(3, bool))
    assert answers.has.all()
    assert answers.outputs["pair"].values[[0, 2]].tolist() == [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]]
    assert np.isnan(answers.outputs["pair"].values[1]).all()
    assert answers.outputs["pair"].missing.tolist() == [False, True, False]


def test_many_such_answers_are_none_too():
    table = interactions({"out_pair": [[0.2, 0.3, 0.5]] * 50 + [[1.0, 0.0]]})
    answers = was_recorded(table, [Field("pair", "FP64", (-1, 2))], np.ones(51, bool))
    assert answers.has.tolist() == [False] * 50 + [True]
