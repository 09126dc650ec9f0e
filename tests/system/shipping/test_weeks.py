"""R-58: weeks without the destination, kills in between, a disk that is capped: nothing is lost that the cap can hold.

The clock is one that the test turns; files, logbooks and their syncs are real.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.doubles.harbour import Harbour, interactions, seal

from trimtab.journal.ship.destination import LocalFolder
from trimtab.journal.ship.lane import Machine
from trimtab.journal.ship.sealed import sealed_files
from trimtab.journal.ship.shipping import open_shipping
from trimtab.journal.ship.standing import shipping_status

PLACE = LocalFolder(Path("/mnt/archive"))  # a name: the destination is one in memory
HOUR, DAY = 3600, 24 * 3600
ROWS = 10


@dataclass
class Clock:
    """now: seconds since 1970; chance: what chance gives."""

    now: float = 1_790_000_000.0
    chance: float = 0.5


@pytest.fixture
def clock():
    return Clock()


class KilledError(BaseException):
    """The keeper is gone, at whatever it was."""


class Edge:
    """A machine that seals a file every hour, ships when it can, and keeps its disk below a cap."""

    def __init__(self, journal, clock, cap):
        self.journal, self.clock, self.cap = journal, clock, cap
        self.harbour, self.chance = Harbour(), random.Random(58)
        self.sealed = self.lost = self.most = 0
        self.arrived: list[str] = []  # ids of rows, as often as they came
        self.harbour.on_send = self._take
        self.machine = Machine(lambda: clock.now, chance=lambda: clock.chance)

    def _take(self, parcel):
        """The destination has it; sometimes the keeper is killed before it knows."""
        table = parquet.read_table(pa.BufferReader(parcel.file.read()), columns=["id"])
        self.arrived += table.column("id").to_pylist()
        if self.chance.random() < 0.05:
            raise KilledError
        return True

    def pass_(self):
        """What a keeper does each hour."""
        self.clock.chance = self.chance.random()
        try:
            with open_shipping(self.journal, [PLACE], machine=self.machine, opener=self.harbour.open) as shipping:
                shipping.run(60)
                self._retain(shipping)
        except KilledError:
            pass

    def _retain(self, shipping):
        """What was shipped goes first, then the oldest, until the rest is below the cap."""
        sizes = {self.journal / sealed.name: sealed.size for sealed in sealed_files(self.journal)}
        total = sum(sizes.values())
        self.most = max(self.most, total)
        if total <= self.cap:
            return
        for path in sorted(sizes, key=lambda path: not shipping.shipped(path)):
            if total <= self.cap:
                break
            if not shipping.shipped(path):
                shipping.lost(path)
                self.lost += 1
            path.unlink()
            total -= sizes[path]

    def live(self, hours):
        for _ in range(hours):
            path = seal(self.journal, self.sealed, interactions(self.sealed * ROWS, ROWS))
            os.utime(path, times=(self.clock.now, self.clock.now))
            self.sealed += 1
            self.clock.now += HOUR
            self.pass_()


@pytest.fixture
def size(tmp_path):
    """Bytes of one file."""
    return seal(tmp_path / "one", 0, interactions(0, ROWS)).stat().st_size


def ids(edge, first=0):
    return {f"aabbccddeeffmmmmmmmmmmmm-{number:x}" for number in range(first * ROWS, edge.sealed * ROWS)}


def test_three_weeks_offline_lose_nothing_within_the_cap(journal, clock, size):
    edge = Edge(journal, clock, cap=600 * size)
    edge.live(24)
    edge.harbour.away = "no network"
    asked = edge.harbour.asked
    edge.live(21 * 24)
    assert edge.harbour.asked - asked <= 21 * 24  # once a pass, at most
    (status,) = shipping_status(journal)
    assert (status.waiting, status.lost_files) == (21 * 24, 0)
    assert abs(clock.now - 21 * DAY - status.since) < DAY
    assert sum(path.stat().st_size for path in (journal / "spool").iterdir()) < 300_000
    edge.harbour.away = ""
    edge.live(24)
    (status,) = shipping_status(journal)
    assert (status.waiting, status.lost_files, status.problem) == (0, 0, None)
    assert set(edge.arrived) == ids(edge)  # 0 lost, and none that there never was
    twice = len(edge.arrived) - len(set(edge.arrived))
    assert 0 < twice < 0.12 * len(edge.arrived)  # the kills; an id tells them
    assert edge.most < 600 * size


def test_beyond_the_cap_the_oldest_go_and_it_is_said_how_many(journal, clock, size):
    edge = Edge(journal, clock, cap=100 * size)
    edge.harbour.away = "no network"
    edge.live(7 * 24)
    assert edge.most <= 101.5 * size  # the cap, and what was sealed since the last pass
    (status,) = shipping_status(journal)
    assert (status.lost_files, status.lost_bytes > 0) == (edge.lost, True)
    assert status.waiting == 7 * 24 - edge.lost
    edge.harbour.away = ""
    edge.live(6)
    assert set(edge.arrived) == ids(edge, first=edge.lost)
    assert shipping_status(journal)[0].lost_files == edge.lost > 60


def test_what_hub_and_edge_do_in_a_minute_without_a_network(journal, clock, size):
    edge = Edge(journal, clock, cap=600 * size)
    edge.live(1)
    edge.harbour.away = "the hub answers 429"
    for _ in range(4):
        clock.now += 15
        edge.pass_()
    edge.harbour.away = ""
    edge.live(1)
    assert set(edge.arrived) == ids(edge)
