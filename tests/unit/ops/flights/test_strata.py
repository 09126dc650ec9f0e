from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.flights import LATENCY_S, ArmCounts, Counts, Moments
from trimtab.ops.flights.strata import difference

NUMBERS = st.integers(0, 1000)
BUCKETS = st.lists(NUMBERS, min_size=3, max_size=3).map(lambda few: (*few, *[0] * (len(LATENCY_S) - 2)))
MOMENTS = st.dictionaries(
    st.sampled_from("xyz"),
    st.builds(Moments, NUMBERS, NUMBERS.map(float), NUMBERS.map(float), st.just(0.0), st.just(9.0)),
)
ARMS = st.builds(ArmCounts, NUMBERS, NUMBERS, BUCKETS, MOMENTS, MOMENTS)
COUNTS = st.builds(Counts, ARMS, ARMS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, BUCKETS)


@given(COUNTS)
def test_since_the_beginning_is_everything_and_since_now_is_nothing(counts):
    nothing = difference(counts, counts)
    assert (nothing.champion.requests, nothing.challenger.errors, nothing.compared) == (0, 0, 0)
    assert sum(nothing.delay) == sum(nothing.champion.latency) == 0
    assert all(one.count == 0 for one in nothing.challenger.values.values())
    everything = difference(counts, Counts())
    assert everything.champion.requests == counts.champion.requests
    assert everything.delay == counts.delay


@given(COUNTS, COUNTS)
def test_nothing_is_ever_less_than_nothing(now, before):
    found = difference(now, before)
    arms = (found.champion, found.challenger)
    numbers = [found.mirrored, found.dropped, found.failed, found.compared, found.disagreed, *found.delay]
    numbers += [number for arm in arms for number in (arm.requests, arm.errors, *arm.latency)]
    numbers += [one.count for arm in arms for one in (*arm.values.values(), *arm.measures.values())]
    assert min(numbers) >= 0


def test_what_was_counted_in_between():
    before = Counts(challenger=ArmCounts(10, 1, values={"y": Moments(10, 5.0, 3.0, 0.0, 1.0)}))
    now = Counts(
        challenger=ArmCounts(25, 3, values={"y": Moments(25, 15.0, 11.0, -1.0, 1.0), "z": Moments(1, 2.0, 4.0)})
    )
    found = difference(now, before).challenger
    assert (found.requests, found.errors) == (15, 2)
    assert found.values["y"] == Moments(15, 10.0, 8.0, -1.0, 1.0)
    assert found.values["z"].count == 1
