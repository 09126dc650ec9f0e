"""Numbers to text, right answers and wrong ones, and what a process and its children are."""

import os
import subprocess
import sys

import pytest

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"])
print(child.pid, flush=True)
child.wait()
"""


def test_a_spread_is_median_lowest_highest(bench):
    assert bench("measure").spread([3.0, 1.0, 2.0], 1) == "2.0 (1.0-3.0)"


def test_a_ratio_is_the_peers_median_over_ours(bench):
    assert bench("measure").ratio([1.0, 2.0, 9.0], [4.0, 5.0, 3.0]) == "2.00x"


@pytest.mark.parametrize("answer", [[0.5], [0.5, 0.3], [], [0.5, float("nan")]])
def test_a_wrong_answer_ends_the_run(bench, answer):
    with pytest.raises(AssertionError, match="peer answered"):
        bench("measure").check("peer", answer, [0.5, 0.2])


def test_a_right_answer_passes(bench):
    bench("measure").check("peer", [0.5, 1e6 + 0.1], [0.5000001, 1e6])


def test_a_family_is_a_process_and_all_that_it_started(bench):
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=pipe, stdout=pipe) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert set(bench("processes").family(parent.pid)) == {parent.pid, child}
        assert bench("processes").pss_mb(parent.pid) > bench("processes").pss_mb(child) > 0
        parent.communicate(b"\n")
    assert os.getpid() in bench("processes").family(os.getpid())


def test_stopping_ends_the_whole_family(bench, tmp_path):
    with bench("processes").running([sys.executable, "-c", PARENT], tmp_path) as server:
        while "\n" not in server.said:
            assert server.child.poll() is None or "\n" in server.said  # it may say so and end between two looks
        child = int(server.said.split()[0])
    assert server.child.returncode is not None
    assert bench("processes").family(child) == [child]  # only its own name is left: no such process
