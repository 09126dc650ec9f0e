"""A whole server is killed under load, again and again on one journal: no answer without its interaction.

Eight times; `SOAK=1` a hundred times.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.system.journal.conftest import SOAK, interactions_in

KILLS = 100 if SOAK else 8
CALLERS = 4
BODY = json.dumps([{"age": 30, "plan": "plus", "spend": 1.5, "city": "Bern"}])


class Callers:
    """Threads that ask as fast as they can, and know which answers they got."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.acknowledged: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(CALLERS)]
        for thread in self.threads:
            thread.start()

    def run(self) -> None:
        connection = http.client.HTTPConnection(self.place, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException):
            while not self.stop.is_set():
                connection.request("POST", "/v1/models/churn/rows", BODY)
                response = connection.getresponse()
                response.read()
                assert response.headers["x-trimtab-journal"] is None
                if response.status == 200:
                    self.acknowledged.append(response.headers["x-request-id"])
        connection.close()

    def join(self) -> list[str]:
        self.stop.set()
        for thread in self.threads:
            thread.join(30)
        return self.acknowledged


def below(pid: int) -> list[int]:
    """All processes that stand below this one."""
    children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(one for child in children for one in below(child))]


def kill(server: subprocess.Popen[str], chance: random.Random) -> None:
    """The tree at once, or its root, which takes the others along."""
    pids = [server.pid, *below(server.pid)] if chance.random() < 0.5 else [server.pid]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.wait(30)


@pytest.mark.timeout(1800 if SOAK else 300)
@pytest.mark.parametrize("mode", ["written", "synced"])
def test_what_was_answered_is_in_the_journal_whoever_is_killed(root: Path, tmp_path: Path, mode: str) -> None:
    journal = {"folder": str(tmp_path / "journal"), "mode": mode}
    settings = json.dumps({"journal": journal, "processes": 2, "workers": 0, "answer_timeout_s": 30})
    chance, acknowledged = random.Random(11), Counter[str]()
    for _ in range(KILLS // 2):
        command = [sys.executable, str(root / "tests/doubles/serve.py"), settings]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
            assert server.stdout is not None
            callers = Callers(urlsplit(server.stdout.readline().strip()).netloc)
            time.sleep(0.1 + chance.random() * 0.6)
            kill(server, chance)
            acknowledged.update(callers.join())
    found = Counter(one.id for one in interactions_in(tmp_path / "journal"))
    assert len(acknowledged) > 50 * KILLS // 2
    assert max(acknowledged.values()) == 1
    assert [one for one in acknowledged if one not in found] == []
    assert sum(count - 1 for count in found.values()) <= KILLS // 2, "at most one duplicate a kill"
