"""Messages between two ends in one process: small and large ones, an end that has gone, and one that lies."""

import os
import socket

import pytest

from trimtab.server.workers.channel import _HEAD, _SMALL, Channel, ChannelEnds, channel_pair


@pytest.fixture
def pair():
    """The server's end and the worker's."""
    ours, ends = channel_pair()
    theirs = ends.open()
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize("length", [0, 1, _SMALL, _SMALL + 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_a_message_arrives_whole_both_ways(pair, length):
    ours, theirs = pair
    block = os.urandom(length)
    pieces = [block[: length // 3], b"", memoryview(block)[length // 3 :]]
    for sender, receiver in ((ours, theirs), (theirs, ours)):
        sender.send(b"a", pieces)
        assert receiver.receive() == (b"a", block)


def test_the_memory_grows_and_is_used_again(pair):
    ours, theirs = pair
    for length in (100_000, 5_000_000, 100_000, 9_000_000):
        ours.send(b"a", [bytes([length % 251]) * length])
        assert theirs.receive() == (b"a", bytes([length % 251]) * length)


def test_a_message_of_more_pieces_than_the_system_takes_arrives(pair):
    ours, theirs = pair
    ours.send(b"a", [b"x"] * 5000)
    assert theirs.receive() == (b"a", b"x" * 5000)


def test_the_servers_end_does_not_wait(pair):
    with pytest.raises(BlockingIOError):
        pair[0].receive()


def test_an_end_that_has_gone_is_noticed():
    ours, ends = channel_pair()
    theirs = ends.open()
    ours.send(b"a", [b"last"])
    ours.close()
    assert theirs.receive() == (b"a", b"last")
    assert theirs.receive() is None
    for block in (b"x", b"x" * (_SMALL + 1)):
        with pytest.raises(OSError, match="Broken pipe"):
            theirs.send(b"r", [block])
    theirs.close()


@pytest.mark.parametrize(
    "lie",
    [
        b"a",
        _HEAD.pack(b"a", 5, False),
        _HEAD.pack(b"a", 1, False) + b"four",
        _HEAD.pack(b"a", 2**32 - 1, False),
        _HEAD.pack(b"a", 1, True),
        _HEAD.pack(b"a", 2**32 - 1, True),
    ],
)
def test_a_message_that_lies_about_its_length_is_refused(lie):
    ours, ends = channel_pair()
    ends.socket.send(lie)
    with pytest.raises(ValueError, match=r"a message of|a block of"):
        ours.receive()
    ours.close()
    ends.close()


def test_a_length_beyond_the_memory_is_refused_and_the_rest_goes_on():
    ours, ends = channel_pair()
    theirs = Channel(ends.socket, ends.out_fd, ends.in_fd)
    theirs.send(b"r", [bytes(_SMALL + 1)])
    assert ours.receive() == (b"r", bytes(_SMALL + 1))
    ends.socket.send(_HEAD.pack(b"r", 2**30, True))
    with pytest.raises(ValueError, match="in a memory of 1048576"):
        ours.receive()
    theirs.send(b"r", [bytes(_SMALL + 2)])
    assert ours.receive() == (b"r", bytes(_SMALL + 2))
    ours.close()
    theirs.close()


def test_the_memory_cannot_be_made_smaller_under_a_reader():
    ours, ends = channel_pair()
    os.ftruncate(ends.out_fd, 2**20)
    with pytest.raises(PermissionError):
        os.ftruncate(ends.out_fd, 0)
    assert os.fstat(ends.out_fd).st_size == 2**20
    ours.close()
    ends.close()


class Endless:
    """A piece that says it is longer than a message may be."""

    def __len__(self):
        return 2**32


def test_a_block_beyond_all_limits_is_not_sent(pair):
    with pytest.raises(OverflowError):
        pair[0].send(b"a", [Endless()])
    pair[0].send(b"a", [b"next"])
    assert pair[1].receive() == (b"a", b"next")


def test_the_ends_travel_as_descriptors():
    ours, ends = channel_pair()
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with left, right:
        socket.send_fds(left, [b"x"], ends.fds)
        _, fds, _, _ = socket.recv_fds(right, 1, 3)
    ends.close()
    theirs = ChannelEnds.from_fds(fds).open()
    assert theirs.fileno() == fds[0]
    ours.send(b"a", [b"hello"])
    assert theirs.receive() == (b"a", b"hello")
    ours.close()
    theirs.close()
