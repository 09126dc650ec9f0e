"""Servers that stand still while another one is measured."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

FAMILY = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()']); input()"


@pytest.fixture
def server():
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, start_new_session=True) as child:
        yield child
        child.communicate(b"\n\n", 20)


def states(processes, pid, wanted):
    """Of the family, once they are as wanted, or after a while."""
    deadline = time.monotonic() + 10
    found = set()
    while time.monotonic() < deadline and (found != wanted or len(processes.family(pid)) < 2):
        texts = [Path(f"/proc/{one}/stat").read_text() for one in processes.family(pid)]
        found = {text.rpartition(")")[2].split()[0] == "T" for text in texts}
        time.sleep(0.01)
    return found


def test_a_family_stands_still_and_goes_on_whatever_happens(bench, server):
    processes = bench("processes")
    assert states(processes, server.pid, {False}) == {False}
    with contextlib.suppress(KeyError), processes.standing_still([server.pid]):
        assert states(processes, server.pid, {True}) == {True}
        raise KeyError
    assert states(processes, server.pid, {False}) == {False}
    assert server.poll() is None


def test_who_has_gone_meanwhile_is_no_fault(bench):
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    with bench("processes").standing_still([gone.pid]):
        pass
