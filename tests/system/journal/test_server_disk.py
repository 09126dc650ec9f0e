"""A server on disks that are full, slow or dead: it does as it was told, says so, and goes on when it can."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.system.journal.conftest import interactions_in

BODY = json.dumps([{"age": 30, "plan": "plus", "spend": 1.5, "city": "Bern" * 200}])


class Server:
    """A server over `tests/doubles/serve.py`, on a journal somewhere."""

    def __init__(self, root: Path, *ahead: str, **journal: str) -> None:
        settings = json.dumps({"journal": journal, "processes": 1, "workers": 0})
        command = [*ahead, sys.executable, str(root / "tests/doubles/serve.py"), settings]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.connection = http.client.HTTPConnection(
            urlsplit(self.process.stdout.readline().strip()).netloc, timeout=30
        )

    def ask(self, path: str = "/v1/models/churn/rows", body: str = BODY) -> tuple[int, http.client.HTTPMessage, bytes]:
        self.connection.request("POST", path, body)
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()

    def metric(self, outcome: str) -> float:
        self.connection.request("GET", "/metrics")
        text = self.connection.getresponse().read().decode()
        head = f'trimtab_interactions_total{{outcome="{outcome}"}} '
        return float(next(line for line in text.splitlines() if line.startswith(head)).removeprefix(head))

    def stop(self) -> str:
        """Its log."""
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, said
        return said


@pytest.fixture(name="start")
def starter(root: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers; whatever happened, none is left."""
    started: list[Server] = []

    def begin(*ahead: str, **journal: str) -> Server:
        started.append(Server(root, *ahead, **journal))
        return started[-1]

    yield begin
    for server in started:
        server.process.kill()
        server.process.communicate()


def until(happens, seconds: float = 20):
    """What comes of it, once something does."""
    end = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)
    return found


@pytest.mark.root
@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
def test_a_full_disk_is_counted_and_marked_and_the_answers_go_on(disks, start, mode: str) -> None:
    disk = disks.tmpfs(1024)
    (disk.place / "ballast").write_bytes(os.urandom(300_000))
    server = start(folder=str(disk.place / "journal"), mode=mode)
    answers = []
    while not answers or (answers[-1][1]["x-trimtab-journal"] is None and server.metric("lost") == 0):
        answers.append(server.ask())
        assert answers[-1][0] == 200
    if mode != "sent":  # there the answer has left before anybody knows
        assert answers[-1][1]["x-trimtab-journal"] == "lost"
    assert server.ask("/v1/truth", json.dumps([{"id": "x" * 200, "value": "y" * 200}] * 900))[0] == 503
    (disk.place / "ballast").unlink()
    until(lambda: server.ask()[1]["x-trimtab-journal"] is None)
    kept_again = server.metric("kept")
    for _ in range(20):
        status, headers, _ = server.ask()
        assert (status, headers["x-trimtab-journal"]) == (200, None)
    until(lambda: server.metric("kept") >= kept_again + 20)
    kept = server.metric("kept")
    said = server.stop()
    assert "journal not written" in said
    assert "No space left" in said
    assert "journal is written again" in said
    assert len(interactions_in(disk.place / "journal")) == kept


@pytest.mark.root
@pytest.mark.parametrize("mode", ["written", "synced"])
def test_nothing_is_answered_without_a_record_where_that_is_wanted(disks, start, mode: str) -> None:
    disk = disks.tmpfs(1024)
    (disk.place / "ballast").write_bytes(os.urandom(300_000))
    server = start(folder=str(disk.place / "journal"), mode=mode, on_fault="closed")
    acknowledged = []
    while (answer := server.ask())[0] == 200:
        acknowledged.append(answer[1]["x-request-id"])
    assert answer[0] == 503
    assert json.loads(answer[2])["code"] == "P350"
    assert int(answer[1]["retry-after"]) >= 1
    began = time.monotonic()
    assert server.ask()[0] == 503
    assert time.monotonic() - began < 1
    (disk.place / "ballast").unlink()
    acknowledged.append(until(lambda: (found := server.ask())[0] == 200 and found[1]["x-request-id"]))
    server.stop()
    found = {one.id for one in interactions_in(disk.place / "journal")}
    assert [one for one in acknowledged if one not in found] == []


@pytest.mark.root
def test_a_disk_that_dies_under_the_server_does_not_take_it_along(disks, start) -> None:
    disk = disks.ext4(8)
    server = start(folder=str(disk.place / "journal"))
    assert server.ask()[1]["x-trimtab-journal"] is None
    disk.abort()
    until(lambda: server.ask()[1]["x-trimtab-journal"] == "lost")
    assert all(server.ask()[0] == 200 for _ in range(20))
    assert "Read-only file system" in server.stop()


@pytest.mark.parametrize("mode", ["sent", "written", "synced"])
def test_a_sync_of_300_ms_delays_no_more_than_those_who_asked_for_it(start, program, tmp_path: Path, mode: str) -> None:
    ahead = (program("strace"), "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync")
    slow = ("-e", "inject=fdatasync,fsync:delay_enter=300000")
    server = start(*ahead, *slow, folder=str(tmp_path / "journal"), mode=mode)
    took = []
    for _ in range(8 if mode == "synced" else 60):
        began = time.monotonic()
        status, headers, _ = server.ask()
        took.append(time.monotonic() - began)
        assert (status, headers["x-trimtab-journal"]) == (200, None)
    slowest = sorted(took)[-2]  # one may meet the beginning of a segment
    assert slowest < 0.25 if mode != "synced" else 0.29 < slowest < 1.0
    server.stop()
    assert len(interactions_in(tmp_path / "journal")) == len(took)
