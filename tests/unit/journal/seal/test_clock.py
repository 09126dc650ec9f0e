"""What is believed of a clock, from pass to pass."""

from __future__ import annotations

import pytest

from trimtab.journal.seal.clock import Reading, is_believed, read_clock, steady

DAY = 86_400.0


def run(*readings):
    last = None
    for now, up, boot in readings:
        last = steady(last, Reading(now, up, boot))
    return last


def test_a_first_look_says_nothing():
    assert run((1e9, 5.0, "a")).steady == 0.0


def test_a_clock_that_runs_evenly_is_believed_after_half_a_day():
    seen = [(1e9 + hour * 3600, hour * 3600.0, "a") for hour in range(13)]
    assert is_believed(run(*seen), 90 * DAY)
    assert not is_believed(run(*seen[:12]), 90 * DAY)


@pytest.mark.parametrize("jump", [7200.0, -3600.0, 40 * 365 * DAY])
def test_a_jump_begins_it_anew(jump):
    even = [(1e9 + hour * 3600, hour * 3600.0, "a") for hour in range(24)]
    assert run(*even, (1e9 + DAY + jump, DAY, "a")).steady == 0.0


def test_what_a_clock_is_corrected_by_is_no_jump():
    assert run((1e9, 0.0, "a"), (1e9 + DAY + 200, DAY, "a")).steady == DAY + 200


@pytest.mark.parametrize(("later", "known"), [(3600.0, 3600.0), (DAY, DAY), (DAY + 1, 0.0), (-1.0, 0.0)])
def test_a_restart_is_believed_for_a_day_ahead(later, known):
    assert run((1e9, 500.0, "a"), (1e9 + later, 3.0, "b")).steady == known


def test_without_a_name_of_the_start_each_look_is_after_a_restart():
    assert run((1e9, 500.0, ""), (1e9 + 100, 600.0, "")).steady == 100.0
    assert run((1e9, 500.0, ""), (1e9 + 2 * DAY, 500 + 2 * DAY, "")).steady == 0.0


def test_what_is_kept_for_an_hour_waits_for_an_hour():
    assert is_believed(run((1e9, 0.0, "a"), (1e9 + 3600, 3600.0, "a")), 3600.0)
    assert not is_believed(run((1e9, 0.0, "a"), (1e9 + 3599, 3599.0, "a")), 3600.0)


def test_this_machine_has_clocks():
    first, second = read_clock(), read_clock()
    assert 0.0 <= second.up - first.up < 60.0
    assert first.boot == second.boot
    assert steady(first, second).steady == second.now - first.now
