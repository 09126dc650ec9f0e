"""All destinations together: none holds up another, retention learns what it may take, one process at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.doubles.harbour import Harbour, interactions, seal

from trimtab.core.errors import OutsideError
from trimtab.journal.ship.destination import S3, Kafka, LocalFolder, name_of
from trimtab.journal.ship.shipping import open_shipping
from trimtab.journal.ship.standing import shipping_status

ONE, TWO, TOPIC = LocalFolder(Path("/mnt/one")), S3("two"), Kafka(("b:1",), "t")


class Port:
    """A harbour for each destination."""

    def __init__(self):
        self.harbours = {}

    def __getitem__(self, destination):
        return self.harbours.setdefault(name_of(destination), Harbour())

    def open(self, destination, tools):
        return self[destination].open(destination, tools)


@pytest.fixture
def port():
    return Port()


@pytest.fixture
def shipping(journal, clock, port):
    def begin(*destinations):
        return open_shipping(journal, destinations, machine=clock.machine(), opener=port.open)

    return begin


def test_one_that_fails_or_hangs_keeps_no_other_from_its_files(journal, shipping, port):
    seal(journal, 0)
    free = threading.Event()
    port[ONE].on_send = lambda _: free.wait(30)
    port[TWO].away = "away"
    with shipping(ONE, TWO, TOPIC) as started:
        hung, away, well = started.run(budget_s=0.1)
        while away.busy or well.busy:
            hung, away, well = started.run(budget_s=0.1)
        assert (hung.busy, hung.standing.waiting) == (True, 1)
        assert (away.standing.problem.what, well.standing.waiting) == ("away", 0)
        assert started.run(budget_s=0.1)[0].busy
        assert port[ONE].opened == 1  # it is left at its work, not begun again
        free.set()
        started.run(budget_s=10)
        assert started.run(budget_s=10)[0].standing.waiting == 0
    assert len(port[ONE].goods) == 1


def test_a_fault_of_ours_is_not_kept_to_itself(journal, shipping, port):
    seal(journal, 0)
    port[ONE].on_send = lambda _: 1 // 0
    with shipping(ONE, TWO) as started:
        with pytest.raises(ZeroDivisionError):
            started.run(budget_s=10)
        port[ONE].on_send = lambda _: True
        assert [outcome.standing.waiting for outcome in started.run(budget_s=10)] == [0, 0]


def test_retention_is_told_what_nobody_else_has(journal, shipping, port):
    first, second, record = seal(journal, 0), seal(journal, 1), seal(journal, 2, stream="records")
    segment = journal / "segments/w-9.seg"
    segment.touch()
    port[TOPIC].refuses = {second.relative_to(journal).as_posix()}
    with shipping(ONE, TOPIC) as started:
        assert not started.shipped(first)
        started.run(budget_s=10)
        assert started.shipped(first)
        assert not started.shipped(second)
        assert started.shipped(record)  # goes to the folder alone
        assert not started.shipped(segment)  # is to be sealed, and shipped
        assert started.shipped(journal / "segments/damaged/w-9.jsonl")
        assert started.shipped(journal / "truth/day=2026-01-01/gone.parquet")
        seal(journal, 0, interactions(0, 1))
        assert not started.shipped(first)
        size = second.stat().st_size
        started.lost(second)
        started.lost(record)
        second.unlink()
    kafka, local = sorted(shipping_status(journal), key=lambda one: one.destination, reverse=True)
    assert (kafka.lost_files, kafka.lost_bytes, local.lost_files) == (1, size, 0)


def test_without_destinations_nothing_waits(journal, shipping):
    path = seal(journal, 0)
    with shipping() as started:
        assert started.run() == []
        assert started.shipped(path)


def test_one_process_ships_at_a_time(journal, shipping):
    with shipping(ONE):
        with pytest.raises(OutsideError, match="P968"), shipping(ONE):
            pass
        assert shipping_status(journal) == []  # reading is free
    with shipping(ONE):
        pass


def test_the_lock_holds_as_long_as_anything_is_going_on(journal, shipping, port):
    seal(journal, 0)
    free = threading.Event()
    port[ONE].on_send = lambda _: free.wait(30)
    with shipping(ONE) as started:
        started.run(budget_s=0.1)
    with pytest.raises(OutsideError, match="P968"), shipping(ONE):
        pass
    free.set()
    assert started.close(10)


def test_a_destination_that_is_named_again_remembers(journal, shipping, port):
    seal(journal, 0)
    with shipping(ONE, TWO) as started:
        started.run(budget_s=10)
    with shipping(TWO) as started:
        started.run(budget_s=10)
    assert [one.destination for one in shipping_status(journal)] == ["s3://two"]
    with shipping(ONE) as started:
        assert started.run(budget_s=10)[0].sent == 0
    assert (len(port[ONE].sent), [one.destination for one in shipping_status(journal)]) == (1, ["file:///mnt/one"])


def test_a_carrier_learns_whether_it_was_there_before(journal, shipping, port):
    seal(journal, 0)
    with shipping(ONE) as started:
        started.run(budget_s=10)
        seal(journal, 1)
        started.run(budget_s=10)
    assert [tools.known for tools in port[ONE].tools] == [False, True]
    assert port[ONE].tools[0].spool == journal / "spool" / name_of(ONE)


def test_a_spool_that_is_of_no_use_is_said(journal, shipping):
    (journal / "spool").rmdir()
    (journal / "spool").touch()
    with pytest.raises(OutsideError, match="P967"), shipping(ONE):
        pass
