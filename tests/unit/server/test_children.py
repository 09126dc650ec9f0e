"""A child as its supervisor sees it: what it says, how it ends, and signals that become calls."""

import os
import select
import signal
import socket

import msgspec
import pytest

from trimtab.server.children import Child, Signals
from trimtab.server.process import Beat


def readable(what, seconds=0.0):
    return bool(select.select([what], [], [], seconds)[0])


@pytest.fixture
def begin():
    """A real process that runs these words of the shell, as a child; and what it beats with."""
    begun = []

    def fork(words):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", words], {"PATH": os.environ["PATH"]})
        begun.append((Child(7, pid, ours), theirs))
        return begun[-1]

    yield fork
    for child, theirs in begun:
        theirs.close()
        if child.line.fileno() >= 0:
            child.signal(signal.SIGKILL)
            child.end()


@pytest.mark.parametrize(("words", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9)])
def test_its_end_can_be_waited_for_and_has_a_status(begin, words, status):
    child, theirs = begin(words)
    assert readable(child, 20)
    descriptor = child.fileno()
    assert child.end() == status
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)
    assert theirs.recv(1) == b""  # its line is closed too


def test_a_signal_reaches_it_and_comes_too_late_without_harm(begin):
    child, _ = begin("exec sleep 100")
    assert not readable(child)
    child.signal(signal.SIGTERM)
    assert readable(child, 20)
    child.signal(signal.SIGTERM)
    assert child.end() == -signal.SIGTERM


def test_of_what_it_has_said_the_last_counts(begin):
    child, theirs = begin("exec sleep 100")
    assert child.hear()
    assert child.beat == Beat()
    for pid in (1, 2, 3):
        theirs.send(msgspec.json.encode(Beat(pids=[pid])))
    assert child.hear()
    assert child.beat == Beat(pids=[3])
    assert child.hear()
    assert child.beat == Beat(pids=[3])


@pytest.mark.parametrize("said", [b"{", b"[]", b'{"pids":"many"}', b"\xff"])
def test_nonsense_is_its_last_word(begin, said):
    child, theirs = begin("exec sleep 100")
    theirs.send(said)
    assert not child.hear()
    assert child.beat == Beat()


def test_one_that_closed_its_line_says_no_more(begin):
    child, theirs = begin("exec sleep 100")
    theirs.send(msgspec.json.encode(Beat(pids=[1])))
    assert child.hear()
    theirs.close()
    assert readable(child.line, 20)
    assert not child.hear()
    assert child.beat == Beat(pids=[1])


def test_signals_are_calls_and_wake_who_polls():
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before, told = [signal.getsignal(number) for number in numbers], []
    with Signals(told.append) as signals:
        assert not readable(signals)
        for number in numbers:
            os.kill(os.getpid(), number)
            assert readable(signals, 20)
            signals.clear()
            assert not readable(signals)
        descriptor = signals.fileno()
    assert told == list(numbers)
    assert [signal.getsignal(number) for number in numbers] == before
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_more_signals_than_anybody_reads_do_no_harm():
    told = []
    with Signals(told.append) as signals:
        for _ in range(3):
            signal.raise_signal(signal.SIGHUP)
        signals.clear()
        assert not readable(signals)
    assert told == [signal.SIGHUP] * 3
