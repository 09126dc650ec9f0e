"""Brokers that are not there, hang, hang up, lose answers or are slow: every row arrives, and keys tell it twice."""

from __future__ import annotations

import time

from tests.doubles.harbour import interactions, seal
from tests.doubles.kafka_front import front_of
from tests.system.shipping.conftest import sent

from trimtab.journal.ship.lane import Machine
from trimtab.journal.ship.parse import parse_destinations
from trimtab.journal.ship.shipping import open_shipping


class Passes:
    """Passes of one keeper, by a clock that jumps over every wait."""

    def __init__(self, journal, text):
        self.now = time.time()
        self.opened = open_shipping(journal, parse_destinations([text]), machine=Machine(lambda: self.now))
        self.shipping = self.opened.__enter__()

    def __call__(self, budget_s=30.0):
        self.now += 1000
        (outcome,) = self.shipping.run(budget_s)
        return outcome

    def close(self):
        self.opened.__exit__(None, None, None)


def keys(found):
    return {key for key, *_ in found}


def test_nobody_there(journal, free_port, tmp_path):
    seal(journal, 0)
    (tmp_path / "archive").mkdir()
    away, well = sent(journal, f"kafka://127.0.0.1:{free_port}/t?timeout=2s", f"file://{tmp_path}/archive")
    assert (away.problem.what, away.sent, well.sent) == ("no broker can be connected to", 0, 1)


def test_a_name_that_nobody_knows(journal):
    seal(journal, 0)
    (away,) = sent(journal, "kafka://broker.invalid:9093/t?timeout=4s")
    assert away.problem.what in ("a broker's name is not known", "no broker can be connected to")


def test_cut_off_and_healed_hung_up_and_silent(journal, brokers, topic):
    broker = brokers()
    for number in range(3):
        seal(journal, number, interactions(number * 3000, 3000))
    with front_of(broker) as front:
        run = Passes(journal, f"kafka://{front.address}/journal?timeout=3s")
        try:
            for mode in ("shut", "silent"):
                front.turn(mode)
                begun = time.monotonic()
                outcome = run()
                assert outcome.problem.what in ("no broker can be connected to", "no broker answers in time")
                assert (outcome.sent, time.monotonic() - begun < 15) == (0, True)
            front.turn("open")
            assert run().standing.waiting == 0
        finally:
            run.close()
    found = topic(broker)
    assert len(found) == len(keys(found)) == 9000


def test_cut_in_the_middle_it_goes_on_and_what_came_twice_has_one_key(journal, brokers, topic):
    broker = brokers()
    seal(journal, 0, interactions(0, 6000))
    with front_of(broker) as front:
        run = Passes(journal, f"kafka://{front.address}/journal?timeout=2s")
        try:
            front.lose_answers = 10**6  # the broker has them, and nobody hears of it
            assert run().sent == 0
            front.lose_answers = 0
            assert run().standing.waiting == 0
        finally:
            run.close()
    found = topic(broker)
    assert len(keys(found)) == 6000 < len(found)


def test_what_came_unheard_and_was_forgotten_meanwhile_is_taken_back(journal, brokers, topic):
    """The keeper does not know that the broker has the rows; those that were forgotten since must go all the same."""
    broker = brokers()
    seal(journal, 0, interactions(0, 10))
    with front_of(broker) as front:
        run = Passes(journal, f"kafka://{front.address}/journal?timeout=1s")
        try:
            front.lose_answers = 10**6
            assert run().sent == 0
            seal(journal, 0, interactions(0, 4))
            front.lose_answers = 0
            assert run().standing.waiting == 0
        finally:
            run.close()
    last = {key: value for key, value, _, _ in topic(broker)}
    assert len(last) == 10
    assert {value["in_tenure"] for value in last.values() if value is not None} == {0, 1, 2, 3}


def test_slow_brokers_get_a_file_over_several_passes(journal, brokers, topic):
    broker = brokers()
    seal(journal, 0, interactions(0, 6_000))
    with front_of(broker) as front:
        front.delay_s = 0.05
        run = Passes(journal, f"kafka://{front.address}/journal")
        passes, end = 0, time.monotonic() + 60
        try:
            while (outcome := run(budget_s=0.05)).standing.waiting:
                passes += not outcome.busy
                assert time.monotonic() < end
        finally:
            run.close()
    assert passes > 0
    found = topic(broker)
    assert len(found) == len(keys(found)) == 6_000
