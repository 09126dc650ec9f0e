"""What was counted in several parts is the sum of it; labels are few, numbers are numbers."""

import json
from math import inf, nan

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.flights import Counts, Moments, bucket_of
from trimtab.core.signature import Field
from trimtab.core.traffic import Traffic
from trimtab.server.flights.page import Course, Page
from trimtab.server.flights.tally import LABELS, Layout, Tally, counts_of

LAYOUT = Layout.of(
    (
        Field("y", "FP64"), Field("label", "BYTES"), Field("scores", "FP32", (-1, 3)),
        Field("raw", "BYTES", kind="bytes"), Field("flag", "BOOL"), Field("one", "INT64", (-1, 1)),
    )
)  # fmt: skip


def tallies(count=2):
    page = Page(Course(Traffic("f")), count, LAYOUT.width)
    return page, [Tally(part, LAYOUT) for part in page.parts]


def answer(tally, arm="champion", seconds=0.01, *, error=False, **outputs):
    tally.answered(arm, seconds, error=error, outputs={name: np.array(values) for name, values in outputs.items()})


def test_outputs_of_one_value_a_row_have_a_place():
    assert (set(LAYOUT.numbers), set(LAYOUT.labels)) == ({"y", "flag", "one"}, {"label"})


def test_nothing_counted_is_what_the_noun_says():
    page, _ = tallies()
    assert counts_of(page.parts, LAYOUT) == Counts()


def test_requests_and_errors_are_summed_by_arm():
    page, (first, second) = tallies()
    answer(first, seconds=0.01)
    answer(second, seconds=0.5, error=True)
    answer(second, "challenger", seconds=inf)
    counts = counts_of(page.parts, LAYOUT)
    assert (counts.champion.requests, counts.champion.errors, counts.challenger.requests) == (2, 1, 1)
    found = {at: count for at, count in enumerate(counts.champion.latency) if count}
    assert found == {bucket_of(0.01): 1, bucket_of(0.5): 1}
    assert counts.challenger.latency[-1] == 1


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), min_size=1, max_size=20))
def test_moments_are_those_of_all_values(batches):
    page, both = tallies()
    for at, values in enumerate(batches):
        answer(both[at % 2], y=values)
    found = counts_of(page.parts, LAYOUT).champion.values["y"]
    every = np.concatenate([np.array(values) for values in batches])
    assert (found.count, found.least, found.greatest) == (len(every), every.min(), every.max())
    assert found.total == pytest.approx(every.sum(), abs=1e-6)
    assert found.squares == pytest.approx((every**2).sum())


@pytest.mark.parametrize("values", [[nan], [inf], [1e200], [nan, inf, -1e200]])
def test_what_json_cannot_say_is_left_out(values):
    page, (tally, _) = tallies()
    answer(tally, y=values)
    counts = counts_of(page.parts, LAYOUT)
    assert counts.champion.values == {}
    answer(tally, y=[*values, 2.0])
    counts = counts_of(page.parts, LAYOUT)
    assert counts.champion.values == {"y": Moments(1, 2.0, 4.0, 2.0, 2.0)}
    assert msgspec.json.decode(msgspec.json.encode(counts), type=Counts) == counts
    assert "null" not in json.dumps(msgspec.to_builtins(counts.champion.values))


def test_labels_are_shares_of_all_rows():
    page, (first, second) = tallies()
    answer(first, label=["no", "yes", "no"])
    answer(second, label=["yes"])
    values = counts_of(page.parts, LAYOUT).champion.values
    assert values == {"label=no": Moments(4, 2, 2, 0.0, 1.0), "label=yes": Moments(4, 2, 2, 0.0, 1.0)}


def test_an_output_of_many_labels_is_none_of_few():
    page, (first, second) = tallies()
    answer(first, label=[f"l{at}" for at in range(LABELS)])
    assert len(counts_of(page.parts, LAYOUT).champion.values) == LABELS
    answer(second, label=["one too many"])
    assert counts_of(page.parts, LAYOUT).champion.values == {}
    answer(first, label=["another"])
    assert counts_of(page.parts, LAYOUT).champion.values == {}


def test_who_comes_later_goes_on_with_the_labels_that_are_there():
    page, (first, _) = tallies()
    answer(first, label=["é" * 40, "no"])
    answer(Tally(page.parts[0], LAYOUT), label=["no", "é" * 40])
    values = counts_of(page.parts, LAYOUT).champion.values
    assert {name: one.total for name, one in values.items()} == {"label=" + "é" * 32: 2, "label=no": 2}


def test_a_shadow_is_counted_apart():
    page, (first, second) = tallies()
    for tally in (first, second):
        tally.mirrored()
        tally.compared(0.01, agree=tally is first)
    first.dropped(3)
    first.failed()
    counts = counts_of(page.parts, LAYOUT)
    assert (counts.mirrored, counts.dropped, counts.failed, counts.compared, counts.disagreed) == (2, 3, 1, 2, 1)
    assert counts.delay[bucket_of(0.01)] == sum(counts.delay) == 2
