from __future__ import annotations

import os
import subprocess
import sys

import pytest

from trimtab.ops.release.owner import alive, me, was_before_restart


def test_this_process_runs():
    assert alive(me()) is True


def test_one_that_has_ended_does_not_nor_another_with_its_number():
    child = subprocess.run(
        [sys.executable, "-c", "from trimtab.ops.release.owner import me; print(me())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert alive(child.stdout.strip()) is False
    host, _, started, machine = me().split()
    assert alive(f"{host} {os.getpid()} {int(started) + 1} {machine}") is False


def test_of_another_machine_nothing_is_known():
    host, pid, started, machine = me().split()
    assert alive(f"elsewhere {pid} {started} {machine}") is None
    assert alive(f"{host} {pid} {started} another-boot/1") is None
    for nonsense in ("", "a b", f"{host} x {started} {machine}"):
        assert alive(nonsense) is None


@pytest.mark.parametrize(
    ("theirs", "ours", "gone"),
    [
        ("b1/4026531836/h", "b2/4026531836/h", True),
        ("b1/4026531836/h", "b1/4026531836/h", False),  # the same boot: the process itself is looked at
        ("b1/4026532000/h", "b2/4026532000/h", False),  # containers of one image share the id, on any host
        ("b1/4026531836/h", "b2/4026531836/other", False),
        ("b1/4026531836/", "b2/4026531836/", False),  # no id, no knowledge
        ("b1/4026531836", "b2/4026531836/h", False),
        ("unknown", "b2/4026531836/h", False),
    ],
)
def test_what_ran_before_a_restart_of_this_machine_runs_no_more(theirs, ours, gone):
    assert was_before_restart(theirs, ours) is gone
