"""The lines of a logbook and their sum: written anew, they come to the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trimtab.core.errors import Problem
from trimtab.journal.ship.state import State

NAMES = st.sampled_from(["a", "b", "c"])
LINES = st.one_of(
    st.fixed_dictionaries({"what": st.just("begun")}),
    st.fixed_dictionaries({"what": st.just("well")}),
    st.fixed_dictionaries({"what": st.just("of a later trimtab"), "name": NAMES}),
    st.fixed_dictionaries({"what": st.just("place"), "place": st.just("s3://b"), "streams": st.just(["truth"])}),
    st.fixed_dictionaries({"what": st.just("shipped"), "name": NAMES, "version": st.text(max_size=3)}),
    st.fixed_dictionaries(
        {
            "what": st.just("damaged"),
            "name": NAMES,
            "version": st.text(max_size=3),
            "why": st.text(max_size=3),
            "time": st.floats(0, 9),
        }
    ),
    st.fixed_dictionaries(
        {"what": st.just("part"), "name": NAMES, "version": st.text(max_size=3), "rows": st.integers(0, 9)}
    ),
    st.fixed_dictionaries({"what": st.just("trouble"), "name": NAMES, "times": st.integers(1, 9)}),
    st.fixed_dictionaries(
        {"what": st.just("lost"), "name": NAMES, "files": st.integers(1, 3), "bytes": st.integers(0, 9)}
    ),
    st.fixed_dictionaries(
        {
            "what": st.just("failed"),
            "failures": st.integers(1, 99),
            "since": st.floats(0, 1e9),
            "next_try": st.floats(0, 1e9),
            "problem": st.just(["P966", "what", "where", "hint"]),
        }
    ),
)


def summed(lines):
    state = State()
    for line in lines:
        state.take(line)
    return state


@given(st.lists(LINES, max_size=30))
def test_the_shortest_history_leads_to_the_same_sum(lines):
    state = summed(lines)
    short = list(state.lines(lambda _: True))
    assert summed(short) == state
    assert list(summed(short).lines(lambda _: True)) == short


@given(st.lists(LINES, max_size=30))
def test_of_names_that_are_gone_nothing_is_left(lines):
    state = summed(lines)
    left = summed(state.lines(lambda name: name == "b"))
    assert set(left.names()) == set(state.names()) & {"b"}
    assert (left.lost_files, left.problem) == (state.lost_files, state.problem)


def test_what_is_shipped_is_in_no_other_list():
    state = summed(
        [
            {"what": "part", "name": "a", "version": "1", "rows": 4},
            {"what": "trouble", "name": "a", "times": 2},
            {"what": "damaged", "name": "a", "version": "1", "why": "so", "time": 0.0},
            {"what": "shipped", "name": "a", "version": "2"},
        ]
    )
    assert (state.shipped, state.part, state.trouble, state.damaged) == ({"a": "2"}, {}, {}, {})


def test_a_failure_is_over_when_all_is_well():
    failed = {"what": "failed", "failures": 3, "since": 5.0, "next_try": 9.0, "problem": ["P966", "w", "", ""]}
    assert summed([failed]).problem == Problem("P966", "w")
    assert summed([failed, {"what": "well"}]) == State()
