"""A nursery at work, in a program of one thread: it loads, forks workers, kills them, and ends with all of them."""

import json

import pytest

# the server's side of a nursery; what happens to it stands in the test
STORY = """
import json, os, select, signal, sys, threading
import numpy as np
from trimtab.core.errors import Problem, UserError
from trimtab.core.table import Column, Table
from trimtab.server.loading import Loaded
from trimtab.server.workers.channel import channel_pair
from trimtab.server.workers.child import ASK, READY, outcome_of
from trimtab.server.workers.codec import pack_table
from trimtab.server.workers.nursery import Nursery

TABLE = Table({"x": Column(np.arange(3.0))}, 3)

def predict(table):
    return {"y": table.columns["x"].values + os.getpid(), "loaded_by": np.full(table.height, loader)}

def load():
    global loader
    loader = os.getpid()
    LOAD
    return Loaded(predict, alone="why", points={1: 0.5}, threads={"blas": 1})

def here(what):
    assert select.select([what], [], [], 30)[0], "nothing came"
    return what

def event():
    try:
        return here(nursery).event()
    except ConnectionResetError:
        return None  # it ended with orders unread

def spawn(number):
    channel, ends = channel_pair()
    nursery.spawn(number, ends)
    ends.close()
    return channel

def ask(channel):
    channel.send(ASK, pack_table(TABLE))
    outputs = outcome_of(*here(channel).receive()).outputs
    return [outputs["y"].tolist(), int(outputs["loaded_by"][0])]

def ready(channel):
    kind, block = here(channel).receive()
    assert kind == READY
    return json.loads(block)

read, write = os.pipe()  # ends when nobody is left who was forked
nursery = Nursery.fork(load, "m")
os.close(write)

def all_gone():
    nursery.close()
    assert here(read) and os.read(read, 1) == b""
    return os.waitstatus_to_exitcode(os.waitpid(nursery.pid, 0)[1])
"""


@pytest.fixture
def story(alone):
    def run(what, loading="pass"):
        ran = alone(STORY.replace("LOAD", loading) + what)
        assert (ran.returncode, ran.stderr) == (0, "")
        return json.loads(ran.stdout)

    return run


# what loads with threads of its own cannot be forked
THREADS = "threading.Thread(target=threading.Event().wait, daemon=True).start()"


@pytest.mark.parametrize("loading", ["pass", THREADS])
def test_a_worker_says_what_loading_found_and_answers(story, loading):
    found, started, answer, pid, status = story(
        "a = spawn(4); r = ready(a); e = event(); "
        "print(json.dumps([r, [e.what, e.worker], ask(a), e.pid, all_gone()]))",
        loading,
    )
    assert found == {"unfit": "", "alone": "why", "points": {"1": 0.5}, "threads": {"blas": 1}, "yields": False}
    assert (started, status) == (["started", 4], 0)
    assert answer[0] == [pid, pid + 1, pid + 2]


@pytest.mark.parametrize(("loading", "loads"), [("pass", 1), (THREADS, 2)])
def test_workers_share_what_one_process_loaded_unless_it_has_threads(story, loading, loads):
    first, second = story(
        "a, b = spawn(1), spawn(2); ready(a); ready(b); print(json.dumps([ask(a), ask(b)])); all_gone()", loading
    )
    assert first[0] != second[0]
    assert len({first[1], second[1]}) == loads


def test_one_that_is_killed_is_told_and_the_other_goes_on(story):
    events, answer = story("""
a, b = spawn(1), spawn(2)
ready(a); ready(b)
started = {one.worker: one.pid for one in (event(), event())}
nursery.kill(1)
nursery.kill(9)  # never was
ended = event()
assert here(a).receive() is None
print(json.dumps([[ended.what, ended.worker, ended.status, ended.pid == started[1]], ask(b)[0][0] == started[2]]))
all_gone()
""")
    assert events == ["ended", 1, -9, True]
    assert answer is True


def test_one_whose_line_is_closed_ends_well(story):
    assert story("""
a = spawn(1); ready(a); event(); a.close()
ended = event(); print(json.dumps([ended.what, ended.worker, ended.status])); all_gone()
""") == ["ended", 1, 0]


@pytest.mark.parametrize(
    ("loading", "said"),
    [
        ("raise UserError(Problem('P201', 'one'), Problem('P202', 'two'))", [["P201", "one"], ["P202", "two"]]),
        ("raise ValueError('no weights')", [["P305", "model `m` cannot be loaded: ValueError: no weights"]]),
        ("sys.exit(3)", [["P305", "model `m` cannot be loaded: SystemExit: 3"]]),
    ],
)
def test_what_cannot_be_loaded_is_told_once_and_that_is_the_end(story, loading, said):
    story_told = story(
        """
failed = event()
print(json.dumps([failed.what, [[one.code, one.what] for one in failed.problems], event() is None, all_gone()]))
""",
        loading,
    )
    assert story_told == ["failed", said, True, 0]


def test_a_crash_while_loading_is_the_end(story):
    assert story("print(json.dumps([event() is None, all_gone()]))", "os.kill(os.getpid(), signal.SIGKILL)") == [
        True,
        0,
    ]


def test_a_process_that_loaded_and_dies_takes_its_workers_along_and_loading_begins_anew(story):
    first, second = story("""
a = spawn(1); ready(a); event()
by = ask(a)[1]
os.kill(by, signal.SIGKILL)
assert here(a).receive() is None
b = spawn(2); ready(b)
print(json.dumps([by, ask(b)[1]])); all_gone()
""")
    assert first != second


def test_nothing_to_hear_is_said_as_such(story):
    assert story("""
a = spawn(1); ready(a); event()
try:
    nursery.event()
except BlockingIOError:
    print(1)
all_gone()
""") == 1  # fmt: skip


def test_orders_to_one_that_has_gone_are_an_error(story):
    assert story("""
os.kill(nursery.pid, signal.SIGKILL)
os.waitpid(nursery.pid, 0)
assert here(read) and os.read(read, 1) == b""
for order in (lambda: nursery.kill(1), lambda: spawn(1)):
    try:
        order()
    except OSError:
        continue
    raise SystemExit("no error")
print(2)
""") == 2  # fmt: skip
