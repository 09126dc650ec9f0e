"""A simulation in words."""

import pytest

from trimtab.ops.simulate.words import challenger_text, limit_text, lines, plan_text, span, traffic_text
from trimtab.ops.simulate.world import Side, Truths, World
from trimtab.release.flight.plan import Limit, Plan


def test_the_text_of_a_whole_simulation(report, golden):
    golden("simulate.txt", "".join(f"{topic:<10} {text}\n" for topic, text in lines(report)))


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Limit("errors", at_most=0.005), "errors at most 0.5 %"),
        (Limit("errors", worse_by=0.01), "errors at most 1 % more than the champion's"),
        (Limit("p99", at_most=0.08, worse_by=1.5), "p99 at most 80 ms, at most 1.5 times the champion's"),
        (Limit("auc", at_least=0.85, warn_only=True), "auc at least 0.85 (warns)"),
        (Limit("auc", worse_by=0.1), "auc at most 0.1 less than the champion's"),
        (Limit("shift", at_most=0.2), "shift at most 0.2"),
    ],
)
def test_limits_are_read_aloud(limit, said):
    assert limit_text(limit) == said


def test_plans_and_traffic_are_read_aloud():
    assert plan_text(Plan()) == "canary 5 %, 25 %, 50 %, 10 min and 100 answers each, given up after 1 h"
    assert plan_text(Plan(hold=True)).endswith(", held for a person")
    world = World(20, 0.5, Side(0.02), Side(0.02, shift=0.5), 0.1, Truths("right", 60.0))
    assert traffic_text(world).startswith("20 requests/s, 50 % up and down over the day; champion: errors 2 %, 40 ms")
    assert challenger_text(world).endswith(
        "10 % of answers differ, output shifted by 0.5 sd, right 1 known after 1 min"
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (0.04, "40 ms"), (0.0004, "0.4 ms"), (42, "42 s"), (90, "1.5 min"), (7200, "2 h"), (86400, "1 d")],
)
def test_times_are_read_aloud(seconds, said):
    assert span(seconds) == said
