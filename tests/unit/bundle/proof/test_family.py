"""Processes below processes, and the end of all of them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trimtab.bundle.proof.family import below, children, end_all

# says its child's number, whose own child ignores that its parent goes
PROGRAM = """
import os, signal, sys
if os.fork() == 0:
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        print(os.getpid(), flush=True)
    signal.pause()
signal.pause()
"""


@pytest.fixture
def process():
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as started:
        started.child = int(started.stdout.readline())
        yield started
        end_all(started.pid)


def test_children_are_those_of_a_process_and_below_it_are_theirs_too(process):
    assert process.pid in children(os.getpid())
    assert children(process.pid) == {process.child}
    (last,) = children(process.child)
    assert set(below(process.pid)) == {process.child, last}


def test_all_of_them_end_and_one_that_has_gone_is_no_fault(process):
    gone = [process.pid, *below(process.pid)]
    end_all(process.pid)
    assert process.wait() == -9
    end = time.monotonic() + 10
    while any(map(runs, gone)) and time.monotonic() < end:
        os.sched_yield()  # the kernel ends one after the other
    assert [pid for pid in gone if runs(pid)] == []
    end_all(gone[0])


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
