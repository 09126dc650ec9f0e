"""A quota over real processes: exact while they run at once, never more when they are killed, and kept by a restart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

QUOTA = 1000
PROCESSES = 4
HEAD = f"""
import json, os, random, signal, sys
from pathlib import Path
from trimtab.server.guard.settings import GuardSettings, Share
from trimtab.server.guard.shares.shares import Shares

path = Path(sys.argv[1])
share = Share(requests="{QUOTA} per 1 year; 100000/second", rows="{QUOTA}/year", concurrent=50)

def start(path, tries, call=lambda shares: shares.begin("key:ci")):
    # serving processes that ask so often, and the pipe that gets a byte for each that passed
    shares = Shares(GuardSettings(share=share, quotas=path), {PROCESSES}, lambda event, fields: said.append(event))
    reading, writing = os.pipe()
    pids = []
    for number in range({PROCESSES}):
        pid = os.fork()
        if pid == 0:
            shares.attach(number)
            for _ in range(tries):
                if call(shares) is None:
                    os.write(writing, b".")
                    shares.end("key:ci")
            os._exit(0)
        pids.append(pid)
    os.close(writing)
    return pids, reading

def passed(pids, reading, first=1 << 60):
    # how many passed, of so many at most
    count = 0
    while count < first and (found := os.read(reading, 1)):
        count += 1
    return count

def ended(pids):
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]

said = []
"""
AT_ONCE = """
pids, reading = start(path, 600)
both = [passed(pids, reading)], [ended(pids)]
pids, reading = start(path, 10)
print(json.dumps([both[0] + [passed(pids, reading)], both[1] + [ended(pids)], said]))
"""
ROWS = """
pids, reading = start(path, 200, lambda shares: shares.rows("key:ci", 3))
print(json.dumps([passed(pids, reading), ended(pids)]))
"""
KILLED = """
chance = random.Random(7)
rounds = []
for number in range(20):
    file = path.with_name(f"quotas{number}")
    pids, reading = start(file, 600)
    count = passed(pids, reading, chance.randrange(1, 600))
    victims = pids if number % 2 else pids[:1]
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    count += passed(pids, reading)
    killed = ended(pids).count(-signal.SIGKILL)
    pids, reading = start(file, 600)
    rounds.append([killed, count, count + passed(pids, reading), ended(pids)])
print(json.dumps([rounds, said]))
"""
ONE_RUN = """
pids, reading = start(path, 90)
print(json.dumps([passed(pids, reading), ended(pids), said]))
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], Any]:
    """What a server of that program says; the file of its quotas stays for the next one."""

    def ran(program: str) -> Any:
        command = [sys.executable, "-W", "error", "-c", HEAD + program, str(tmp_path / "quotas")]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ran


def test_four_processes_at_once_let_just_as_many_through_as_the_quota_says(run: Callable[[str], Any]) -> None:
    passed, ended, said = run(AT_ONCE)
    assert ended == [[0] * PROCESSES] * 2
    assert passed == [QUOTA, 0]
    assert said == []


def test_rows_are_counted_to_the_last_one_too(run: Callable[[str], Any]) -> None:
    assert run(ROWS) == [QUOTA // 3, [0] * PROCESSES]


def test_whoever_is_killed_at_whatever_moment_frees_nothing(run: Callable[[str], Any]) -> None:
    rounds, said = run(KILLED)
    assert len(rounds) == 20
    assert all(ended == [0] * PROCESSES for _, _, _, ended in rounds)
    assert all(count <= QUOTA for _, _, count, _ in rounds)
    # who was killed may have been counted and not have passed; nothing else is lost
    assert [row for row in rounds if row[2] < QUOTA - row[0]] == []
    assert sum(killed for killed, *_ in rounds) >= 20
    # on a busy machine a kill may come when the quota has stopped them already, but not as a rule
    assert sum(before < QUOTA for killed, before, _, _ in rounds if killed == PROCESSES) >= 5
    assert said == []


def test_a_server_that_is_started_anew_goes_on_counting(run: Callable[[str], Any]) -> None:
    passed = []
    for _ in range(4):
        count, ended, said = run(ONE_RUN)
        assert (ended, said) == ([0] * PROCESSES, [])
        passed.append(count)
    assert passed == [360, 360, QUOTA - 720, 0]
