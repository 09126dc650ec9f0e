"""The comparison as a page, from made-up turns."""

FACTS = {"machine": "a machine", "others": 0.1, "turns": 2, "generator": "wrk", "quick": False}


def page(bench, turns, missing=()):
    seen = bench("peers").Results(turns=turns, missing=dict(missing))
    return bench("page").page(seen, bench("contenders").ALL, bench("workloads").WORKLOADS, FACTS)


def test_ratios_say_how_many_times_better_ours_is(bench):
    turn = bench("serving").Turn
    ours, theirs = [turn(1000.0, 1.0, 2.0, 50.0, 0)] * 2, [turn(200.0, 5.0, 20.0, 400.0, 0)] * 2
    said = page(bench, {("trimtab", "W1", 16): ours, ("fastapi", "W1", 16): theirs})
    assert "| FastAPI tuned x2 | 200 (200-200) | 5.00 | 20.0 | 400 (400-400) | 5.0x | 8.0x | 10.0x |" in said
    assert "### W2" not in said


def test_other_numbers_of_connections_have_one_table_each(bench):
    turn = bench("serving").Turn
    turns = {("trimtab", "W1", 64): [turn(900.0, 1.0, 2.0, 5.0, 0)], ("ray", "W1", 64): [turn(90.0, 1.0, 9.0, 5.0, 0)]}
    said = page(bench, turns)
    assert "| Ray Serve | 90 / 9.0 (10.0x) | - |" in said
    assert "## 1 connection" not in said


def test_failed_requests_and_missing_servers_are_named(bench):
    turn = bench("serving").Turn
    said = page(bench, {("ray", "W1", 16): [turn(90.0, 1.0, 9.0, 5.0, 3)]}, {"KServe x2, mlp": "does not start"})
    assert "| Ray Serve (3 failed) |" in said
    assert "- KServe x2, mlp: does not start" in said


def test_a_turn_without_an_answer_is_no_number(bench):
    nan = float("nan")
    turn = bench("serving").Turn
    said = page(bench, {("trimtab", "W5", 16): [turn(0.0, nan, nan, 5.0, 0)]})
    assert "| trimtab | 0.0 (0.0-0.0) | - | - |" in said
