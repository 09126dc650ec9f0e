"""A bundle in a process of its own: rows that raise, kill and hang it are found, and all others are answered."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from trimtab.core.errors import RefusedError
from trimtab.core.table import Column, Table
from trimtab.ops.replay.player import Failure, Player

MODEL = """
import os, signal, sys, time

def predict(rows):
    x = rows["x"]
    print("asked for", len(x))
    if (x == 13).any():
        raise ValueError(f"no thirteen: {x.tolist()}")
    if (x == 66).any():
        os.kill(os.getpid(), signal.SIGSEGV)
    if (x == 77).any():
        sys.exit("leaving")
    if (x == 99).any():
        time.sleep(600)
    return {"y": x * 2, "word": x.astype(str).astype(object)}
"""

ONCE_S = 1.0  # that a model takes to read what it reads once


@pytest.fixture
def bundle(workshop):
    workshop.write(model=MODEL)
    return workshop.package(lock="off", container="arrays")


def table(values):
    return Table({"x": Column(np.array(values, float))}, len(values))


def whole(answer, rows):
    """Every output, row by row, None where there is none."""
    found = {"y": [None] * rows, "word": [None] * rows}
    for places, outputs in answer.parts:
        for name, values in outputs.items():
            for place, value in zip(places.tolist(), values.tolist(), strict=True):
                found[name][place] = value
    return found


def families() -> set[int]:
    """Processes below this one."""
    return {int(one) for one in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_all_rows_are_answered_and_nothing_is_left_running(bundle):
    before = families()
    with Player(bundle, 30) as player:
        answer = player.play(table(range(10)))
        assert whole(answer, 10) == {"y": [2.0 * one for one in range(10)], "word": [f"{one}.0" for one in range(10)]}
        assert (answer.failed, [rows for rows, _ in answer.calls]) == ({}, [10])
        assert len(families() - before) == 1
        assert player.play(table([])).parts == []
    assert families() == before


@pytest.mark.parametrize(
    ("value", "failure"),
    [
        (13, Failure("ValueError at model.py:8 in predict", "no thirteen: [13.0]")),
        (66, Failure("crashed", "its process was ended by SIGSEGV")),
        (77, Failure("SystemExit at model.py:12 in predict", "leaving")),
    ],
)
def test_a_row_at_fault_stands_alone_and_the_others_are_answered(bundle, value, failure):
    values = [float(one) for one in range(20)]
    values[7] = value
    values[11] = 1.5
    values[13] = 2.5
    with Player(bundle, 30) as player:
        answer = player.play(table(values))
    assert answer.failed == {7: failure}
    assert whole(answer, 20)["y"] == [None if at == 7 else 2 * one for at, one in enumerate(values)]


def test_a_row_that_hangs_costs_its_patience_once_and_then_little(bundle):
    with Player(bundle, 6) as player:
        player.play(table([1]))
        player.play(table([2]))
        began = time.monotonic()
        answer = player.play(table([3, 99, 4, 5]))
        took = time.monotonic() - began
    assert 6 + 2 * 2 <= took < 6 * 3
    assert answer.failed == {1: Failure("hung", "no answer in time")}
    assert whole(answer, 4)["y"] == [6, None, 8, 10]


def test_what_the_first_call_does_once_is_not_what_a_call_costs(workshop):
    """It reads what is read once: one row is asked before any call that is timed."""
    text = (
        "import time\n\nREAD = []\n\ndef predict(rows):\n"
        f"    if not READ:\n        time.sleep({ONCE_S})\n        READ.append(1)\n    return {{'y': rows['x']}}\n"
    )
    workshop.write(model=text)
    with Player(workshop.package(lock="off", container="arrays"), 30) as player:
        ((rows, seconds),) = player.play(table([1, 2])).calls
    assert rows == 2
    assert seconds < ONCE_S


def test_a_bundle_that_dies_all_the_time_is_given_up(bundle):
    with Player(bundle, 30) as player, pytest.raises(RefusedError) as caught:
        player.play(table([66] * 40))
    (problem,) = caught.value.problems
    assert problem.code == "P974"
    assert "had to be started 40 times" in problem.what
    assert "SIGSEGV" in problem.what
    assert "asked for" in problem.hint


def test_the_past_does_not_happen_again(workshop, tmp_path):
    """What is replayed must reach nobody: there is no network, and no folder of the user."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        text = (
            f"import os, socket\n\ndef predict(rows):\n    x = rows['x']\n    if (x > 100).any():\n"
            f"        socket.create_connection(('127.0.0.1', {port}), 5)\n"
            f"    return {{'y': x, 'home': [os.getcwd() if one == 50 else '' for one in x]}}\n"
        )
        workshop.write(model=text)
        bundle = workshop.package(lock="off", container="arrays")
        with Player(bundle, 30) as player:
            answer = player.play(table([50, 101]))
    assert list(answer.failed) == [1]
    assert answer.failed[1].kind == "no network at model.py:6 in predict"
    ((_, outputs),) = answer.parts
    assert not outputs["home"][0].startswith(str(tmp_path))
    assert "trimtab-replay-" in outputs["home"][0]


def test_a_bundle_that_does_not_load_is_refused(workshop):
    workshop.write(model="import os\n\ndef predict(rows):\n    return {'y': rows['x']}\n")
    bundle = workshop.package(lock="off", container="arrays")
    code = bundle.folder / "code" / "model.py"
    code.chmod(0o600)
    code.write_text("import os\nos._exit(5)\n")
    with Player(bundle, 30, "baseline") as player, pytest.raises(RefusedError) as caught:
        player.play(table([1]))
    assert "the baseline cannot be loaded" in caught.value.problems[0].what
