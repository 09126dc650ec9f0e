"""Segments: planted ones are named, and where there is nothing, nothing is."""

import numpy as np
import pyarrow as pa
import pytest

from trimtab.ops.replay.features import features_of
from trimtab.ops.replay.tree import Weighed, segments_of


def rows(count=20_000, seed=3):
    chance = np.random.default_rng(seed)
    carriers = np.array(["AA", "B6", "DL", "EV", "UA"])[chance.integers(0, 5, count)]
    table = pa.table(
        {
            "carrier": carriers,
            "distance": chance.integers(100, 2500, count),
            "spend": np.where(chance.random(count) < 0.1, np.nan, chance.normal(50, 10, count)),
            "flight": chance.integers(1, 3000, count),
        }
    )
    return table, chance


def found(table, changed, weight=None, cluster=None):
    count = table.num_rows
    weight = np.ones(count) if weight is None else weight
    cluster = np.arange(count) if cluster is None else cluster
    features = features_of(zip(table.column_names, table.columns, strict=True))
    return segments_of(features, Weighed(changed, weight, cluster))


def test_a_planted_segment_is_named_with_its_shares():
    table, chance = rows()
    changed = (table["carrier"].to_numpy() == "B6") | (chance.random(20_000) < 0.001)
    (one,) = found(table, changed)
    assert str(one) == "carrier = `B6`"
    assert (one.share.value, one.share.count) == (1, one.share.rows)
    assert one.elsewhere.value == pytest.approx(0.001, abs=0.001)
    assert one.part > 0.99
    assert sorted(one.rows) == list(np.flatnonzero(table["carrier"].to_numpy() == "B6"))


def test_a_segment_of_two_columns_is_named():
    table, _ = rows()
    changed = (table["carrier"].to_numpy() == "B6") & (table["distance"].to_numpy() >= 1500)
    (one,) = found(table, changed)
    words = str(one)
    assert words.startswith("carrier = `B6` and distance >= ")
    assert int(words.rpartition(" ")[2]) == pytest.approx(1500, abs=15)


def test_a_group_is_told_whole_where_all_parts_of_it_stand_out():
    table, chance = rows()
    far = table["distance"].to_numpy() >= 1300
    odds = np.where(table["carrier"].to_numpy() == "B6", np.where(far, 0.9, 0.5), 0.001)
    (one,) = found(table, chance.random(20_000) < odds)
    assert str(one) == "carrier = `B6`"
    odds = np.where(table["carrier"].to_numpy() == "B6", np.where(far, 0.9, 0.02), 0.001)
    first, *_ = found(table, chance.random(20_000) < odds)
    assert str(first).startswith("carrier = `B6` and distance >= 1")
    assert first.share.value > 0.85


def test_several_segments_come_with_most_of_the_changes_first():
    table, _ = rows()
    spend, carrier = table["spend"].to_numpy(), table["carrier"].to_numpy()
    changed = np.isnan(spend) | ((carrier == "EV") & (spend < 40))
    segments = found(table, changed)
    assert str(segments[0]) == "spend is null"
    assert [segment.part for segment in segments] == sorted((s.part for s in segments), reverse=True)
    assert any("carrier = `EV`" in str(segment) for segment in segments)
    assert sum(segment.part for segment in segments) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_changes_by_chance_have_no_segment(seed):
    table, chance = rows(5000, seed)
    assert found(table, chance.random(5000) < 0.02) == []


def test_changes_that_go_by_request_are_not_taken_for_a_segment():
    """Each request is of one carrier and changes as a whole: a hundred of them, not ten thousand rows."""
    named = []
    for seed in range(20):
        chance = np.random.default_rng(seed)
        cluster = np.repeat(np.arange(100), 100)
        words = np.array(["a", "b", "d", "e", "f", "g"])[chance.integers(0, 6, 100)][cluster]
        changed = (chance.random(100) < 0.2)[cluster]
        named += found(pa.table({"word": words}), changed, cluster=cluster)
    assert named == []


def test_weights_are_heeded():
    table, chance = rows()
    carrier = table["carrier"].to_numpy()
    weight = np.where(carrier == "B6", 10.0, 1.0)
    (one,) = found(table, (carrier == "B6") & (chance.random(20_000) < 0.5), weight)
    assert one.share.total == pytest.approx(10 * one.share.rows)


@pytest.mark.parametrize("changed", [False, True])
def test_where_none_or_all_change_there_is_no_segment(changed):
    table, _ = rows(500)
    assert found(table, np.full(500, changed)) == []


def test_the_order_of_the_rows_does_not_matter():
    table, chance = rows()
    changed = (table["carrier"].to_numpy() == "B6") | (chance.random(20_000) < 0.01)
    order = chance.permutation(20_000)
    one, other = found(table, changed)[0], found(table.take(order), changed[order])[0]
    assert str(one) == str(other)
    assert one.share == other.share
