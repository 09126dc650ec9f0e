"""Recorded rows: each once, the same whatever order they lie in, and what each stands for."""

import numpy as np
import pyarrow as pa
import pytest
from tests.doubles.recorded import Recorded, interactions

from trimtab.core.errors import UserError
from trimtab.core.signature import Field, Signature
from trimtab.ops.replay.rows import asked, gather


def table(rows=40, **facts):
    return interactions({"in_x": np.arange(rows) * 1.0}, **facts)


def gathered(rows, most=1000):
    return gather(Recorded(rows), "flights", ["in_x"], most)


def test_rows_come_once_and_in_their_own_order():
    rows = table(9)
    mixed = pa.concat_tables([rows.take(pa.array([8, 2, 5])), rows, rows.slice(3, 2)])
    found = gathered(mixed)
    assert found.table["in_x"].to_pylist() == list(range(9))
    assert (len(found), found.interactions, found.of, found.without) == (9, 9, 9, 0)


def test_a_row_stands_for_one_over_its_chance():
    found = gathered(table(4, sampled=[1.0, 0.5, 0.25, 0.1]))
    assert found.weight.tolist() == [1, 2, 4, 10]


def test_rows_of_a_request_or_of_a_subject_belong_together():
    ids = ["a", "a", "b", "b", "c", "c"]
    found = gathered(table(6, id=ids, row=[0, 1] * 3, time=[0] * 6))
    assert found.cluster.tolist() == [0, 0, 1, 1, 2, 2]
    found = gathered(table(6, id=ids, row=[0, 1] * 3, time=[0] * 6, subject=["s", None, "s", "t", None, "s"]))
    assert len(set(found.cluster.tolist())) == 4
    assert found.cluster[0] == found.cluster[2] == found.cluster[5]


def test_requests_without_rows_and_without_answers_are_told_apart():
    found = gathered(table(4, row=[0, None, 0, 0], status=[200, 422, 500, 200]))
    assert found.answered.tolist() == [True, False, True]
    assert (len(found), found.without) == (3, 1)


def test_a_draw_is_by_id_and_weighs_more():
    rows = table(200)
    some = gathered(rows, most=50)
    assert (len(some), some.interactions, some.of) == (50, 50, 200)
    assert some.weight.tolist() == [4.0] * 50
    again = gathered(rows.take(pa.array(np.random.default_rng(1).permutation(200))), most=50)
    assert again.table.equals(some.table)
    fewer = set(gathered(rows, most=20).table["id"].to_pylist())
    assert fewer < set(some.table["id"].to_pylist())


@pytest.mark.parametrize("sampled", [[0.0, 1.0], [1.5, 1.0], [None, 1.0]])
def test_a_chance_that_is_none_is_damage(sampled):
    with pytest.raises(UserError) as caught:
        gathered(table(2, sampled=sampled))
    assert caught.value.problems[0].code == "P978"


def test_nothing_to_replay_is_said():
    with pytest.raises(UserError) as caught:
        gathered(table(3, row=[None] * 3))
    assert caught.value.problems[0].code == "P971"


SIGNATURE = Signature((Field("x", "FP64", high=6.0), Field("y", "FP64", nullable=True)))


def test_blocks_have_the_rows_that_fit_and_say_what_is_wrong_with_others():
    blocks = list(asked(gathered(table(9)).table, SIGNATURE, 4, without=("y",)))
    assert [start for start, _ in blocks] == [0, 4, 8]
    _, second, third = (judged for _, judged in blocks)
    assert second.good.tolist() == [0, 1, 2]
    assert second.table.columns["x"].values.tolist() == [4, 5, 6]
    assert second.table.columns["y"].missing.all()
    assert [refusal.faults[0].what for refusal in second.refusals] == ["`7.0` is outside -Infinity to 6.0"]
    assert third.table.height == 0
