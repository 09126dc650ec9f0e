"""Counts: how windows slide, what goes when there is no room, and that a kill or a clock never frees any."""

from __future__ import annotations

import mmap
import os
import time
from math import inf

import pytest
from tests.unit.server.guard.conftest import fork
from tests.unit.server.guard.shares.conftest import DAY_S, HOUR_S, taken

from trimtab.server.guard.shares.counters import BUCKETS, SLOTS, Counters


def test_as_many_pass_as_the_limit_says_and_a_refused_one_counts_nothing(make):
    counters = make()
    spot = counters.spot("a", "requests", HOUR_S)
    assert taken(counters, spot, 5, 10) == 5
    assert counters.look(spot) == (0, 5, 0.0)
    assert not counters.take(spot, 8, 4)
    assert counters.take(spot, 8, 3)


def test_the_window_before_weighs_in_with_what_is_left_of_its_time(make, times):
    counters = make()
    spot = counters.spot("a", "requests", HOUR_S)
    times.passes(HOUR_S - 1)
    assert taken(counters, spot, 100, 200) == 100
    times.passes(1)  # the turn of the window
    assert taken(counters, spot, 100, 200) == 0
    times.passes(HOUR_S / 4)
    assert taken(counters, spot, 100, 200) == 25
    times.passes(2 * HOUR_S)
    assert taken(counters, spot, 100, 200) == 100


def test_what_was_given_back_may_be_taken_again(make):
    counters = make()
    spot = counters.spot("a", "requests", HOUR_S)
    assert counters.take(spot, 5, 5)
    counters.give_back(spot, 2)
    assert taken(counters, spot, 5, 5) == 2
    counters.give_back(counters.spot("b", "requests", HOUR_S), 2)
    counters.give_back(spot, 50)
    assert taken(counters, spot, 5, 9) == 5


def test_the_wait_is_just_as_long_as_it_takes(make, times):
    counters = make()
    spot = counters.spot("a", "rows", HOUR_S)
    assert counters.wait_s(spot, 100, 100) == 0.0
    assert counters.wait_s(spot, 100, 101) == inf
    times.passes(600)
    assert counters.take(spot, 100, 60)
    for amount in (41, 70, 100):
        wait_s = counters.wait_s(spot, 100, amount)
        times.passes(wait_s - 0.002)
        assert counters.wait_s(spot, 100, amount) > 0
        times.passes(0.002)
        assert counters.wait_s(spot, 100, amount) == 0.0
    assert counters.take(spot, 100, 100)
    assert not counters.take(spot, 100)


def test_callers_things_and_windows_are_counted_apart(make):
    counters = make()
    spots = [counters.spot(*key) for key in (("a", "r", 60), ("a", "r", 61), ("a", "s", 60), ("ar", "", 60))]
    assert len({spot.key for spot in spots}) == 4
    assert [taken(counters, spot, 3, 5) for spot in spots] == [3, 3, 3, 3]


def test_places_cannot_be_guessed(make):
    assert make().spot("a", "r", 60).key != make().spot("a", "r", 60).key
    buckets = [make(buckets=BUCKETS) for _ in range(2)]
    assert len({tuple(counters.bucket(str(n)) for n in range(20)) for counters in buckets}) == 2


def test_a_slot_is_used_again_when_both_of_its_windows_are_over(make, times, said):
    counters = make()
    for n in range(SLOTS):
        assert counters.take(counters.spot(str(n), "r", 60), 5)
    times.passes(120)
    for n in range(SLOTS):
        assert counters.take(counters.spot(f"new {n}", "r", 60), 5)
    assert said == []


def test_in_a_full_bucket_short_windows_go_before_long_ones(make, said):
    counters = make()
    quota = counters.spot("victim", "r", DAY_S)
    assert taken(counters, quota, 1000, 1000) == 1000
    for n in range(1000):
        assert counters.take(counters.spot(str(n), "r", 1), 5)
    assert taken(counters, quota, 1000, 10) == 0
    assert said.events == ["quotas full"]


