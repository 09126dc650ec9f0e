"""What becomes of a forked process, in a program of one thread that forks; and the weight of one."""

import ctypes
import json
import mmap
import os

import pytest

from trimtab.server.forked import resident

# forks, and says how its child ended; what the child may do stands in the test
FORK = """
import os, signal, sys
from trimtab.server.forked import as_child
me = os.getpid()
def run():
    {does}
pid = os.fork()
if pid == 0:
    as_child({parent}, run)
    print("returned", flush=True)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def forked(alone, does, parent="me"):
    ran = alone(FORK.format(does=does, parent=parent))
    return ran.stdout, ran.stderr


@pytest.mark.parametrize(("does", "status"), [("return 7", 7), ("return None", 0), ("return 0", 0)])
def test_its_status_is_what_was_returned(alone, does, status):
    assert forked(alone, does) == (f"{status}\n", "")


@pytest.mark.parametrize("does", ["1 / 0", "sys.exit(0)", "raise KeyboardInterrupt"])
def test_nothing_that_is_raised_passes_the_fork(alone, does):
    out, err = forked(alone, does)
    assert out == "1\n"
    assert "Traceback" in err
    assert "in run" in err


@pytest.mark.parametrize("where", ["sys.stdout", "sys.stderr"])
def test_what_it_prints_is_no_answer_of_the_command_s_and_no_line_of_the_log(alone, where):
    out, err = forked(alone, f"print('from\\x1b user code', file={where})")
    event = json.loads(err)
    assert (out, event["event"], event["text"]) == ("0\n", "printed", "from\x1b user code")


def test_one_below_another_prints_as_that_one_does(alone):
    does = "pid = os.fork(); as_child(os.getppid(), lambda: print('deep')) if pid == 0 else os.waitpid(pid, 0)"
    out, err = forked(alone, does)
    assert (out, json.loads(err)["text"]) == ("0\n", "deep")


def test_all_that_is_printed_goes_where_it_is_told_to_go_line_by_line(alone):
    ran = alone("""
        import os, sys
        from trimtab.server.forked import as_child
        def run():
            print("one")
            os.write(1, b"two\\n")
            print("thr\\udce9e", file=sys.stderr)
            os.kill(os.getpid(), 9)
        heard, words = os.pipe()
        me = os.getpid()
        pid = os.fork()
        if pid == 0:
            as_child(me, run, words)
        os.close(words)
        os.waitpid(pid, 0)
        print(os.read(heard, 100), os.read(heard, 1))
    """)
    assert (ran.stdout, ran.stderr) == ("b'one\\ntwo\\nthr\\\\udce9e\\n' b''\n", "")


def test_signals_for_the_whole_group_are_its_parent_s_affair(alone):
    does = "[os.kill(os.getpid(), one) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]; return 5"
    assert forked(alone, does) == ("5\n", "")


def test_one_that_holds_keys_leaves_no_core_and_is_read_by_nobody(alone):
    does = (
        "import ctypes; from trimtab.server.forked import keep_secrets; ask = lambda: ctypes.CDLL(None).prctl(3); "
        "before = ask(); keep_secrets(); return 10 * before + ask()"
    )  # PR_GET_DUMPABLE
    assert forked(alone, does) == ("10\n", "")


def test_one_whose_parent_died_before_does_nothing(alone):
    assert forked(alone, "print('ran', file=sys.stderr)", parent="-1") == ("1\n", "")


def test_it_dies_with_its_parent(alone):
    """The pipe ends when its last writer does: the child waits for ever, and its parent is killed."""
    ran = alone("""
        import os, signal
        from trimtab.server.forked import as_child
        def wait():
            os.write(write, b"child")
            while True:
                signal.pause()
        read, write = os.pipe()
        parent = os.fork()
        if parent == 0:
            me = os.getpid()
            if os.fork() == 0:
                as_child(me, wait)
            while True:
                signal.pause()
        os.close(write)
        assert os.read(read, 5) == b"child"
        os.kill(parent, signal.SIGKILL)
        print(os.read(read, 1), os.waitpid(parent, 0)[1])
    """)
    assert (ran.stdout, ran.stderr) == ("b'' 9\n", "")


def test_a_process_weighs_what_it_holds_in_memory():
    before = resident(os.getpid())
    with mmap.mmap(-1, 64 * 2**20) as kept:  # memory that no allocator has at hand already
        kept.write(bytes(64 * 2**20))
        assert resident(os.getpid()) - before > 32 * 2**20
    assert before > 2**20


def test_one_that_has_gone_weighs_nothing():
    assert resident(2**31 - 1) == 0
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 0"], {})
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended and nobody has asked how
    assert resident(pid) == 0
    os.waitpid(pid, 0)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this system's library has no mallopt")
@pytest.mark.parametrize("said", [{}, {"MALLOC_TRIM_THRESHOLD_": "131072"}, {"MALLOC_MMAP_THRESHOLD_": "131072"}])
def test_memory_that_is_free_is_used_again_unless_the_environment_says_otherwise(alone, said):
    ran = alone(
        """
        import resource
        from trimtab.server.forked import keep_freed
        keep_freed()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(100):
            two = b"1" * 300_000, b"2" * 310_000
            del two
        print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    """,
        **said,
    )
    assert (int(ran.stdout) > 1000) is bool(said), ran.stderr  # pages that were asked for anew
