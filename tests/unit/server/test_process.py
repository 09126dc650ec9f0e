"""One serving process from start to end: real, forked from a program that has imported everything, and short-lived.

The test holds the supervisor's end of the line, the socket's address, and the pipes that its model waits on.
"""

import contextlib
import ctypes
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from trimtab.server.process import Beat, event_loop


def send(connection, x=1.0):
    connection.request("POST", "/v1/models/m/rows", json.dumps([{"x": x}]), {"content-type": "application/json"})


def answer(connection):
    response = connection.getresponse()
    return response.status, json.loads(response.read()).get("rows")


@pytest.fixture(scope="module")
def double(root):
    spec = importlib.util.spec_from_file_location("doubles_serving", root / "tests/doubles/serving.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclass looks for itself
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def program(double):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # a process of one thread, which may fork
    command = [sys.executable, double.__file__, str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()], env=env, stderr=subprocess.PIPE) as process:
        theirs.close()
        yield ours, process
        ours.close()
        process.wait(20)


@pytest.fixture
def said(program):
    """Waits until the model of a process has said this word."""

    def wait(process, word):
        while line := program[1].stderr.readline():
            if line.decode().split() == [str(process.pid), word]:
                return
        raise AssertionError(f"it does not say `{word}`")

    return wait


@pytest.fixture
def begin(double, program):
    """Forks processes: begin("waits", drain_delay_s=1.0); `unread`: on a line that is full."""
    begun = []

    def fork(kind="plain", *, early=False, unread=False, **settings):
        begun.append(double.Process(program[0], kind, settings, early=early, unread=unread))
        return begun[-1]

    yield fork
    for one in begun:
        one.close()


def test_it_loads_answers_says_that_it_stops_and_ends(begin):
    process = begin()
    assert process.line.recv(10_000) == msgspec.json.encode(Beat())
    assert process.beat("ready").unfit == {}
    with contextlib.closing(process.connection()) as connection:
        send(connection)
        assert answer(connection) == (200, [{"y": 2.0}])
    process.signal(signal.SIGTERM)
    assert process.states()[-1] == "stopping"
    assert process.end() == 0


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this system's library has no mallopt")
@pytest.mark.parametrize("settings", [{"workers": 0}, {"workers": 1, "engine": "workers"}])
def test_what_requests_free_is_kept_for_others_and_what_loading_frees_is_not(begin, double, settings):
    process = begin("weighs", **settings)
    process.beat("ready")
    with contextlib.closing(process.connection()) as connection:
        for _ in range(3):
            send(connection)
            status, ((row),) = answer(connection)
    assert status == 200
    assert row["y"] < double.MANY


def test_it_beats_while_it_loads_and_while_nothing_happens(begin):
    process = begin("waits")
    for _ in range(2):
        process.beat("loading")
    process.opens()
    for _ in range(2):
        process.beat("ready")


def test_an_early_one_says_to_callers_that_it_loads(begin):
    process = begin("waits", early=True)
    process.beat("loading")
    with contextlib.closing(process.connection()) as connection:
        send(connection)
        assert answer(connection)[0] == 503
        process.opens()
        process.beat("ready")
        send(connection)
        assert answer(connection) == (200, [{"y": 2.0}])


def test_callers_of_one_that_is_not_early_wait_until_it_is_ready(begin):
    process = begin("waits")
    process.beat("loading")
    with contextlib.closing(process.connection()) as connection:
        send(connection)
        assert not select.select([connection.sock], [], [], 0)[0]
        process.opens()
        assert answer(connection) == (200, [{"y": 2.0}])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_one_that_is_told_to_stop_while_it_loads_does_not_wait_for_the_model(begin, said, number):
    process = begin("waits")
    said(process, "loads")
    process.signal(number)
    assert process.end() == 0


@pytest.mark.parametrize(("kind", "settings"), [("raises 1", {}), ("raises 1", {"workers": 1}), ("raises 500000", {})])
def test_why_a_model_cannot_be_loaded_is_said_before_the_end(begin, kind, settings):
    process = begin(kind, **settings)
    beat = process.beat("failed")
    assert [problem.code for problem in beat.problems] == ["P305"]
    assert beat.problems[0].what.startswith("model `m` cannot be loaded: ValueError: no weights")
    assert (len(beat.problems[0].what) < 21_000, beat.outside) == (True, False)
    assert process.end() == 2


def test_a_model_that_answers_otherwise_than_in_training_is_said_to_be_unfit(begin):
    assert "golden row" in begin("unfit").beat("ready").unfit["m"]


def test_what_was_taken_is_answered(begin, said):
    process = begin(on_loop_s=0.0)
    process.beat("ready")
    with contextlib.closing(process.connection()) as connection:
        send(connection, 13.0)
        said(process, "asked")
        process.signal(signal.SIGTERM)
        process.beat("stopping")
        process.opens()
        assert answer(connection) == (200, [{"y": 26.0}])
    assert process.end() == 0


def test_a_silent_caller_is_waited_for_unless_somebody_at_a_terminal_waits(begin):
    process = begin(drain_timeout_s=1000.0, idle_timeout_s=1000.0, drain_delay_s=1000.0)
    process.beat("ready")
    with contextlib.closing(process.connection()) as connection:
        send(connection)
        answer(connection)
        process.signal(signal.SIGINT)
        assert "stopping" not in process.states()
        assert process.end() == 0


def test_one_that_was_replaced_does_not_delay_its_end(begin):
    process = begin(drain_delay_s=1000.0)
    process.beat("ready")
    process.signal(signal.SIGUSR1)
    assert "stopping" not in process.states()
    assert process.end() == 0


def test_one_whose_supervisor_has_gone_ends(begin):
    process = begin()
    process.beat("ready")
    process.line.close()
    assert process.end() == 0


def test_one_whose_supervisor_does_not_read_goes_on(begin):
    process = begin(unread=True)
    with contextlib.closing(process.connection()) as connection:
        send(connection)
        assert answer(connection) == (200, [{"y": 2.0}])
    process.beat("ready")  # it is heard as soon as it is read


def test_one_that_has_lost_its_nursery_gives_up(begin):
    process = begin(workers=1)
    assert len(process.beat("ready").pids) == 1
    [nursery] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(nursery), signal.SIGKILL)
    assert process.end() == 70


def test_its_loop_is_the_fast_one():
    import uvloop

    assert event_loop() is uvloop.new_event_loop