def test_a_thousand_callers_with_quotas_of_their_own_do_not_drive_out_the_one_that_used_up_most(make, said):
    counters = make()
    quota = counters.spot("victim", "r", DAY_S)
    assert taken(counters, quota, 1000, 600) == 600
    for n in range(1000):
        assert counters.take(counters.spot(str(n), "r", DAY_S), 1000)
    assert taken(counters, quota, 1000, 1000) == 400
    assert said.events == ["quotas full"]


def test_that_there_is_no_room_is_said_once_a_minute(make, times, said):
    counters = make()
    for minute in range(3):
        for n in range(SLOTS + 10):
            counters.take(counters.spot(f"{minute} {n}", "r", DAY_S), 5)
        times.passes(61)
    assert said.events == ["quotas full"] * 3


def test_a_count_goes_on_after_a_restart_even_if_the_limit_is_another_one(make, tmp_path, times):
    path = tmp_path / "quotas"
    counters = make(path)
    assert taken(counters, counters.spot("a", "r", DAY_S), 10, 7) == 7
    del counters
    times.passes(60)
    counters = make(path)
    assert taken(counters, counters.spot("a", "r", DAY_S), 10, 10) == 3
    assert taken(counters, counters.spot("a", "r", DAY_S), 12, 10) == 2


def test_a_clock_that_jumps_never_frees_a_count_and_never_stops_time(make, tmp_path, times, said):
    path = tmp_path / "quotas"
    counters = make(path)
    spot = counters.spot("a", "r", HOUR_S)
    assert taken(counters, spot, 10, 20) == 10
    times.wall += 30 * DAY_S  # forward and back while it runs: time passes as it does
    assert taken(counters, spot, 10, 20) == 0
    times.wall -= 60 * DAY_S
    assert taken(counters, spot, 10, 20) == 0
    del counters
    counters = make(path)  # the clock is a month behind what was counted
    spot = counters.spot("a", "r", HOUR_S)
    assert said[0] == ("clock behind quotas", {"level": "warning", "seconds": 30 * DAY_S})
    assert taken(counters, spot, 10, 20) == 0
    times.passes(1.5 * HOUR_S)
    assert taken(counters, spot, 10, 20) == 5


def test_what_a_server_with_a_clock_ahead_has_counted_counts_for_one_behind(make, tmp_path, times, said):
    path = tmp_path / "quotas"
    behind = make(path)
    times.wall += DAY_S
    ahead = make(path)
    assert taken(ahead, ahead.spot("a", "r", HOUR_S), 10, 4) == 4
    assert taken(behind, behind.spot("a", "r", HOUR_S), 10, 20) == 6
    assert taken(ahead, ahead.spot("a", "r", HOUR_S), 10, 20) == 0
    assert said == []


def test_the_memory_is_shared_by_processes_that_are_forked(make, tmp_path):
    for path in (None, tmp_path / "quotas"):
        counters = make(path)
        spot = counters.spot("a", "r", DAY_S)
        pid = fork()
        if pid == 0:
            counters.attach()
            counters.acquire(spot.bucket)
            os._exit(10 + taken(counters, spot, 10, 4))  # and dies with the lock
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 14
        counters.acquire(spot.bucket)
        assert taken(counters, spot, 10, 20) == 6
        counters.release(spot.bucket)


def test_a_file_that_was_cut_short_is_whole_again_for_the_next_process(make, tmp_path, said):
    path = tmp_path / "quotas"
    counters = make(path)
    os.truncate(path, 100)
    counters.attach()
    assert said.events == ["quotas restored"]
    spot = counters.spot("a", "r", DAY_S)
    assert taken(counters, spot, 3, 9) == 3
    again = make(path)
    assert taken(again, again.spot("a", "r", DAY_S), 3, 9) == 0


def test_the_default_is_a_table_for_a_quarter_of_a_million_counts(said):
    counters = Counters(None, said)
    assert len(counters._map) == 4096 + BUCKETS * mmap.PAGESIZE
    assert BUCKETS * SLOTS == 262_144
    assert counters.now() == pytest.approx(time.time(), abs=5)
