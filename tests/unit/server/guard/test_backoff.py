"""Waiting after failures: none at first, doubling, forgiven, and each client for itself."""

from __future__ import annotations

import time

import pytest

from trimtab.server.guard.backoff import Backoff


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_ten_failures_in_a_minute_cost_nothing_and_then_the_wait_doubles_up_to_a_minute(clock):
    backoff = Backoff(clock)
    assert [backoff.failed("a") for _ in range(19)] == [0.0] * 10 + [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_failure_now_and_then_never_costs_anything(clock):
    backoff = Backoff(clock)
    for _ in range(100):
        assert backoff.failed("a") == 0.0
        clock.now += 6.7


def test_one_client_never_makes_another_wait(clock):
    backoff = Backoff(clock)
    for _ in range(400):
        backoff.failed("a")
    assert (backoff.failed("a"), backoff.failed("b")) == (60.0, 0.0)


def test_every_minute_without_a_failure_takes_one_doubling_back(clock):
    backoff = Backoff(clock)
    for _ in range(15):
        backoff.failed("a")  # the last wait was 16
    clock.now += 180.0
    assert backoff.failed("a") == 4.0
    clock.now += 60.0 * 7
    assert [backoff.failed("a") for _ in range(11)] == [0.0] * 10 + [1.0]


def test_who_goes_on_in_spite_of_the_wait_waits_on(clock):
    backoff = Backoff(clock)
    for _ in range(17):
        backoff.failed("a")
    for _ in range(10):
        clock.now += 59.0
        assert backoff.failed("a") == 60.0


def test_as_many_clients_are_remembered_as_there_is_room_for(clock):
    backoff = Backoff(clock, clients=3)
    for client in "abc":
        for _ in range(11):
            backoff.failed(client)
    backoff.failed("a")
    backoff.failed("d")  # b failed longest ago
    assert [backoff.failed(client) > 0 for client in "acdb"] == [True, True, False, False]


def test_one_client_more_costs_no_more_however_many_there_are():
    backoff = Backoff()

    def took(first: int) -> float:
        start = time.process_time()
        for client in range(first, first + 10_000):
            backoff.failed(str(client))
        return time.process_time() - start

    filling = took(0)
    assert took(10_000) < 10 * filling + 0.2
