import pytest

from trimtab.core.errors import UserError
from trimtab.ops.tune.wishes import Goal, default_goal, duration_text, parse_budget, parse_goal, parse_price


@pytest.mark.parametrize(
    ("text", "goal"),
    [("p99=20ms", Goal("p99", 0.02)), ("p50<=1s", Goal("p50", 1.0)), (" p95 = 2.5ms ", Goal("p95", 0.0025))],
)
def test_a_goal_is_a_quantile_and_a_time(text, goal):
    assert parse_goal(text) == goal
    assert parse_goal(str(goal)) == goal


@pytest.mark.parametrize("text", ["", "20ms", "p99", "p99=20", "p99=0ms", "p98=20ms", "p99=-1ms", "p99=20 ms"])
def test_what_is_no_goal_is_named(text):
    with pytest.raises(UserError) as caught:
        parse_goal(text)
    assert (caught.value.problems[0].code, caught.value.problems[0].where) == ("P801", "--goal")


def test_time_and_price_have_their_units():
    assert (parse_budget("2m"), parse_price("0.20/h"), parse_price("3 / h")) == (120, 0.2, 3)
    for parse, text in ((parse_budget, "1s"), (parse_budget, "120"), (parse_price, "0.20"), (parse_price, "x/h")):
        with pytest.raises(UserError, match="P801"):
            parse(text)


def test_a_goal_that_nobody_said_leaves_room_for_twenty_calls():
    assert [default_goal(call).seconds for call in (1e-6, 0.0005, 0.001, 0.002, 0.3)] == pytest.approx(
        [0.01, 0.01, 0.02, 0.05, 10.0]
    )


def test_durations_are_written_as_the_project_file_reads_them():
    assert [duration_text(value) for value in (0, 0.05, 0.0025, 1, 2.5, 0.0066666)] == [
        "0s", "50ms", "2.5ms", "1s", "2.5s", "6.67ms",
    ]  # fmt: skip
